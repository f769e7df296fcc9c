// Small dataflow regions whose twins in Verilog are in chain.v: the calibration of the timing model.
#include <hls_stream.h>

static void source(hls::stream<int> &out, int n) {
  send: for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II=1
    out.write(i);
  }
}

static void middle(hls::stream<int> &in, hls::stream<int> &out, int n) {
  pass: for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II=1
    out.write(in.read());
  }
}

static void sink(hls::stream<int> &in, int n) {
  take: for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II=1
    in.read();
  }
}

static void forked(hls::stream<int> &out, hls::stream<int> &also, int n) {
  split: for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II=1
    out.write(i);
    also.write(i);
  }
}

static void joined(hls::stream<int> &in, hls::stream<int> &also, int n) {
  unite: for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II=1
    in.read();
    also.read();
  }
}

static void head(hls::stream<int> &feedback, hls::stream<int> &out, int n) {
  begin: for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II=1
    const int h = i == 0 ? 0 : feedback.read();
    out.write(h + 1);
  }
}

static void tail(hls::stream<int> &in, hls::stream<int> &feedback, int n) {
  back: for (int i = 0; i < n; ++i) {
#pragma HLS PIPELINE II=1
    const int h = in.read();
    if (i != n - 1) feedback.write(h);
  }
}

static void two(int n) {
#pragma HLS DATAFLOW
  hls::stream<int> a("a");
  source(a, n);
  sink(a, n);
}

static void three(int n) {
#pragma HLS DATAFLOW
  hls::stream<int> a("a"), b("b");
  source(a, n);
  middle(a, b, n);
  sink(b, n);
}

// One way of the fork is longer by a process.
static void fork(int n) {
#pragma HLS DATAFLOW
  hls::stream<int> a("a"), b("b"), c("c");
  forked(a, c, n);
  middle(a, b, n);
  joined(b, c, n);
}

static void feedback(int n) {
#pragma HLS DATAFLOW
  hls::stream<int> a("a"), b("b");
  head(b, a, n);
  tail(a, b, n);
}

static void called(int n, int calls) {
  turns: for (int turn = 0; turn < calls; ++turn) {
#pragma HLS DATAFLOW
    hls::stream<int> a("a"), b("b");
    source(a, n);
    middle(a, b, n);
    sink(b, n);
  }
}

extern "C" void chain(int region, int n, int calls) {
  if (region == 0) two(n);
  if (region == 1) three(n);
  if (region == 2) fork(n);
  if (region == 3) feedback(n);
  if (region == 4) called(n, calls);
}
