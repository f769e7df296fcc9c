// SPDX-License-Identifier: Apache-2.0
// What the image of the SVD engine holds: its sections and programs. docs/accelerator_image.md, section 2. The end of
// config.h includes this.
#pragma once
#include "common/sizes.h"

enum Section { kInputU, kInputS, kInputV, kHiddenU, kHiddenS, kHiddenV, kBias, kRoute, kSections };

struct PartProgram {
  uint16_t u_start, u_words, s_start, slots, v_start, v_words, prefix;
};
template <class Part> struct RecordBeats {
  static constexpr int kUCodes = beats_of(kUTile);
  static constexpr int kU = Part::kULanes * kUCodes + beats_of(Part::kULanes * 2);
  static constexpr int kS = beats_of(Part::kULanes * 8);
  static constexpr int kVCodes = beats_of(kGates * Part::kVLanes * 8);
  static constexpr int kV = kVCodes + beats_of(kGates * Part::kVLanes) + 1;
};

// Beats of a record, and how many records the kernel has room for.
inline int record_beats(int section) {
#pragma HLS INLINE
  const int beats[kSections] = {RecordBeats<design::Input>::kU,
                                RecordBeats<design::Input>::kS,
                                RecordBeats<design::Input>::kV,
                                RecordBeats<design::Hidden>::kU,
                                RecordBeats<design::Hidden>::kS,
                                RecordBeats<design::Hidden>::kV,
                                kBiasBeats,
                                1};
  return beats[section];
}
inline uint32_t section_depth(int section) {
#pragma HLS INLINE
  const uint32_t depth[kSections] = {design::Input::kUWords,
                                     design::Input::kSWords,
                                     design::Input::kVWords,
                                     design::Hidden::kUWords,
                                     design::Hidden::kSWords,
                                     design::Hidden::kVWords,
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

// What the registers u_words and v_words count.
inline int32_t u_work(const PartProgram (&part)[kParts]) {
#pragma HLS INLINE
  return part[0].u_words + part[1].u_words;
}
inline int32_t v_work(const PartProgram (&part)[kParts]) {
#pragma HLS INLINE
  return part[0].v_words + part[1].v_words;
}

struct Counts;
struct Verdict;
// Everything of one part of a program, `part` 0 or 1, which stands at a beat. check_program.h
template <class Part>
Verdict check_program(const beat_t *in, uint32_t beat, int part, int tiles, int h_tiles, const Counts &counts);
