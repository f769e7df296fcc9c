// Channels without exactly one writer and one reader; told by what callees of callees do.
#include "minimal.h"

struct Calls {
  stream_t u, v;
};

template <class Stream> static void send(int n, Stream &out) { out.write(n); }
static void produce(int n, stream_t &out) { send(n, out); }
static void merge(stream_t &a, stream_t &b, stream_t &out) { out << a.read() + b.read(); }
static void consume(stream_t &in, int *out) { *out = in.read(); }
static void both(stream_t &loop) { loop.write(loop.read()); }
static void order(int n, Calls &calls) { calls.u.write(n); }
static void fill(int (&buffer)[8], int n) {
  for (int i = 0; i < 8; ++i) buffer[i] = n;
}
static void drain(const int (&buffer)[8], stream_t &out) {
  for (int i = 0; i < 8; ++i) out.write(buffer[i]);
}

static void region(int n, stream_t &shared, int *out) { // expect: dataflow-channel
#pragma HLS DATAFLOW
  stream_t twice("twice"); // expect: dataflow-channel
  stream_t unread("unread"); // expect: dataflow-channel
  stream_t unwritten("unwritten"); // expect: dataflow-channel
  stream_t idle("idle"); // expect: dataflow-channel
  stream_t own("own"); // expect: dataflow-channel
  stream_t good("good"); // expect: dataflow-channel
  Calls calls; // expect: dataflow-channel
  stream_t many[2]; // expect: dataflow-channel
  int buffer[8]; // expect: dataflow-channel
  produce(n, twice);
  produce(n, twice);
  produce(n, unread);
  produce(n, shared);
  produce(n, shared);
  both(own);
  order(n, calls);
  produce(n, many[0]);
  produce(n, many[0]);
  fill(buffer, n);
  drain(buffer, good);
  drain(buffer, many[1]);
  merge(twice, unwritten, good);
  merge(calls.u, calls.v, many[1]);
  merge(many[0], many[1], good);
  consume(good, out);
}

extern "C" void top(int n, int *out) {
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
  stream_t shared("shared"); // expect: dataflow-channel
  region(n, shared, out);
}
