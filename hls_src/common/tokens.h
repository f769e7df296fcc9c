// SPDX-License-Identifier: Apache-2.0
// What goes between the processes that all engines share: call tokens from `dispatch`, data from unit to unit. Lanes
// are the LSTMs of a pair, gates stand in the order i, f, g, o.
#pragma once
#include "common/beats.h"
#include "common/clear.h"
#include "common/integers.h"
#include "config.h"

using act_t = sint<design::kActivationBits>; // x and h
using p_t = sint<design::kPBits>;            // what meets the second product
using acc_t = sint<32>;                      // sums of one gate output, exact
using cell_t = sint<16>;

enum class Kind : uint8_t { kLoad, kPrime, kStep, kDump, kReport };
enum class Start : uint8_t { kZero, kMemory, kResident }; // where a sequence's state comes from

struct Collected { // a pair whose h routes read
  uint16_t pair, tiles;
};
struct RouteCall {
  Kind kind;
  int32_t start, words, records;
  int32_t collect; // tokens of h to take over first
  Collected from[design::kMaxPairs];
};
struct HTilesCall {
  Kind kind;
  int32_t tiles;
};
struct SigmaCall {
  Kind kind;
  Start from;
  bool begins;    // the first call of a command
  bool emit;      // h goes to the next step
  bool collected; // and to `route`
  int32_t pair, tiles, bias_start, records;
  int32_t pre_shift[kLanes], fraction[kLanes];
  int32_t coarser_gates[kLanes], coarser_cell[kLanes]; // bits that gates and c are short of 16
  bool valid[kLanes];
  int32_t u_words, v_words;
};
struct CollectCall {
  Kind kind;
  int32_t tiles;
};

struct XLane {
  act_t value[kUTile];
};
struct XTile {
  XLane lane[kLanes];
};
struct HTile {
  act_t value[kLanes][kVTile];
};
struct State {
  HTile h;
  cell_t c[kLanes][kVTile];
};

inline XTile zero_x() {
#pragma HLS INLINE
  XTile tile;
  zero_x_lanes: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
    clear(tile.lane[m].value);
  }
  return tile;
}
inline State zero_state() {
#pragma HLS INLINE
  State state;
  clear(state.h.value);
  clear(state.c);
  return state;
}

struct Sums {
  acc_t value[kGates][kVTile][kLanes];
};
struct Report {
  uint32_t steps, u_words, v_words, clipped_p, clipped_pre, clipped_c;
};
