// SPDX-License-Identifier: Apache-2.0
// Multipliers: a word of weights that are all present meets one row of operands in a cycle.
// docs/accelerator_block_diagonal.md, "Words".
#pragma once
#include "block_diagonal_lstm/tokens.h"
#include "common/packed.h"
#include "common/product.h"
#include <hls_stream.h>

// The weights of some columns, all of one class: for the four gates of a tile of units that this class reaches.
struct Slice {
  code_t code[kSliceColumns][kGates][kVTile];
};

// With DSPs two units of a gate share a column's multiplier, and as many columns as the packing holds are added up
// before the split: 146 x 7 x 128 and 8 x 127 x 128 fit 18 bits.
constexpr bool kPacked = design::kDspMultipliers;
constexpr int kSummed = design::kWeightBits == 8 ? 8 : kColumns;
constexpr int kGroups = (kColumns + kSummed - 1) / kSummed;
static_assert(!kPacked || kVTile % 2 == 0, "units go in twos");
static_assert(design::kWeightBits == 8 || kColumns * 7 * 128 < (1 << 17), "the sum of a row fits 18 bits");

inline code_t take_code(const beat_t &beat, int place) {
#pragma HLS INLINE
  constexpr int kPerByte = 8 / design::kWeightBits;
  const int bits = beat[place / kPerByte] >> (place % kPerByte * design::kWeightBits);
  return code_t(int8_t(uint8_t(bits << (8 - design::kWeightBits))) >> (8 - design::kWeightBits));
}

template <class Part>
void load_weights(int records, hls::stream<beat_t> &image, Slice (&words)[kSlices][Part::kWords]) {
#pragma HLS INLINE
  Slice gathered[kSlices]; // a record is written at once
#pragma HLS ARRAY_PARTITION variable=gathered complete
  int record = 0, place = 0;
  load_weight_beats: for (int n = 0; n < records * kWordBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=65536
    const beat_t beat = image.read();
    load_weight_columns: for (int column = 0; column < kColumns; ++column) {
#pragma HLS UNROLL
      load_weight_gates: for (int gate = 0; gate < kGates; ++gate) {
#pragma HLS UNROLL
        load_weight_units: for (int i = 0; i < kVTile; ++i) {
#pragma HLS UNROLL
          const int code = (column * kGates + gate) * kVTile + i;
          if (place == code / kCodesPerBeat) {
            Slice &slice = gathered[column / kSliceColumns];
            slice.code[column % kSliceColumns][gate][i] = take_code(beat, code % kCodesPerBeat);
          }
        }
      }
    }
    const bool complete = place == kWordBeats - 1;
    if (complete) {
      load_weight_write: for (int slice = 0; slice < kSlices; ++slice) {
#pragma HLS UNROLL
        words[slice][record] = gathered[slice];
      }
    }
    place = complete ? 0 : place + 1;
    record += complete;
  }
}

// Two units, packed: their sums over all columns.
inline void multiply_pair(const code_t (&low)[kColumns], const code_t (&high)[kColumns], const p_t (&x)[kColumns],
                          acc_t &low_sum, acc_t &high_sum) {
#pragma HLS INLINE
  pair_groups: for (int group = 0; group < kGroups; ++group) {
#pragma HLS UNROLL
    packed::sum_t sum = 0;
    pair_columns: for (int i = 0; i < kSummed; ++i) {
#pragma HLS UNROLL
      const int column = group * kSummed + i;
      if (column < kColumns) {
        sum += multiply<packed::kPairBits, design::kPBits>(packed::pair(high[column], low[column]), x[column]);
      }
    }
    const packed::Products products = packed::split(sum);
    low_sum += products.low;
    high_sum += products.high;
  }
}

// The codes of one gate output in a word.
inline void codes_of(const Slice (&word)[kSlices], int gate, int unit, code_t (&codes)[kColumns]) {
#pragma HLS INLINE
  codes_of_columns: for (int column = 0; column < kColumns; ++column) {
#pragma HLS UNROLL
    codes[column] = word[column / kSliceColumns].code[column % kSliceColumns][gate][unit];
  }
}

// What a word adds to every gate output of a tile.
inline void multiply_word(const Slice (&word)[kSlices], const p_t (&x)[kColumns], acc_t (&sums)[kGates][kVTile]) {
#pragma HLS INLINE
  word_gates: for (int gate = 0; gate < kGates; ++gate) {
#pragma HLS UNROLL
    if (kPacked) {
      word_pairs: for (int k = 0; k < kVTile / 2; ++k) {
#pragma HLS UNROLL
        code_t low[kColumns], high[kColumns];
        codes_of(word, gate, 2 * k, low);
        codes_of(word, gate, 2 * k + 1, high);
        multiply_pair(low, high, x, sums[gate][2 * k], sums[gate][2 * k + 1]);
      }
    } else {
      word_units: for (int i = 0; i < kVTile; ++i) {
#pragma HLS UNROLL
        code_t codes[kColumns];
        codes_of(word, gate, i, codes);
        word_columns: for (int column = 0; column < kColumns; ++column) {
#pragma HLS UNROLL
          sums[gate][i] += multiply_in_fabric<design::kWeightBits, design::kPBits>(codes[column], x[column]);
        }
      }
    }
  }
}

// Output tile after output tile. The row of operands follows from the number of the word: tile t has class t mod rank,
// and the rows of a class stand behind those of the one before.
template <class Part>
void multiply_all(const PartCall &call, const p_t (&x)[kColumns][Part::kRows],
                  const Slice (&words)[kSlices][Part::kWords], hls::stream<Sums> &out) {
#pragma HLS INLINE
  acc_t acc[kGates][kVTile];
#pragma HLS ARRAY_PARTITION variable=acc complete dim=0
  clear(acc);
  int row = 0, group = 0;
  multiply_words: for (int n = 0; n < call.words; ++n) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=4096
    Slice word[kSlices];
    p_t operand[kColumns];
    acc_t sums[kGates][kVTile]; // of this word: only one addition stands in the recurrence
#pragma HLS ARRAY_PARTITION variable=sums complete dim=0
    clear(sums);
    read_slices: for (int slice = 0; slice < kSlices; ++slice) {
#pragma HLS UNROLL
      word[slice] = words[slice][call.word_start + n];
    }
    read_operands: for (int column = 0; column < kColumns; ++column) {
#pragma HLS UNROLL
      operand[column] = x[column][row];
    }
    multiply_word(word, operand, sums);
    const bool first = group == 0, last = group == call.groups - 1;
    Sums token;
    accumulate_gates: for (int gate = 0; gate < kGates; ++gate) {
#pragma HLS UNROLL
      accumulate_units: for (int i = 0; i < kVTile; ++i) {
#pragma HLS UNROLL
        const sint<64> before = first ? acc_t(0) : acc[gate][i];
        acc[gate][i] = acc_t(before + sums[gate][i]);
        token.value[gate][i][0] = acc_t(sint<64>(acc[gate][i]) * (sint<64>(1) << call.sum_shift));
      }
    }
    if (last) out.write(token);
    group = last ? 0 : group + 1;
    row = row == call.rows - 1 ? 0 : row + 1;
  }
}
