// SPDX-License-Identifier: Apache-2.0
// What the image of the block-diagonal engine holds: its sections and programs. docs/accelerator_block_diagonal.md,
// section 5. The end of config.h includes this.
#pragma once
#include "common/sizes.h"

constexpr int kColumns = design::kColumns, kSlices = design::kSlices;
constexpr int kSliceColumns = kColumns / kSlices;
static_assert(kColumns == kSlices * kSliceColumns, "slices of as many columns");
static_assert(kLanes == 1, "weights are of one LSTM");
static_assert(kJoined == 1, "a tile of h is a tile of x");
static_assert(kUTile <= kColumns, "the elements of a tile go to different columns");

enum Section { kInputColumns, kInputWeights, kHiddenColumns, kHiddenWeights, kBias, kRoute, kSections };

struct PartProgram {
  uint16_t column_start, word_start, words, groups, rank, sum_shift, prefix;
};

constexpr int kColumnBeats = beats_of(kUTile * 4);
constexpr int kWordCodes = kColumns * kGates * kVTile;
constexpr int kCodesPerBeat = kBeatBytes * 8 / design::kWeightBits;
constexpr int kWordBeats = (kWordCodes + kCodesPerBeat - 1) / kCodesPerBeat;

// Beats of a record, and how many records the kernel has room for.
inline int record_beats(int section) {
#pragma HLS INLINE
  const int beats[kSections] = {kColumnBeats, kWordBeats, kColumnBeats, kWordBeats, kBiasBeats, 1};
  return beats[section];
}
inline uint32_t section_depth(int section) {
#pragma HLS INLINE
  const uint32_t depth[kSections] = {design::Input::kTiles,
                                     design::Input::kWords,
                                     design::Hidden::kTiles,
                                     design::Hidden::kWords,
                                     design::kMaxPairs * design::kMaxHTiles,
                                     design::kMaxRouteWords};
  return depth[section];
}

inline PartProgram parse_program(const beat_t &beat) {
#pragma HLS INLINE
  return {uint16_t(take_u16(beat, 0)), uint16_t(take_u16(beat, 2)), uint16_t(take_u16(beat, 4)),
          uint16_t(take_u16(beat, 6)), uint16_t(take_u16(beat, 8)), uint16_t(take_u16(beat, 10)),
          uint16_t(take_u16(beat, 12))};
}

// What the registers u_words and v_words count: words of the input part, words of the hidden part.
inline int32_t u_work(const PartProgram (&part)[kParts]) {
#pragma HLS INLINE
  return part[0].words;
}
inline int32_t v_work(const PartProgram (&part)[kParts]) {
#pragma HLS INLINE
  return part[1].words;
}

struct Counts;
struct Verdict;
// Everything of one part of a program, `part` 0 or 1, which stands at a beat. check_records.h
template <class Part>
Verdict check_program(const beat_t *in, uint32_t beat, int part, int tiles, int h_tiles, const Counts &counts);
