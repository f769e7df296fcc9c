// SPDX-License-Identifier: Apache-2.0
// Indexes and flags of the route records of a pair.
#pragma once
#include "common/directory.h"
#include "common/fault.h"

inline bool term_in_order(const beat_t &beat, int lane, const Pair (&pairs)[design::kMaxPairs], int count) {
#pragma HLS INLINE
  const int first = 2 + 5 * lane, kind = beat[first], from = beat[first + 1], source = beat[first + 2];
  const int tile = beat[first + 3], shift = int8_t(beat[first + 4]);
  const bool known = from < count && source < kLanes;
  const Pair &pair = pairs[known ? from : 0];
  const int tiles = (pair.h_tiles + kJoined - 1) / kJoined;
  const bool held = known && pair.collected && pair.lane[known ? source : 0].present && tile < tiles;
  const bool nothing = from == 0 && source == 0 && tile == 0;
  return kind <= 2 && -8 <= shift && shift <= 8 && (kind == 2 ? held : nothing) && (kind != 0 || shift == 0);
}

inline Verdict check_route(const beat_t *in, uint32_t base, int own, const Pair (&pairs)[design::kMaxPairs],
                           int count) {
  const Pair pair = pairs[own];
  Fault fault = {false, 0};
  int complete = 0, external = 0;
  bool open = false;
  check_route_words: for (int n = 0; n < pair.route_words; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=512
    const uint32_t at = base + pair.route_start + n;
    const beat_t beat = in[at];
    bool good = true, takes = false;
    check_route_lanes: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
      good = good && term_in_order(beat, m, pairs, count);
      takes = takes || beat[2 + 5 * m] == 1; // from memory
    }
    check_route_rest: for (int i = 2 + 5 * kLanes; i < kBeatBytes; ++i) {
#pragma HLS UNROLL
      good = good && beat[i] == 0;
    }
    fault.note(!good || beat[0] > 1 || beat[1] != 0, at);
    external += takes;
    complete += beat[0];
    open = beat[0] == 0;
  }
  fault.note(complete != pair.x_tiles || external != pair.external_tiles || open, base + pair.route_start);
  return verdict_of(fault);
}
