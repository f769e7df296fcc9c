// SPDX-License-Identifier: Apache-2.0
// Dispatch: owns the directory and tells every process, call by call, what to do; hands each its share of the beats.
#pragma once
#include "common/read_directory.h"
#include "common/unpack.h"
#include "svd_lstm/calls.h"
#include <hls_stream.h>

// `count` calls of a command, from number `begin` on. `image` has a stream for each section.
inline void dispatch(int begin, int count, const Order &order, hls::stream<beat_t> &memory,
                     hls::stream<UCall> &input_u_calls, hls::stream<SCall> &input_s_calls,
                     hls::stream<VCall> &input_v_calls, hls::stream<UCall> &hidden_u_calls,
                     hls::stream<SCall> &hidden_s_calls, hls::stream<VCall> &hidden_v_calls,
                     hls::stream<RouteCall> &route_calls, hls::stream<HTilesCall> &h_tiles_calls,
                     hls::stream<SigmaCall> &sigma_calls, hls::stream<CollectCall> &collect_calls,
                     hls::stream<beat_t> (&image)[kSections], hls::stream<XTile> &x, hls::stream<State> &states) {
  static Directory directory;
  static Position at;
#pragma HLS ARRAY_PARTITION variable=directory.pair complete
#pragma HLS ARRAY_PARTITION variable=directory.from complete
  static Program programs[design::kMaxPrograms];
#pragma HLS AGGREGATE variable=programs compact=bit
#pragma HLS BIND_STORAGE variable=programs type=ram_s2p impl=lutram
  each_call: for (int n = begin; n < begin + count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    if (n == 0) begin_command(order, memory, directory, programs, at);
    if (begins_sequence(order, at)) read_length(memory, directory, at);
    const Pair &pair = directory.pair[at.pair];
    const Program program = programs[directory.chosen[at.pair]];
    bool valid[kLanes];
    valid_lanes(pair, at, valid);
    const PartProgram input = program.part[0], hidden = program.part[1];
    input_u_calls.write(u_call(at.kind, input, directory.records[kInputU]));
    input_s_calls.write(s_call(at.kind, input, directory.records[kInputS], pair, 0, order.refinements, valid));
    input_v_calls.write(v_call(at.kind, input, directory.records[kInputV]));
    hidden_u_calls.write(u_call(at.kind, hidden, directory.records[kHiddenU]));
    hidden_s_calls.write(s_call(at.kind, hidden, directory.records[kHiddenS], pair, 1, order.refinements, valid));
    hidden_v_calls.write(v_call(at.kind, hidden, directory.records[kHiddenV]));
    route_calls.write(route_call(at, directory));
    h_tiles_calls.write({at.kind, at.kind == Kind::kStep ? pair.h_tiles : 0});
    const SigmaCall sigma = sigma_call(at, directory, program, order, n == 0, valid);
    sigma_calls.write(sigma);
    const bool shows = at.kind == Kind::kStep || at.kind == Kind::kDump;
    collect_calls.write({at.kind, shows ? pair.h_tiles : 0});
    if (at.kind == Kind::kLoad) {
      dispatch_sections: for (int section = 0; section < kSections; ++section) {
#pragma HLS UNROLL
        forward(memory, image[section], directory.records[section] * record_beats(section));
      }
    }
    if (at.kind == Kind::kStep) forward_x(memory, x, pair.external_tiles);
    if (at.kind == Kind::kPrime && sigma.from == Start::kMemory) forward_state(memory, states, pair.h_tiles);
    at = next_position(at, order, at.kind == Kind::kLoad || at.kind == Kind::kReport ? 1 : directory.pairs);
  }
}
