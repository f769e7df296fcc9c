// Processes in a header, and a function of another source.
#pragma once
#include <cstdint>
#include <hls_stream.h>

namespace forms {

constexpr int kItems = 6, kSent = 5; // an iteration of `feed` sends nothing

int bonus(int n); // more.cpp

struct Triple { // a process that is a static member of its parameters
  static constexpr int kFactor = 3, kII = 2, kDepth = 5;
  static void run(hls::stream<int> &in, hls::stream<int> &out) {
    scale: for (int i = 0; i < kSent; ++i) {
#pragma HLS PIPELINE II=kII
      out.write(kFactor * in.read());
    }
  }
};

// A process that chooses a stream of an array by iteration and by call.
template <class P>
void feed(int call, int offset, const int64_t weight, hls::stream<int> (&to)[2][2]) {
  feed_items: for (int i = 0; i < kItems; ++i) {
#pragma HLS PIPELINE II=1
    if (i == 1) continue;
    to[i % 2][call % 2].write(int(weight) * (100 * call + offset + i));
  }
}

template <class P> void merge(int call, hls::stream<int> (&from)[2][2], hls::stream<int> &out) {
  merge_items: for (int i = 0; i < kItems; ++i) {
#pragma HLS PIPELINE II=1
    if (i == 1) continue;
    out.write(from[i % 2][call % 2].read());
  }
}

} // namespace forms
