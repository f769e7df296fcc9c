// SPDX-License-Identifier: Apache-2.0
// What dispatch tells the units of the engine of a call.
#pragma once
#include "common/calls.h"
#include "svd_lstm/tokens.h"

inline UCall u_call(Kind kind, const PartProgram &program, int records) {
#pragma HLS INLINE
  return {kind, program.u_start, program.u_words, program.slots, records};
}

inline SCall s_call(Kind kind, const PartProgram &program, int records, const Pair &pair, int part, int refinements,
                    const bool (&valid)[kLanes]) {
#pragma HLS INLINE
  return {kind,
          program.s_start,
          program.slots,
          records,
          refinements,
          {pair.lane[0].s_shift[part], pair.lane[1].s_shift[part]},
          {p_limit(pair.lane[0]), p_limit(pair.lane[1])},
          {valid[0], valid[1]}};
}

inline VCall v_call(Kind kind, const PartProgram &program, int records) {
#pragma HLS INLINE
  return {kind, program.v_start, program.v_words, program.slots, records};
}
