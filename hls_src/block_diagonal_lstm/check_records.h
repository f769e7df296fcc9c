// SPDX-License-Identifier: Apache-2.0
// Indexes of the records that a program works through.
#pragma once
#include "block_diagonal_lstm/columns.h"
#include "block_diagonal_lstm/multipliers.h"
#include "common/counts.h"
#include "common/fault.h"
#include "common/product.h"

inline Verdict check_columns(const beat_t *in, uint32_t base, int tiles, int rows) {
  constexpr int kPerBeat = kBeatBytes / 4;
  Fault fault = {false, 0};
  uint_of<8> banks[kUTile];
#pragma HLS ARRAY_PARTITION variable=banks complete
  int place = 0;
  check_column_beats: for (int n = 0; n < tiles * kColumnBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=512
    const beat_t beat = in[base + n];
    bool wrong = false;
    check_column_places: for (int k = 0; k < kPerBeat; ++k) {
#pragma HLS UNROLL
      const int bank = beat[4 * k + 2], row = beat[4 * k + 3];
      const bool present = place * kPerBeat + k < kUTile, nothing = take_u32(beat, 4 * k) == 0;
      const bool unused = take_u16(beat, 4 * k) == 0 && bank == kNoBank && row == 0;
      wrong = wrong || (present ? !unused && (bank >= kColumns || row >= rows) : !nothing);
    }
    check_column_elements: for (int i = 0; i < kUTile; ++i) {
#pragma HLS UNROLL
      const uint8_t bank = beat[i % kPerBeat * 4 + 2];
      check_column_banks: for (int k = 0; k < i; ++k) { // no bank takes two elements of a tile
#pragma HLS UNROLL
        wrong = wrong || (place == i / kPerBeat && bank != kNoBank &&
                          bank == (k / kPerBeat == place ? uint8_t(beat[k % kPerBeat * 4 + 2]) : uint8_t(banks[k])));
      }
    }
    check_column_history: for (int i = 0; i < kUTile; ++i) {
#pragma HLS UNROLL
      if (place == i / kPerBeat) banks[i] = beat[i % kPerBeat * 4 + 2];
    }
    fault.note(wrong, base + n);
    place = place == kColumnBeats - 1 ? 0 : place + 1;
  }
  return verdict_of(fault);
}

// No code has the most negative value, and what stands behind the last code of a word is zero.
inline Verdict check_weights(const beat_t *in, uint32_t base, int words) {
  constexpr int kExcluded = -(1 << (design::kWeightBits - 1));
  Fault fault = {false, 0};
  int place = 0;
  check_weight_beats: for (int n = 0; n < words * kWordBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=65536
    const beat_t beat = in[base + n];
    bool wrong = false;
    check_weight_codes: for (int i = 0; i < kCodesPerBeat; ++i) {
#pragma HLS UNROLL
      const int code = int(take_code(beat, i));
      const bool behind = place == kWordBeats - 1 && (kWordBeats - 1) * kCodesPerBeat + i >= kWordCodes;
      wrong = wrong || code == kExcluded || (behind && code != 0);
    }
    fault.note(wrong, base + n);
    place = place == kWordBeats - 1 ? 0 : place + 1;
  }
  return verdict_of(fault);
}

template <class Part>
Verdict check_program(const beat_t *in, uint32_t beat, int part, int tiles, int h_tiles, const Counts &counts) {
  const PartProgram program = parse_program(in[beat]);
  const int columns = part == 0 ? kInputColumns : kHiddenColumns, weights = columns + 1;
  const int rank = program.rank;
  const bool ranked = rank == 2 || rank == 4 || rank == 8 || rank == 16;
  const bool grouped = program.groups >= 1 && program.groups <= Part::kRows;
  const bool fits = ranked && grouped && product<18, 18>(program.rank, program.groups) <= Part::kRows &&
                    program.sum_shift <= 15 && product<18, 18>(program.groups, h_tiles) == program.words &&
                    take_u16(in[beat], 14) == 0 && within(program.column_start, tiles, counts.records[columns]) &&
                    within(program.word_start, program.words, counts.records[weights]);
  if (!fits) return {kBadDirectory, beat};
  const uint32_t first = counts.base[columns] + program.column_start * kColumnBeats;
  const Verdict verdict = check_columns(in, first, tiles, rank * program.groups);
  if (verdict.status != kDone) return verdict;
  return check_weights(in, counts.base[weights] + program.word_start * kWordBeats, program.words);
}
