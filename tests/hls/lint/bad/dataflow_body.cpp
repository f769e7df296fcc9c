// Regions that are not declarations and calls of void functions.
#include "minimal.h"

static void produce(int n, stream_t &out) { out.write(n); }
static void consume(stream_t &in, int *out) { *out = in.read(); }
static int answer(int n) { return n + 1; }
static void inlined(stream_t &in, stream_t &out) {
#pragma HLS INLINE
  out.write(in.read());
}

static void region(int n, int *out) {
#pragma HLS DATAFLOW
  stream_t a("a"), b("b");
  int doubled = n * 2; // expect: dataflow-body
  int made = answer(n); // expect: dataflow-body
  const int fixed = 3;
  produce(fixed, a);
  n = 4; // expect: dataflow-body
  if (n > 2) made = 1; // expect: dataflow-body
  inlined(a, b); // expect: dataflow-inline
  answer(doubled); // expect: dataflow-body
  b.write(made); // expect: dataflow-body
  for (int i = 0; i < 3; ++i) doubled += i; // expect: dataflow-body
  consume(b, out);
  return; // expect: dataflow-body
}

static void computed(int n, int *out) {
#pragma HLS DATAFLOW
  stream_t a("a");
  produce(n * 2, a); // expect: dataflow-argument
  consume(a, out);
}

static void late(int n, int *out) {
  stream_t a("a");
#pragma HLS DATAFLOW // expect: pragma-position
  produce(n, a);
  consume(a, out);
}

extern "C" void top(int n, int *out) {
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
  region(n, out);
  computed(n, out);
  late(n, out);
}
