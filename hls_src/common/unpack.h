// SPDX-License-Identifier: Apache-2.0
// Beats of 16 bytes to the tokens of the units. docs/accelerator_image.md, section 3.
#pragma once
#include "common/tokens.h"
#include <hls_stream.h>

inline void forward(hls::stream<beat_t> &memory, hls::stream<beat_t> &image, int beats) {
  forward_beats: for (int n = 0; n < beats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=4096
    image.write(memory.read());
  }
}

// Tiles of x, lane after lane.
inline void forward_x(hls::stream<beat_t> &memory, hls::stream<XTile> &tiles, int count) {
  constexpr int kPerBeat = kBeatBytes / kActivationBytes;
  XTile tile = zero_x();
  int place = 0;
  x_beats: for (int n = 0; n < count * kLanes * kXBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=2 max=128
    const beat_t beat = memory.read();
    x_elements: for (int all = 0; all < kLanes * kUTile; ++all) {
#pragma HLS UNROLL
      const int lane = all / kUTile, i = all % kUTile;
      if (place == lane * kXBeats + i / kPerBeat) {
        tile.lane[lane].value[i] = take<act_t, kActivationBytes>(beat, i % kPerBeat * kActivationBytes);
      }
    }
    const bool complete = place == kLanes * kXBeats - 1;
    place = complete ? 0 : place + 1;
    if (complete) tiles.write(tile);
  }
}

// Tiles of a state: h, then c, each lane after lane.
inline void forward_state(hls::stream<beat_t> &memory, hls::stream<State> &states, int count) {
  constexpr int kPerBeat = kBeatBytes / kActivationBytes, kCells = kBeatBytes / 2;
  State state = zero_state();
  int place = 0;
  state_beats: for (int n = 0; n < count * kStateBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=2 max=256
    const beat_t beat = memory.read();
    state_elements: for (int all = 0; all < kLanes * kVTile; ++all) {
#pragma HLS UNROLL
      const int lane = all / kVTile, i = all % kVTile;
      if (place == all / kPerBeat) {
        state.h.value[lane][i] = take<act_t, kActivationBytes>(beat, all % kPerBeat * kActivationBytes);
      }
      if (place == kHBeats + all / kCells) state.c[lane][i] = take<cell_t, 2>(beat, all % kCells * 2);
    }
    const bool complete = place == kStateBeats - 1;
    place = complete ? 0 : place + 1;
    if (complete) states.write(state);
  }
}
