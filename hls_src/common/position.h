// SPDX-License-Identifier: Apache-2.0
// The order in which a command's calls come: pairs of a wave, waves of a sequence, sequences of a run; a report ends it.
#pragma once
#include "common/directory.h"
#include <hls_stream.h>

enum class Command : uint8_t { kIdentify, kLoad, kRun, kEcho, kStateRead, kStateWrite, kResetState, kCommands };

struct Order { // of the host, checked
  Command command;
  Start from;
  bool keep; // final states go to memory
  int32_t sequences, refinements;
};

struct Position {
  Kind kind;
  int32_t sequence, wave, waves, length, pair;
};

struct Directory {
  int32_t pairs, collect; // tiles of h that `route` takes over in a wave, and of which pairs
  Collected from[design::kMaxPairs];
  uint32_t records[kSections];
  Pair pair[design::kMaxPairs];
  int32_t chosen[design::kMaxPairs]; // program of each pair for the prefix asked for
  int32_t longest_lag;
};

inline Position first_position(Command command) {
#pragma HLS INLINE
  const Kind kind = command == Command::kLoad        ? Kind::kLoad
                    : command == Command::kStateRead ? Kind::kDump
                                                     : Kind::kPrime;
  return {kind, 0, 0, 0, 0, 0};
}

inline Position next_position(Position at, const Order &order, int pairs) {
#pragma HLS INLINE
  if (at.pair + 1 < pairs) {
    at.pair += 1;
    return at;
  }
  at.pair = 0;
  if (order.command != Command::kRun) {
    at.kind = Kind::kReport;
  } else if (at.kind == Kind::kPrime || (at.kind == Kind::kStep && at.wave + 1 < at.waves)) {
    at.wave = at.kind == Kind::kPrime ? 0 : at.wave + 1;
    at.kind = Kind::kStep;
  } else if (at.kind == Kind::kStep && order.keep) {
    at.kind = Kind::kDump;
  } else {
    at.sequence += 1;
    at.kind = at.sequence < order.sequences ? Kind::kPrime : Kind::kReport;
  }
  return at;
}
