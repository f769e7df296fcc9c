// SPDX-License-Identifier: Apache-2.0
// U unit: d = u . x for both LSTMs of a pair. Lanes step together through words that the packer has scheduled; each
// lane owns the components in its slots, so no sum crosses lanes. docs/accelerator.md, "U unit".
#pragma once
#include "common/guarantee.h"
#include "common/packed.h"
#include "svd_lstm/tokens.h"
#include <hls_stream.h>

struct ULane {
  code_t code[kUTile];
  uint_of<8> slot, tile; // 144 bits with the codes: two memories of 72
};

// Whether a lane has work in a word; where it has none, all codes are zero.
inline bool is_used(const ULane &word) {
#pragma HLS INLINE
  bool used = false;
  used_codes: for (int i = 0; i < kUTile; ++i) {
#pragma HLS UNROLL
    used |= word.code[i] != 0;
  }
  return used;
}

// Sums that one multiplier array adds up before they are split: 8 x 127 x 128 fits 18 bits.
constexpr int kUSummed = 8;
constexpr bool kUPacked = design::kActivationBits == 8;

// One tile of codes times the tiles of both LSTMs: a DSP serves two products.
inline void multiply_u(const ULane &word, const XTile &x, dot_t (&dot)[kLanes]) {
#pragma HLS INLINE
  dot_t sums[kLanes];
  clear(sums);
  u_groups: for (int first = 0; first < kUTile; first += kUSummed) {
#pragma HLS UNROLL
    packed::sum_t packed_sum = 0;
    u_products: for (int i = first; i < first + kUSummed && i < kUTile; ++i) {
#pragma HLS UNROLL
      if (kUPacked) {
        const packed::pair_t pair = packed::pair(x.lane[1].value[i], x.lane[0].value[i]);
        packed_sum += multiply<packed::kPairBits, 8>(pair, word.code[i]);
      } else {
        sums[0] += multiply<design::kActivationBits, 8>(x.lane[0].value[i], word.code[i]);
        sums[1] += multiply<design::kActivationBits, 8>(x.lane[1].value[i], word.code[i]);
      }
    }
    if (kUPacked) {
      const packed::Products products = packed::split(packed_sum);
      sums[0] += products.low;
      sums[1] += products.high;
    }
  }
  dot[0] = sums[0];
  dot[1] = sums[1];
}

template <class Part>
void load_u(int records, hls::stream<beat_t> &image, ULane (&words)[Part::kULanes][Part::kUWords],
            bool (&takes)[Part::kUWords]) {
#pragma HLS INLINE
  constexpr int kCodeBeats = beats_of(kUTile), kRecordBeats = Part::kULanes * kCodeBeats + beats_of(Part::kULanes * 2);
  ULane gathered[Part::kULanes]; // a record is written at once
#pragma HLS ARRAY_PARTITION variable=gathered complete
  bool take = false;
  int record = 0, place = 0; // place: beat within the record
  load_u_beats: for (int n = 0; n < records * kRecordBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=4096
    const beat_t beat = image.read();
    load_u_lanes: for (int lane = 0; lane < Part::kULanes; ++lane) {
#pragma HLS UNROLL
      ULane &word = gathered[lane];
      if (place / kCodeBeats == lane) {
        load_u_codes: for (int i = 0; i < kBeatBytes && i < kUTile; ++i) {
#pragma HLS UNROLL
          word.code[(place % kCodeBeats) * kBeatBytes + i] = code_t(int8_t(beat[i]));
        }
      }
      if (place == Part::kULanes * kCodeBeats + lane / 8) {
        const uint32_t control = take_u16(beat, lane % 8 * 2);
        word.slot = control & 15;
        word.tile = control >> 4 & 255;
        if (lane == 0) take = control >> 15;
      }
    }
    const bool complete = place == kRecordBeats - 1;
    if (complete) {
      load_u_write: for (int lane = 0; lane < Part::kULanes; ++lane) {
#pragma HLS UNROLL
        words[lane][record] = gathered[lane];
      }
      takes[record] = take;
    }
    place = complete ? 0 : place + 1;
    record += complete;
  }
}

template <class Part>
void run_u(const UCall &call, hls::stream<XTile> &tiles, hls::stream<Dots<Part>> &dots,
           ULane (&words)[Part::kULanes][Part::kUWords], bool (&takes)[Part::kUWords],
           XTile (&x)[Part::kULanes][Part::kXTiles]) {
#pragma HLS INLINE
  dot_t sums[design::kMaxSlots][Part::kULanes][kLanes];
#pragma HLS ARRAY_PARTITION variable=sums complete dim=0
  clear(sums);
  int taken = 0;
  WriteLog<Part::kXTiles> log;
  u_words: for (int n = 0; n < call.words; ++n) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=16 max=1024
// guarantee: a word uses a tile at least kTakeDistance words after it was taken; WriteLog asserts it
#pragma HLS DEPENDENCE variable=x inter false
    const int at = call.start + n;
    u_lanes: for (int lane = 0; lane < Part::kULanes; ++lane) {
#pragma HLS UNROLL
      const ULane word = words[lane][at];
      dot_t dot[kLanes];
      multiply_u(word, x[lane][word.tile], dot);
      if (is_used(word)) log.read(word.tile, n, design::kTakeDistance, "distance between take and use of a tile");
      u_models: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
        sums[word.slot][lane][m] = dot_t(sint<64>(sums[word.slot][lane][m]) + dot[m]);
      }
    }
    if (takes[at]) {
      const XTile tile = tiles.read();
      u_copies: for (int lane = 0; lane < Part::kULanes; ++lane) {
#pragma HLS UNROLL
        x[lane][taken] = tile;
      }
      log.write(taken, n);
      ++taken;
    }
  }
  u_slots: for (int slot = 0; slot < call.slots; ++slot) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=16
    Dots<Part> token;
    u_emit: for (int lane = 0; lane < Part::kULanes; ++lane) {
#pragma HLS UNROLL
      token.value[lane][0] = sums[slot][lane][0];
      token.value[lane][1] = sums[slot][lane][1];
    }
    dots.write(token);
  }
}
