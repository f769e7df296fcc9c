// SPDX-License-Identifier: Apache-2.0
// Indexes and flags of the records that a program works through.
#pragma once
#include "common/counts.h"
#include "common/fault.h"

constexpr int kExcludedCode = -128;

inline bool is_zero(const beat_t &beat) {
#pragma HLS INLINE
  bool zero = true;
  zero_bytes: for (int i = 0; i < kBeatBytes; ++i) {
#pragma HLS UNROLL
    zero = zero && beat[i] == 0;
  }
  return zero;
}

inline bool has_excluded_code(const beat_t &beat) {
#pragma HLS INLINE
  bool found = false;
  excluded_bytes: for (int i = 0; i < kBeatBytes; ++i) {
#pragma HLS UNROLL
    found = found || int8_t(beat[i]) == kExcludedCode;
  }
  return found;
}

template <class Part> Verdict check_u(const beat_t *in, uint32_t base, const PartProgram &program, int tiles) {
  using Beats = RecordBeats<Part>;
  constexpr int kPerBeat = kBeatBytes / 2;
  Fault fault = {false, 0};
  bool used[Part::kULanes];
#pragma HLS ARRAY_PARTITION variable=used complete
  int taken = 0, taken_before[design::kTakeDistance] = {}; // [k]: tiles taken up to k + 1 words ago
#pragma HLS ARRAY_PARTITION variable=taken_before complete
  check_u_words: for (int n = 0; n < program.u_words; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=16 max=1024
    const uint32_t record = base + (program.u_start + n) * Beats::kU;
    const uint32_t control = record + Part::kULanes * Beats::kUCodes;
    check_u_codes: for (int k = 0; k < Part::kULanes * Beats::kUCodes; ++k) {
#pragma HLS PIPELINE II=1
      const beat_t beat = in[record + k];
      fault.note(has_excluded_code(beat), record + k);
      const bool first = k % Beats::kUCodes == 0;
      used[k / Beats::kUCodes] = (!first && used[k / Beats::kUCodes]) || !is_zero(beat);
    }
    check_u_controls: for (int k = 0; k < beats_of(Part::kULanes * 2); ++k) {
#pragma HLS PIPELINE II=1
      const beat_t beat = in[control + k];
      check_u_lanes: for (int i = 0; i < kPerBeat; ++i) {
#pragma HLS UNROLL
        const int lane = k * kPerBeat + i;
        if (lane < Part::kULanes) {
          const uint32_t bits = take_u16(beat, 2 * i);
          const int slot = bits & 15, tile = bits >> 4 & 255;
          const bool take = bits >> 15 != 0;
          if (lane == 0) taken += take;
          const bool early = used[lane] && tile >= taken_before[design::kTakeDistance - 1];
          const bool reserved = (bits >> 12 & 7) != 0 || (lane != 0 && take);
          fault.note(slot >= program.slots || tile >= tiles || taken > tiles || early || reserved, control + k);
        }
      }
    }
    check_u_history: for (int k = design::kTakeDistance - 1; k > 0; --k) {
#pragma HLS UNROLL
      taken_before[k] = taken_before[k - 1];
    }
    taken_before[0] = taken;
  }
  fault.note(taken != tiles, base + program.u_start * Beats::kU);
  return verdict_of(fault);
}

template <class Part> Verdict check_v(const beat_t *in, uint32_t base, const PartProgram &program, int h_tiles) {
  using Beats = RecordBeats<Part>;
  Fault fault = {false, 0};
  int complete = 0;
  bool open = false; // a position that has begun must end
  check_v_words: for (int n = 0; n < program.v_words; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=16 max=1024
    const uint32_t record = base + (program.v_start + n) * Beats::kV, index = record + Beats::kVCodes;
    check_v_codes: for (int k = 0; k < Beats::kVCodes; ++k) {
#pragma HLS PIPELINE II=1
      fault.note(has_excluded_code(in[record + k]), record + k);
    }
    check_v_indexes: for (int k = 0; k < beats_of(kGates * Part::kVLanes); ++k) {
#pragma HLS PIPELINE II=1
      const beat_t beat = in[index + k];
      check_v_lanes: for (int i = 0; i < kBeatBytes; ++i) {
#pragma HLS UNROLL
        const uint32_t bits = beat[i];
        const bool present = k * kBeatBytes + i < kGates * Part::kVLanes;
        fault.note(present && (int(bits & 15) >= program.slots || int(bits >> 4) >= Part::kULanes), index + k);
      }
    }
    const uint32_t flags = in[record + Beats::kV - 1][0];
    fault.note(flags > 1, record + Beats::kV - 1);
    open = flags == 0;
    complete += flags;
  }
  fault.note(complete != h_tiles || open, base + program.v_start * Beats::kV);
  return verdict_of(fault);
}

template <class Part>
Verdict check_program(const beat_t *in, uint32_t beat, int part, int tiles, int h_tiles, const Counts &counts) {
  const PartProgram program = parse_program(in[beat]);
  const int u = part == 0 ? kInputU : kHiddenU, s = u + 1, v = u + 2;
  const bool fits = 1 <= program.slots && program.slots <= design::kMaxSlots && program.u_words >= 1 &&
                    program.v_words >= 1 && take_u16(in[beat], 14) == 0 &&
                    within(program.u_start, program.u_words, counts.records[u]) &&
                    within(program.s_start, program.slots, counts.records[s]) &&
                    within(program.v_start, program.v_words, counts.records[v]);
  if (!fits) return {kBadDirectory, beat};
  const Verdict verdict = check_u<Part>(in, counts.base[u], program, tiles);
  return verdict.status != kDone ? verdict : check_v<Part>(in, counts.base[v], program, h_tiles);
}
