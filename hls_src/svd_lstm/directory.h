// The image's directory: what runs, and where its words are. docs/accelerator_image.md, section 2.
#pragma once
#include "svd_lstm/route.h"
#include "svd_lstm/tokens.h"

constexpr int kHeaderBeats = 5, kPairBeats = 2, kProgramBeats = 2, kParts = 2;

enum Section { kInputU, kInputS, kInputV, kHiddenU, kHiddenS, kHiddenV, kBias, kRoute, kSections };

struct PairLane {
  bool present;
  uint8_t s_shift[kParts], pre_shift, fraction, lag, p_bits; // pre_shift is 8 more than the model's
};
struct Pair {
  uint16_t x_tiles, h_tiles, external_tiles, route_start, route_words, programs, bias_start, collected;
  PairLane lane[kLanes];
};
struct PartProgram {
  uint16_t u_start, u_words, s_start, slots, v_start, v_words, prefix;
};
struct Program {
  PartProgram part[kParts];
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
  const int beats[kSections] = {RecordBeats<design::Input>::kU,  RecordBeats<design::Input>::kS,
                                RecordBeats<design::Input>::kV,  RecordBeats<design::Hidden>::kU,
                                RecordBeats<design::Hidden>::kS, RecordBeats<design::Hidden>::kV,
                                kBiasBeats,                      1};
  return beats[section];
}
inline uint32_t section_depth(int section) {
#pragma HLS INLINE
  const uint32_t depth[kSections] = {design::Input::kUWords,  design::Input::kSWords,  design::Input::kVWords,
                                     design::Hidden::kUWords, design::Hidden::kSWords, design::Hidden::kVWords,
                                     design::kMaxPairs * design::kMaxHTiles, design::kMaxRouteWords};
  return depth[section];
}

inline Pair parse_pair(const beat_t &sizes, const beat_t &lanes) {
#pragma HLS INLINE
  Pair pair = {uint16_t(take_u16(sizes, 0)), uint16_t(take_u16(sizes, 2)), uint16_t(take_u16(sizes, 4)),
               uint16_t(take_u16(sizes, 6)), uint16_t(take_u16(sizes, 8)), uint16_t(take_u16(sizes, 10)),
               uint16_t(take_u16(sizes, 12)), uint16_t(take_u16(sizes, 14)), {}};
  parse_lanes: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
    const int first = 8 * m;
    pair.lane[m] = {lanes[first] == 1,
                    {uint8_t(lanes[first + 1]), uint8_t(lanes[first + 2])},
                    uint8_t(lanes[first + 3]),
                    uint8_t(lanes[first + 4]),
                    uint8_t(lanes[first + 5]),
                    uint8_t(lanes[first + 6])};
  }
  return pair;
}

inline PartProgram parse_program(const beat_t &beat) {
#pragma HLS INLINE
  return {uint16_t(take_u16(beat, 0)), uint16_t(take_u16(beat, 2)),  uint16_t(take_u16(beat, 4)),
          uint16_t(take_u16(beat, 6)), uint16_t(take_u16(beat, 8)),  uint16_t(take_u16(beat, 10)),
          uint16_t(take_u16(beat, 12))};
}
