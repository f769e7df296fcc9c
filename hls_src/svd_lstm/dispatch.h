// Dispatch: owns the directory and tells every process, call by call, what to do; hands each its share of the beats.
#pragma once
#include "svd_lstm/calls.h"
#include "svd_lstm/unpack.h"
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

// `count` calls of a command, from number `begin` on. `image` has a stream for each section.
inline void dispatch(int begin, int count, const Order &order, hls::stream<beat_t> &memory, hls::stream<UCall> &input_u_calls,
                     hls::stream<SCall> &input_s_calls, hls::stream<VCall> &input_v_calls,
                     hls::stream<UCall> &hidden_u_calls, hls::stream<SCall> &hidden_s_calls,
                     hls::stream<VCall> &hidden_v_calls, hls::stream<RouteCall> &route_calls,
                     hls::stream<HTilesCall> &h_tiles_calls, hls::stream<SigmaCall> &sigma_calls,
                     hls::stream<CollectCall> &collect_calls, hls::stream<beat_t> (&image)[kSections],
                     hls::stream<XTile> &x, hls::stream<State> &states) {
  static Directory directory;
  static Position at;
#pragma HLS ARRAY_PARTITION variable=directory.pair complete
#pragma HLS ARRAY_PARTITION variable=directory.from complete
  static Program programs[design::kMaxPrograms];
#pragma HLS AGGREGATE variable=programs compact=bit
#pragma HLS BIND_STORAGE variable=programs type=ram_s2p impl=lutram
  each_call: for (int n = begin; n < begin + count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    if (n == 0) {
      at = first_position(order.command);
      if (order.command == Command::kLoad) read_directory(memory, directory, programs);
      choose_programs(directory, programs, order.refinements);
    }
    const bool begins = order.command == Command::kRun && at.kind == Kind::kPrime && at.pair == 0;
    if (begins) {
      at.length = take_u32(memory.read(), 0);
      at.waves = at.length + directory.longest_lag;
    }
    const Pair &pair = directory.pair[at.pair];
    const Program program = programs[directory.chosen[at.pair]];
    bool valid[kLanes];
    dispatch_valid: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
      const int step = at.wave - pair.lane[m].lag;
      valid[m] = pair.lane[m].present && 0 <= step && step < at.length;
    }
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
