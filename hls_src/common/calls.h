// SPDX-License-Identifier: Apache-2.0
// What dispatch tells the processes that all engines share of a call.
#pragma once
#include "common/position.h"

inline int32_t p_limit(const PairLane &lane) {
#pragma HLS INLINE
  return lane.present ? (1 << (lane.p_bits - 1)) - 1 : 0;
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
  SigmaCall call = {at.kind,
                    from,
                    begins,
                    runs && (at.kind == Kind::kPrime || at.wave + 1 < at.waves),
                    pair.collected != 0,
                    at.pair,
                    pair.h_tiles,
                    pair.bias_start,
                    int32_t(directory.records[kBias]),
                    {},
                    {},
                    {},
                    {},
                    {},
                    u_work(program.part),
                    v_work(program.part)};
  sigma_call_lanes: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
    const PairLane &lane = pair.lane[m];
    call.pre_shift[m] = lane.pre_shift - 8;
    call.fraction[m] = lane.fraction;
    call.coarser_gates[m] = lane.coarser & 15;
    call.coarser_cell[m] = lane.coarser >> 4;
    call.valid[m] = valid[m];
  }
  return call;
}
