// SPDX-License-Identifier: Apache-2.0
// What dispatch tells a part of the engine of a call.
#pragma once
#include "block_diagonal_lstm/tokens.h"
#include "common/calls.h"

inline PartCall part_call(Kind kind, const Program &program, int part, const Directory &directory, const Pair &pair,
                          bool valid) {
#pragma HLS INLINE
  const PartProgram own = program.part[part];
  const int columns = part == 0 ? kInputColumns : kHiddenColumns;
  return {kind,
          part == 0 ? pair.x_tiles : pair.h_tiles,
          own.column_start,
          own.words,
          own.word_start,
          own.groups,
          own.rank * own.groups,
          int32_t(directory.records[columns]),
          int32_t(directory.records[columns + 1]),
          pair.lane[0].s_shift[part],
          p_limit(pair.lane[0]),
          own.sum_shift,
          valid};
}
