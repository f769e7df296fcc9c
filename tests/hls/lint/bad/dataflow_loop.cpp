// Dataflow loops that are not canonical.
#include "minimal.h"

static void produce(int n, stream_t &out) { out.write(n); }
static void consume(stream_t &in, int *out) { *out = in.read(); }

static void from_one(int count, int *out) {
  calls: for (int n = 1; n < count; ++n) { // expect: dataflow-loop
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    stream_t a("a");
    produce(n, a);
    consume(a, out);
  }
}

static void by_two(int count, int *out) {
  calls: for (int n = 0; n < count; n += 2) { // expect: dataflow-loop
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    stream_t a("a");
    produce(n, a);
    consume(a, out);
  }
}

static void odd_end(int count, int *out) {
  calls: for (int n = 0; n < count - 1; ++n) { // expect: dataflow-loop
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    stream_t a("a");
    produce(n, a);
    consume(a, out);
  }
}

static void wide(int64_t count, int *out) {
  calls: for (int64_t n = 0; n < count; ++n) { // expect: dataflow-loop
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    stream_t a("a");
    produce(n, a);
    consume(a, out);
  }
}

static void leaving(int count, int *out) {
  calls: for (int n = 0; n < count; ++n) {
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    stream_t a("a");
    produce(n, a);
    consume(a, out);
    break; // expect: dataflow-loop, dataflow-body
  }
}

static void whiling(int count, int *out) {
  while (count < 3) { // expect: dataflow-loop
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    stream_t a("a");
    produce(count, a);
    consume(a, out);
  }
}

static void in_company(int count, int *out) {
  int before = count; // so the loop is not alone
  calls: for (int n = 0; n < count; ++n) { // expect: dataflow-loop
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    stream_t a("a");
    produce(before, a);
    consume(a, out);
  }
}

extern "C" void top(int n, int *out) {
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
  from_one(n, out);
  by_two(n, out);
  odd_end(n, out);
  wide(n, out);
  leaving(n, out);
  whiling(n, out);
  in_company(n, out);
}
