// Indexes and flags of the records that a program works through.
#pragma once
#include "svd_lstm/directory.h"
#include "svd_lstm/status.h"

constexpr int kExcludedCode = -128;

template <class Part>
Verdict check_u(const beat_t *in, uint32_t base, const PartProgram &program, int tiles) {
  using Beats = RecordBeats<Part>;
  bool used[Part::kULanes];
  int taken = 0, taken_before[design::kTakeDistance] = {}; // [k]: tiles taken up to k + 1 words ago
  check_u_words: for (int n = 0; n < program.u_words; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=16 max=1024
    const uint32_t record = base + (program.u_start + n) * Beats::kU;
    check_u_codes: for (int lane = 0; lane < Part::kULanes; ++lane) {
      used[lane] = false;
      check_u_beats: for (int k = 0; k < Beats::kUCodes; ++k) {
        const beat_t beat = in[record + lane * Beats::kUCodes + k];
        check_u_bytes: for (int i = 0; i < kBeatBytes && i < kUTile; ++i) {
          used[lane] = used[lane] || beat[i] != 0;
          if (int8_t(beat[i]) == kExcludedCode) return {kBadRecord, record + lane * Beats::kUCodes + k};
        }
      }
    }
    check_u_controls: for (int lane = 0; lane < Part::kULanes; ++lane) {
      const uint32_t at = record + Part::kULanes * Beats::kUCodes + lane / 8;
      const uint32_t control = take_u16(in[at], lane % 8 * 2);
      const int slot = control & 15, tile = control >> 4 & 255;
      if (lane == 0) taken += control >> 15;
      const bool early = used[lane] && tile >= taken_before[design::kTakeDistance - 1];
      const bool reserved = (control >> 12 & 7) != 0 || (lane != 0 && control >> 15 != 0);
      if (slot >= program.slots || tile >= tiles || taken > tiles || early || reserved) return {kBadRecord, at};
    }
    check_u_history: for (int k = design::kTakeDistance - 1; k > 0; --k) taken_before[k] = taken_before[k - 1];
    taken_before[0] = taken;
  }
  return {taken == tiles ? kDone : kBadRecord, base + program.u_start * Beats::kU};
}

template <class Part>
Verdict check_v(const beat_t *in, uint32_t base, const PartProgram &program, int h_tiles) {
  using Beats = RecordBeats<Part>;
  int complete = 0;
  bool open = false; // a position that has begun must end
  check_v_words: for (int n = 0; n < program.v_words; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=16 max=1024
    const uint32_t record = base + (program.v_start + n) * Beats::kV;
    check_v_codes: for (int k = 0; k < Beats::kVCodes; ++k) {
      const beat_t beat = in[record + k];
      check_v_bytes: for (int i = 0; i < kBeatBytes; ++i) {
        if (int8_t(beat[i]) == kExcludedCode) return {kBadRecord, record + k};
      }
    }
    check_v_indexes: for (int all = 0; all < kGates * Part::kVLanes; ++all) {
      const uint32_t at = record + Beats::kVCodes + all / kBeatBytes;
      const uint32_t index = in[at][all % kBeatBytes];
      if (int(index & 15) >= program.slots || int(index >> 4) >= Part::kULanes) return {kBadRecord, at};
    }
    const uint32_t flags = in[record + Beats::kV - 1][0];
    if (flags > 1) return {kBadRecord, record + Beats::kV - 1};
    open = flags == 0;
    complete += flags;
  }
  return {complete == h_tiles && !open ? kDone : kBadRecord, base + program.v_start * Beats::kV};
}

inline Verdict check_route(const beat_t *in, uint32_t base, int own, const Pair (&pairs)[design::kMaxPairs],
                           int count) {
  const Pair pair = pairs[own];
  int complete = 0, external = 0;
  bool open = false;
  check_route_words: for (int n = 0; n < pair.route_words; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=512
    const uint32_t at = base + pair.route_start + n;
    const beat_t beat = in[at];
    bool good = beat[0] <= 1 && take_u32(beat, 12) == 0 && beat[1] == 0, memory = false;
    check_route_terms: for (int m = 0; m < kLanes; ++m) {
      const int first = 2 + 5 * m, kind = beat[first], from = beat[first + 1], shift = int8_t(beat[first + 4]);
      const bool known = from < count && beat[first + 2] < kLanes;
      const bool held = known && pairs[from].collected && pairs[from].lane[beat[first + 2]].present && beat[first + 3] < (pairs[from].h_tiles + 1) / 2;
      const bool nothing = from == 0 && beat[first + 2] == 0 && beat[first + 3] == 0;
      good = good && kind <= 2 && -8 <= shift && shift <= 8 && (kind == 2 ? held : nothing) &&
             (kind != 0 || shift == 0);
      memory = memory || kind == 1;
    }
    if (!good) return {kBadRecord, at};
    external += memory;
    complete += beat[0];
    open = beat[0] == 0;
  }
  const bool matches = complete == pair.x_tiles && external == pair.external_tiles && !open;
  return {matches ? kDone : kBadRecord, base + pair.route_start};
}
