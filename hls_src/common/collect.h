// SPDX-License-Identifier: Apache-2.0
// Collect: tiles of h and of states to beats. docs/accelerator_image.md, section 4.
#pragma once
#include "common/tokens.h"
#include <hls_stream.h>

// Beat `place` of a state: h, then c, each lane after lane.
inline beat_t beat_of(const State &state, int place) {
#pragma HLS INLINE
  constexpr int kPerBeat = kBeatBytes / kActivationBytes, kCells = kBeatBytes / 2;
  beat_t beat = beat_t(uint8_t(0));
  beat_elements: for (int all = 0; all < kLanes * kVTile; ++all) {
#pragma HLS UNROLL
    const int lane = all / kVTile, i = all % kVTile;
    if (place == all / kPerBeat) {
      put<kActivationBytes>(beat, all % kPerBeat * kActivationBytes, int64_t(state.h.value[lane][i]));
    }
    if (place == kHBeats + all / kCells) put<2>(beat, all % kCells * 2, int64_t(state.c[lane][i]));
  }
  return beat;
}

inline void collect(int count, hls::stream<CollectCall> &calls, hls::stream<State> &states, hls::stream<beat_t> &out) {
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const CollectCall call = calls.read();
    const int beats = call.kind == Kind::kDump ? kStateBeats : kHBeats; // a step shows its h only
    State state = zero_state();
    int place = 0;
    collect_beats: for (int n = 0; n < call.tiles * beats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=256
      if (place == 0) state = states.read();
      out.write(beat_of(state, place));
      place = place == beats - 1 ? 0 : place + 1;
    }
  }
}
