// SPDX-License-Identifier: Apache-2.0
// The image's directory: what runs, and where its words are. docs/accelerator_image.md, section 2.
#pragma once
#include "common/tokens.h"

constexpr int kHeaderBeats = 5, kPairBeats = 2, kProgramBeats = 2;

struct PairLane {
  bool present;
  uint8_t s_shift[kParts], pre_shift, fraction, lag, p_bits; // pre_shift is 8 more than the model's
  uint8_t coarser; // bits 0-3: what gates are short of 16 bits, 4-7: what c is
};
struct Pair {
  uint16_t x_tiles, h_tiles, external_tiles, route_start, route_words, programs, bias_start, collected;
  PairLane lane[kLanes];
};
struct Program {
  PartProgram part[kParts];
};

inline Pair parse_pair(const beat_t &sizes, const beat_t &lanes) {
#pragma HLS INLINE
  Pair pair = {uint16_t(take_u16(sizes, 0)),  uint16_t(take_u16(sizes, 2)),  uint16_t(take_u16(sizes, 4)),
               uint16_t(take_u16(sizes, 6)),  uint16_t(take_u16(sizes, 8)),  uint16_t(take_u16(sizes, 10)),
               uint16_t(take_u16(sizes, 12)), uint16_t(take_u16(sizes, 14)), {}};
  parse_lanes: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
    const int first = 8 * m;
    pair.lane[m] = {lanes[first] == 1,         {uint8_t(lanes[first + 1]), uint8_t(lanes[first + 2])},
                    uint8_t(lanes[first + 3]), uint8_t(lanes[first + 4]),
                    uint8_t(lanes[first + 5]), uint8_t(lanes[first + 6]),
                    uint8_t(lanes[first + 7])};
  }
  return pair;
}
