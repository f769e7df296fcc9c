// SPDX-License-Identifier: Apache-2.0
// Joins the tiles of h into tiles of the hidden part's vector.
#pragma once
#include "common/route.h"

inline void h_tiles(int count, hls::stream<HTilesCall> &calls, hls::stream<HTile> &feedback,
                    hls::stream<XTile> &tiles) {
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const HTilesCall call = calls.read();
    XTile joined = zero_x();
    join_tiles: for (int tile = 0; tile < call.tiles; ++tile) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=64
      const HTile h = feedback.read();
      join(h, tile % kJoined == 1, joined);
      if (tile % kJoined == kJoined - 1 || tile == call.tiles - 1) tiles.write(joined);
    }
  }
}
