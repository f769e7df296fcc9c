// SPDX-License-Identifier: Apache-2.0
// V unit: sums of v * p, one tile of hidden units after another, the four gates side by side. Each gate has lanes of
// its own; a lane takes any component of its gate from its own copy of all p. docs/accelerator.md, "V unit".
#pragma once
#include "common/packed.h"
#include "svd_lstm/tokens.h"
#include <hls_stream.h>

struct VLane {
  code_t code[kVTile];
  uint_of<4> bank, slot; // U lane and slot that made p
};

// Two elements of v share a multiplier where their products fit the packing, and two lanes add up before the split:
// 2 x 127 x 512 fits 18 bits.
constexpr bool kVPacked = design::kPBits <= 10;
static_assert(kVTile % 2 == 0, "elements of v go in twos");

template <class Part> struct VGroup { static constexpr int kSummed = Part::kVLanes % 2 == 0 ? 2 : 1; };

template <class Part>
void load_v(int records, hls::stream<beat_t> &image, VLane (&words)[kGates][Part::kVLanes][Part::kVWords],
            bool (&lasts)[Part::kVWords]) {
#pragma HLS INLINE
  constexpr int kAll = kGates * Part::kVLanes, kCodeBeats = beats_of(kAll * 8), kIndexBeats = beats_of(kAll);
  constexpr int kRecordBeats = kCodeBeats + kIndexBeats + 1;
  VLane gathered[kAll]; // a record is written at once
#pragma HLS ARRAY_PARTITION variable=gathered complete
  int record = 0, place = 0;
  load_v_beats: for (int n = 0; n < records * kRecordBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=4096
    const beat_t beat = image.read();
    load_v_lanes: for (int all = 0; all < kAll; ++all) {
#pragma HLS UNROLL
      VLane &word = gathered[all];
      if (place == all / 2) {
        load_v_codes: for (int i = 0; i < kVTile; ++i) {
#pragma HLS UNROLL
          word.code[i] = code_t(int8_t(beat[all % 2 * 8 + i]));
        }
      }
      if (place == kCodeBeats + all / kBeatBytes) {
        word.slot = beat[all % kBeatBytes] & 15;
        word.bank = beat[all % kBeatBytes] >> 4;
      }
    }
    const bool complete = place == kRecordBeats - 1;
    if (complete) {
      load_v_write: for (int all = 0; all < kAll; ++all) {
#pragma HLS UNROLL
        words[all / Part::kVLanes][all % Part::kVLanes][record] = gathered[all];
      }
      lasts[record] = beat[0] & 1;
    }
    place = complete ? 0 : place + 1;
    record += complete;
  }
}

// The products of some lanes of one gate, added to `sums`.
template <int kSummed>
void multiply_v(const VLane (&word)[kSummed], const PPair (&p)[kSummed], acc_t (&sums)[kVTile][kLanes]) {
#pragma HLS INLINE
  v_models: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
    v_units: for (int i = 0; i < kVTile; i += 2) {
#pragma HLS UNROLL
      packed::sum_t packed_sum = 0;
      v_summed: for (int k = 0; k < kSummed; ++k) {
#pragma HLS UNROLL
        if (kVPacked) {
          const packed::pair_t pair = packed::pair(word[k].code[i + 1], word[k].code[i]);
          packed_sum += multiply<packed::kPairBits, design::kPBits>(pair, p[k].lane[m]);
        } else {
          sums[i][m] += multiply<design::kPBits, 8>(p[k].lane[m], word[k].code[i]);
          sums[i + 1][m] += multiply<design::kPBits, 8>(p[k].lane[m], word[k].code[i + 1]);
        }
      }
      if (kVPacked) {
        const packed::Products products = packed::split(packed_sum);
        sums[i][m] += products.low;
        sums[i + 1][m] += products.high;
      }
    }
  }
}

template <class Part>
void run_v(const VCall &call, hls::stream<Ps<Part>> &ps, hls::stream<Sums> &out,
           VLane (&words)[kGates][Part::kVLanes][Part::kVWords], bool (&lasts)[Part::kVWords],
           PPair (&p)[kGates][Part::kVLanes][Part::kULanes][design::kMaxSlots]) {
#pragma HLS INLINE
  constexpr int kSummed = VGroup<Part>::kSummed;
  v_copies: for (int slot = 0; slot < call.slots; ++slot) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=16
    const Ps<Part> token = ps.read();
    v_copy_gates: for (int gate = 0; gate < kGates; ++gate) {
#pragma HLS UNROLL
      v_copy_lanes: for (int lane = 0; lane < Part::kVLanes; ++lane) {
#pragma HLS UNROLL
        v_copy_banks: for (int bank = 0; bank < Part::kULanes; ++bank) {
#pragma HLS UNROLL
          p[gate][lane][bank][slot] = token.value[bank];
        }
      }
    }
  }
  Sums acc;
#pragma HLS ARRAY_PARTITION variable=acc.value complete dim=0
  clear(acc.value);
  v_words: for (int n = 0; n < call.words; ++n) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=16 max=1024
    const int at = call.start + n;
    v_gates: for (int gate = 0; gate < kGates; ++gate) {
#pragma HLS UNROLL
      acc_t sums[kVTile][kLanes]; // of this word: only one addition stands in the recurrence
      clear(sums);
      v_lanes: for (int lane = 0; lane < Part::kVLanes; lane += kSummed) {
#pragma HLS UNROLL
        VLane word[kSummed];
        PPair operand[kSummed];
        v_operands: for (int k = 0; k < kSummed; ++k) {
#pragma HLS UNROLL
          word[k] = words[gate][lane + k][at];
          operand[k] = p[gate][lane + k][word[k].bank][word[k].slot];
        }
        multiply_v<kSummed>(word, operand, sums);
      }
      v_accumulate: for (int i = 0; i < kVTile; ++i) {
#pragma HLS UNROLL
        acc.value[gate][i][0] = acc_t(sint<64>(acc.value[gate][i][0]) + sums[i][0]);
        acc.value[gate][i][1] = acc_t(sint<64>(acc.value[gate][i][1]) + sums[i][1]);
      }
    }
    if (lasts[at]) {
      out.write(acc);
      clear(acc.value);
    }
  }
}
