// SPDX-License-Identifier: Apache-2.0
// Sigma: both parts' sums and the bias to gates, cell and h (docs/numerics.md, sections 4 and 7), a tile of both LSTMs
// a cycle. Owns c and h, and counts what the kernel did.
#pragma once
#include "common/guarantee.h"
#include "common/cell.h"
#include "common/tokens.h"
#include <hls_stream.h>

constexpr int kStates = design::kMaxPairs * design::kMaxHTiles;

inline void clear_states(State (&states)[kStates]) {
  clear_tiles: for (int n = 0; n < kStates; ++n) {
#pragma HLS PIPELINE II=1
    states[n] = zero_state();
  }
}

inline void load_biases(int records, hls::stream<beat_t> &image, Sums (&biases)[kStates]) {
#pragma HLS INLINE
  Sums gathered; // a record is written at once
#pragma HLS ARRAY_PARTITION variable=gathered.value complete dim=0
  int record = 0, place = 0;
  load_bias_beats: for (int n = 0; n < records * kBiasBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=4096
    const beat_t beat = image.read();
    load_bias_values: for (int all = 0; all < kGates * kVTile * kLanes; ++all) {
#pragma HLS UNROLL
      if (place == all / 4) {
        gathered.value[all / (kVTile * kLanes)][all / kLanes % kVTile][all % kLanes] =
            take<acc_t, 4>(beat, all % 4 * 4);
      }
    }
    const bool complete = place == kBiasBeats - 1;
    if (complete) biases[record] = gathered;
    place = complete ? 0 : place + 1;
    record += complete;
  }
}

// A sequence begins: its state comes from memory, is zero, or stays; its h goes to the first step.
inline void prime(const SigmaCall &call, hls::stream<State> &from_memory, hls::stream<HTile> &feedback,
                  hls::stream<HTile> &to_route, State (&states)[kStates]) {
#pragma HLS INLINE
  prime_tiles: for (int tile = 0; tile < call.tiles; ++tile) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=64
    const int at = call.pair * design::kMaxHTiles + tile;
    State state = zero_state();
    if (call.from == Start::kMemory) state = from_memory.read();
    if (call.from == Start::kResident) state = states[at];
    states[at] = state;
    if (call.emit) feedback.write(state.h);
    if (call.emit && call.collected) to_route.write(state.h);
  }
}

inline void step(const SigmaCall &call, hls::stream<Sums> &input, hls::stream<Sums> &hidden, hls::stream<State> &out,
                 hls::stream<HTile> &feedback, hls::stream<HTile> &to_route, State (&states)[kStates],
                 Sums (&biases)[kStates], Report &report) {
#pragma HLS INLINE
  int32_t clipped_pre = 0, clipped_c = 0;
  WriteLog<kStates> log;
  step_tiles: for (int tile = 0; tile < call.tiles; ++tile) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=64
// guarantee: a call reads and writes each tile of the state once; WriteLog asserts it
#pragma HLS DEPENDENCE variable=states inter false
    const int at = call.pair * design::kMaxHTiles + tile;
    log.once(at, tile, "a tile of the state twice in a call");
    const Sums from_input = input.read(), from_hidden = hidden.read(), bias = biases[call.bias_start + tile];
    State state = states[at], shown = zero_state();
    int32_t pre_here = 0, c_here = 0;
    step_models: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
      step_units: for (int i = 0; i < kVTile; ++i) {
#pragma HLS UNROLL
        acc_t sums[kGates];
        step_gates: for (int gate = 0; gate < kGates; ++gate) {
#pragma HLS UNROLL
          sums[gate] =
              acc_t(sint<64>(from_input.value[gate][i][m]) + from_hidden.value[gate][i][m] + bias.value[gate][i][m]);
        }
        const Unit unit = update_unit(sums, state.c[m][i], call.pre_shift[m], call.fraction[m], call.coarser_gates[m],
                                      call.coarser_cell[m]);
        if (call.valid[m]) {
          state.h.value[m][i] = unit.h;
          state.c[m][i] = unit.c;
          shown.h.value[m][i] = unit.h;
          pre_here += unit.clipped_pre;
          c_here += unit.clipped_c;
        }
      }
    }
    states[at] = state;
    clipped_pre += pre_here;
    clipped_c += c_here;
    out.write(shown);
    if (call.emit) feedback.write(state.h);
    if (call.emit && call.collected) to_route.write(state.h);
  }
  report.clipped_pre += clipped_pre;
  report.clipped_c += clipped_c;
}

inline void sigma_unit(int count, hls::stream<SigmaCall> &calls, hls::stream<beat_t> &image,
                       hls::stream<State> &from_memory, hls::stream<Sums> &input, hls::stream<Sums> &hidden,
                       hls::stream<int32_t> &input_clips, hls::stream<int32_t> &hidden_clips, hls::stream<State> &out,
                       hls::stream<HTile> &feedback, hls::stream<HTile> &to_route, hls::stream<Report> &reports) {
  static State states[kStates];
#pragma HLS AGGREGATE variable=states compact=bit
#pragma HLS BIND_STORAGE variable=states type=ram_s2p impl=bram
  static Sums biases[kStates];
#pragma HLS AGGREGATE variable=biases compact=bit
#pragma HLS BIND_STORAGE variable=biases type=ram_s2p impl=bram
  static Report report = {};
#pragma HLS RESET variable=report
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const SigmaCall call = calls.read();
    if (call.begins) report = Report{0, 0, 0, 0, 0, 0};
    if (call.kind == Kind::kLoad) {
      clear_states(states);
      load_biases(call.records, image, biases);
    }
    if (call.kind == Kind::kPrime) prime(call, from_memory, feedback, to_route, states);
    if (call.kind == Kind::kStep) {
      step(call, input, hidden, out, feedback, to_route, states, biases, report);
      report.clipped_p += input_clips.read() + hidden_clips.read();
      report.u_words += call.u_words;
      report.v_words += call.v_words;
      report.steps += 1;
    }
    if (call.kind == Kind::kDump) {
      dump_tiles: for (int tile = 0; tile < call.tiles; ++tile) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=64
        out.write(states[call.pair * design::kMaxHTiles + tile]);
      }
    }
    if (call.kind == Kind::kReport) reports.write(report);
  }
}
