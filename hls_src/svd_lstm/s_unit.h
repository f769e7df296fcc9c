// SPDX-License-Identifier: Apache-2.0
// S unit: p = sat(round(d * s / 2^shift)), a slot of every U lane a cycle. Components beyond the prefix give zero.
#pragma once
#include "common/guarantee.h"
#include "common/rounding.h"
#include "svd_lstm/tokens.h"
#include <hls_stream.h>

// With 8-bit activations d has 27 bits, so d * s takes one DSP: 127 x 128 for each input.
constexpr int kDotBits = design::kActivationBits == 8 ? 27 : 32;
constexpr int64_t kDotLimit = int64_t(1) << (kDotBits - 1);
static_assert(kDotBits == 32 || design::kMaxInputs * 127 * 128 < (1 << 26), "d has 27 bits");

struct Scalar {
  sint<16> s[kLanes];
  uint_of<16> refinement;
};

template <class Part>
void load_s(int records, hls::stream<beat_t> &image, Scalar (&scalars)[Part::kULanes][Part::kSWords]) {
#pragma HLS INLINE
  constexpr int kRecordBeats = beats_of(Part::kULanes * 8);
  Scalar gathered[Part::kULanes]; // a record is written at once
#pragma HLS ARRAY_PARTITION variable=gathered complete
  int record = 0, place = 0;
  load_s_beats: for (int n = 0; n < records * kRecordBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=4096
    const beat_t beat = image.read();
    load_s_lanes: for (int lane = 0; lane < Part::kULanes; ++lane) {
#pragma HLS UNROLL
      if (place == lane / 2) {
        const int first = lane % 2 * 8;
        Scalar &scalar = gathered[lane];
        scalar.s[0] = take<sint<16>, 2>(beat, first);
        scalar.s[1] = take<sint<16>, 2>(beat, first + 2);
        scalar.refinement = take_u16(beat, first + 4);
      }
    }
    const bool complete = place == kRecordBeats - 1;
    if (complete) {
      load_s_write: for (int lane = 0; lane < Part::kULanes; ++lane) {
#pragma HLS UNROLL
        scalars[lane][record] = gathered[lane];
      }
    }
    place = complete ? 0 : place + 1;
    record += complete;
  }
}

template <class Part>
void run_s(const SCall &call, hls::stream<Dots<Part>> &dots, hls::stream<Ps<Part>> &ps, hls::stream<int32_t> &clips,
           Scalar (&scalars)[Part::kULanes][Part::kSWords]) {
#pragma HLS INLINE
  int32_t clipped = 0;
  s_slots: for (int slot = 0; slot < call.slots; ++slot) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=16
    const Dots<Part> token = dots.read();
    Ps<Part> scaled;
    int32_t clipped_here = 0;
    s_lanes: for (int lane = 0; lane < Part::kULanes; ++lane) {
#pragma HLS UNROLL
      const Scalar scalar = scalars[lane][call.start + slot];
      const bool kept = scalar.refinement < call.refinements;
      s_models: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
        const dot_t wide = token.value[lane][m];
        guarantee(-kDotLimit <= wide && wide < kDotLimit, "a dot product of int8 has 27 bits");
        const sint<kDotBits> dot = sint<kDotBits>(wide);
        const sint<64> product = multiply<kDotBits, 16>(dot, scalar.s[m]);
        const Clipped<sint<64>> p = clip(round_shift(product, call.shift[m]), call.limit[m]);
        scaled.value[lane].lane[m] = kept ? p_t(p.value) : p_t(0);
        clipped_here += kept && call.valid[m] && p.clipped;
      }
    }
    clipped += clipped_here;
    ps.write(scaled);
  }
  clips.write(clipped);
}
