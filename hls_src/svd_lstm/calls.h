// What dispatch tells each process of a call.
#pragma once
#include "svd_lstm/position.h"

inline UCall u_call(Kind kind, const PartProgram &program, int records) {
#pragma HLS INLINE
  return {kind, program.u_start, program.u_words, program.slots, records};
}

inline int32_t p_limit(const PairLane &lane) {
#pragma HLS INLINE
  return lane.present ? (1 << (lane.p_bits - 1)) - 1 : 0;
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

inline RouteCall route_call(const Position &at, const Directory &directory) {
#pragma HLS INLINE
  const Pair &pair = directory.pair[at.pair];
  const int collect = at.pair == 0 ? directory.collect : 0;
  RouteCall call = {at.kind, pair.route_start, pair.route_words, int32_t(directory.records[kRoute]), collect, {}};
  route_from: for (int k = 0; k < design::kMaxPairs; ++k) {
#pragma HLS UNROLL
    call.from[k] = directory.from[k];
  }
  return call;
}

inline SigmaCall sigma_call(const Position &at, const Directory &directory, const Program &program, const Order &order,
                            bool begins, const bool (&valid)[kLanes]) {
#pragma HLS INLINE
  const Pair &pair = directory.pair[at.pair];
  const bool runs = order.command == Command::kRun;
  const Start from = order.command == Command::kResetState ? Start::kZero : runs ? order.from : Start::kMemory;
  return {at.kind,
          from,
          begins,
          runs && (at.kind == Kind::kPrime || at.wave + 1 < at.waves),
          pair.collected != 0,
          at.pair,
          pair.h_tiles,
          pair.bias_start,
          int32_t(directory.records[kBias]),
          {pair.lane[0].pre_shift - 8, pair.lane[1].pre_shift - 8},
          {pair.lane[0].fraction, pair.lane[1].fraction},
          {valid[0], valid[1]},
          program.part[0].u_words + program.part[1].u_words,
          program.part[0].v_words + program.part[1].v_words};
}
