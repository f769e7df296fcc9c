// Memory that two processes of a region share.
#include "minimal.h"

static int table[16];            // expect: dataflow-static
static const int kTable[2] = {1, 2}; // constant: anyone may read it
static stream_t global("global");

template <int Part> static int count(int n) {
  static int seen[4]; // expect: dataflow-static
  seen[n & 3] += Part;
  return seen[0] + kTable[n & 1];
}
static void load(const int *in, stream_t &out) { out.write(in[0] + table[0] + kTable[0]); }
static void load_more(const int *in, stream_t &a, stream_t &out) { out.write(a.read() + in[1]); }
static void unit(stream_t &in, stream_t &out) { out.write(count<1>(in.read())); }
static void other(stream_t &in, stream_t &out) { out.write(count<2>(in.read()) + table[1]); }
static void store(stream_t &in, int *out) { out[0] = in.read(); }

static void pointers(const int *in, const int *more, int *out) { // line of the brace: expect: dataflow-maxi
#pragma HLS DATAFLOW
  stream_t a("a"), b("b");
  load(in, a);
  load_more(in, a, b);
  store(b, out);
}

static void bundles(const int *in, const int *more, int *out) { // two pointers, one bundle; expect: dataflow-maxi
#pragma HLS DATAFLOW
  stream_t a("a"), b("b");
  load(in, a);
  load_more(more, a, b);
  store(b, out);
}

static void memories(const int *in, int *out) {
#pragma HLS DATAFLOW
  static int local[4]; // expect: dataflow-static
  stream_t a("a"), b("b"), c("c"), d("d");
  load(in, a);
  unit(a, b);
  unit(b, c);
  other(c, d);
  store(d, out);
}

extern "C" void top(const int *in, const int *more, int *out) {
#pragma HLS INTERFACE m_axi port=in bundle=gmem0 offset=slave depth=16
#pragma HLS INTERFACE m_axi port=more bundle=gmem0 offset=slave depth=16
#pragma HLS INTERFACE m_axi port=out bundle=gmem1 offset=slave depth=16
#pragma HLS INTERFACE s_axilite port=return
  pointers(in, more, out);
  bundles(in, more, out);
  memories(in, out);
}
