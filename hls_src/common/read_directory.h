// SPDX-License-Identifier: Apache-2.0
// The directory of an image, as dispatch keeps it.
#pragma once
#include "common/position.h"
#include <hls_stream.h>

inline void read_directory(hls::stream<beat_t> &memory, Directory &directory,
                           Program (&programs)[design::kMaxPrograms]) {
  beat_t header[kHeaderBeats];
#pragma HLS ARRAY_PARTITION variable=header complete
  read_header: for (int n = 0; n < kHeaderBeats; ++n) {
#pragma HLS PIPELINE II=1
    header[n] = memory.read();
  }
  directory.pairs = take_u32(header[2], 0);
  const int count = take_u32(header[2], 4);
  directory.collect = take_u32(header[2], 12);
  read_sections: for (int section = 0; section < kSections; ++section) {
#pragma HLS UNROLL
    directory.records[section] = take_u32(header[3 + section / 4], section % 4 * 4);
  }
  directory.longest_lag = 0;
  int collected = 0;
  read_pairs: for (int pair = 0; pair < directory.pairs; ++pair) {
#pragma HLS PIPELINE II=2
#pragma HLS LOOP_TRIPCOUNT min=1 max=4
    const beat_t sizes = memory.read(), lanes = memory.read();
    directory.pair[pair] = parse_pair(sizes, lanes);
    if (directory.pair[pair].collected) {
      directory.from[collected] = {uint16_t(pair), directory.pair[pair].h_tiles};
      ++collected;
    }
    longest_lag: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
      const int lag = directory.pair[pair].lane[m].lag;
      if (lag > directory.longest_lag) directory.longest_lag = lag;
    }
  }
  read_programs: for (int n = 0; n < count; ++n) {
#pragma HLS PIPELINE II=2
#pragma HLS LOOP_TRIPCOUNT min=1 max=64
    programs[n].part[0] = parse_program(memory.read());
    programs[n].part[1] = parse_program(memory.read());
  }
}

// The first program of each pair that holds the prefix, else its last one.
inline void choose_programs(Directory &directory, const Program (&programs)[design::kMaxPrograms], int refinements) {
  int first = 0;
  choose_pairs: for (int pair = 0; pair < directory.pairs; ++pair) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=4
    const int end = first + directory.pair[pair].programs;
    int chosen = end - 1;
    choose_prefix: for (int n = end - 1; n >= first; --n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=64
      if (programs[n].part[0].prefix >= refinements) chosen = n;
    }
    directory.chosen[pair] = chosen;
    first = end;
  }
}

inline void begin_command(const Order &order, hls::stream<beat_t> &memory, Directory &directory,
                          Program (&programs)[design::kMaxPrograms], Position &at) {
#pragma HLS INLINE
  at = first_position(order.command);
  if (order.command == Command::kLoad) read_directory(memory, directory, programs);
  choose_programs(directory, programs, order.refinements);
}

inline bool begins_sequence(const Order &order, const Position &at) {
#pragma HLS INLINE
  return order.command == Command::kRun && at.kind == Kind::kPrime && at.pair == 0;
}

inline void read_length(hls::stream<beat_t> &memory, const Directory &directory, Position &at) {
#pragma HLS INLINE
  at.length = take_u32(memory.read(), 0);
  at.waves = at.length + directory.longest_lag;
}

// The lanes of a pair that have a step in this wave.
inline void valid_lanes(const Pair &pair, const Position &at, bool (&valid)[kLanes]) {
#pragma HLS INLINE
  dispatch_valid: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
    const int step = at.wave - pair.lane[m].lag;
    valid[m] = pair.lane[m].present && 0 <= step && step < at.length;
  }
}
