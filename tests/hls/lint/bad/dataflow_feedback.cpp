// Data that goes backward in a region without being a stream from outside.
#include "minimal.h"

static void first(stream_t &back, stream_t &forward) { forward.write(back.read()); }
static void second(stream_t &forward, stream_t &back) { back.write(forward.read()); }
static void keep(stream_t &in, int &state, int *out) {
  state += in.read();
  *out = state;
}
static void early(const int (&buffer)[8], stream_t &out) { out.write(buffer[0]); }
static void late(int (&buffer)[8]) { buffer[0] = 1; }

static void loop(int count, stream_t &allowed) {
  calls: for (int n = 0; n < count; ++n) {
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    stream_t forward("forward");
    stream_t back("back"); // expect: dataflow-feedback
    static stream_t held("held");
    stream_t there("there");
    first(back, forward);
    second(forward, back);
    first(held, there);
    second(there, held);
    stream_t again("again");
    first(allowed, again);
    second(again, allowed);
  }
}

static void backward(int *out) {
#pragma HLS DATAFLOW
  int buffer[8]; // expect: dataflow-feedback
  stream_t a("a");
  int state; // expect: dataflow-channel
  early(buffer, a);
  late(buffer);
  keep(a, state, out);
}

static void outside(int count, int *out) {
  int state = 0; // expect: dataflow-feedback
  stream_t a("a"); // expect: dataflow-channel
  calls: for (int n = 0; n < count; ++n) { // expect: dataflow-loop
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    stream_t forward("forward");
    first(a, forward);
    keep(forward, state, out);
  }
}

extern "C" void top(int n, int *out) {
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
  stream_t allowed("allowed");
  loop(n, allowed);
  backward(out);
  outside(n, out);
}
