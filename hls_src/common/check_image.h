// SPDX-License-Identifier: Apache-2.0
// The first pass over an image: nothing is written before everything is in order.
#pragma once
#include "common/crc32.h"
#include "common/check_route.h"
#include "common/counts.h"
#include "common/directory.h"
#include "common/status.h"

// What later commands must know of an image that was accepted.
struct Shape {
  bool loaded;
  int32_t pairs, longest_lag, x_beats, h_beats, state_beats; // beats of a wave, of a state
};

// Gates and c have 4 bits at least, where a design rounds them at all.
constexpr int kMaxCoarser = design::kNarrows ? 12 : 0;

// No image that fits is longer; beyond it nothing is read.
inline uint32_t longest_image() {
#pragma HLS INLINE
  uint32_t beats = kHeaderBeats + kPairBeats * design::kMaxPairs + kProgramBeats * design::kMaxPrograms;
  longest_sections: for (int section = 0; section < kSections; ++section) {
#pragma HLS UNROLL
    beats += section_depth(section) * record_beats(section);
  }
  return beats;
}

inline Verdict check_header(const beat_t *in, uint32_t in_beats, Counts &counts) {
  if (in_beats < kHeaderBeats || in_beats > longest_image()) return {kBadHeader, 1};
  const beat_t first = in[0], second = in[1], third = in[2], fourth = in[3], fifth = in[4];
  const bool image = take_u32(first, 0) == design::kImageMagic && take_u32(first, 4) == design::kImageVersion;
  if (!image) return {kBadHeader, 0};
  const uint32_t engine = take_u32(second, 8);
  if (engine != design::kEngine) return {kOtherEngine, engine};
  const bool own =
      take_u32(first, 8) == uint32_t(design::kDesignHash) && take_u32(first, 12) == uint32_t(design::kDesignHash >> 32);
  if (!own) return {kBadHeader, 0};
  if (take_u32(second, 0) != in_beats || take_u32(second, 12) != 0) return {kBadHeader, 1};
  if (crc32_of_beats(in, 2, in_beats) != take_u32(second, 4)) return {kBadCrc, 1};
  const uint32_t pairs = take_u32(third, 0), programs = take_u32(third, 4), largest = take_u32(third, 8);
  const uint32_t collect = take_u32(third, 12);
  const bool counted = 1 <= pairs && pairs <= design::kMaxPairs && pairs <= programs &&
                       programs <= design::kMaxPrograms && 1 <= largest && largest <= 65535 &&
                       collect <= design::kMaxPairs * design::kMaxHTiles;
  if (!counted) return {kBadDirectory, 2};
  counts.pairs = pairs;
  counts.programs = programs;
  counts.largest = largest;
  counts.collect = collect;
  uint32_t base = kHeaderBeats + kPairBeats * pairs + kProgramBeats * programs;
  bool deep = true;
  check_sections: for (int section = 0; section < kSections; ++section) {
#pragma HLS UNROLL
    counts.records[section] = take_u32(section < 4 ? fourth : fifth, section % 4 * 4);
    deep = deep && counts.records[section] <= section_depth(section);
    counts.base[section] = base;
    base += counts.records[section] * record_beats(section);
  }
  check_no_sections: for (int section = kSections; section < 8; ++section) {
#pragma HLS UNROLL
    deep = deep && take_u32(fifth, section % 4 * 4) == 0;
  }
  if (!deep) return {kBadDirectory, 3};
  return {base == in_beats ? kDone : kBadHeader, 1};
}

inline bool pair_in_order(const Pair &pair, const beat_t &lanes, const Counts &counts) {
  bool good = 1 <= pair.x_tiles && pair.x_tiles <= design::kMaxXTiles && 1 <= pair.h_tiles &&
              pair.h_tiles <= design::kMaxHTiles && pair.external_tiles <= pair.route_words && pair.programs >= 1 &&
              pair.collected <= 1 && within(pair.route_start, pair.route_words, counts.records[kRoute]) &&
              within(pair.bias_start, pair.h_tiles, counts.records[kBias]);
  check_lanes: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
    const PairLane lane = pair.lane[m];
    const uint32_t present = lanes[8 * m];
    bool empty = true;
    check_lane_bytes: for (int i = 0; i < 8; ++i) {
#pragma HLS UNROLL
      empty = empty && lanes[8 * m + i] == 0;
    }
    const bool coarser = (lane.coarser & 15) <= kMaxCoarser && lane.coarser >> 4 <= kMaxCoarser;
    good = good && present <= 1 && (lane.present || empty) && coarser;
    good = good && lane.s_shift[0] <= 47 && lane.s_shift[1] <= 47 && lane.pre_shift <= 32 && lane.fraction <= 14 &&
           (!lane.present || (4 <= lane.p_bits && lane.p_bits <= design::kPBits));
  }
  check_no_lanes: for (int i = 8 * kLanes; i < kBeatBytes; ++i) {
#pragma HLS UNROLL
    good = good && lanes[i] == 0;
  }
  return good && pair.lane[0].present;
}

inline Verdict check_image(const beat_t *in, uint32_t in_beats, Shape &shape) {
  Counts counts;
#pragma HLS ARRAY_PARTITION variable=counts.records complete
#pragma HLS ARRAY_PARTITION variable=counts.base complete
  Verdict verdict = check_header(in, in_beats, counts);
  if (verdict.status != kDone) return verdict;
  Pair pairs[design::kMaxPairs];
  Shape found = {true, counts.pairs, 0, 0, 0, 0};
  int programs = 0, collect = 0;
  Fault fault = {false, 0};
  check_pairs: for (int k = 0; k < counts.pairs; ++k) {
#pragma HLS PIPELINE II=2
#pragma HLS LOOP_TRIPCOUNT min=1 max=4
    const uint32_t beat = kHeaderBeats + kPairBeats * k;
    const beat_t sizes = in[beat], lanes = in[beat + 1];
    pairs[k] = parse_pair(sizes, lanes);
    fault.note(!pair_in_order(pairs[k], lanes, counts), beat);
    programs += pairs[k].programs;
    collect += pairs[k].collected ? pairs[k].h_tiles : 0;
    found.x_beats += pairs[k].external_tiles * kLanes * kXBeats;
    found.h_beats += pairs[k].h_tiles * kHBeats;
    found.state_beats += pairs[k].h_tiles * kStateBeats;
    check_lags: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
      if (pairs[k].lane[m].lag > found.longest_lag) found.longest_lag = pairs[k].lane[m].lag;
    }
  }
  if (fault.found) return {kBadDirectory, fault.beat};
  if (programs != counts.programs || collect != counts.collect) return {kBadDirectory, 2};
  uint32_t beat = kHeaderBeats + kPairBeats * counts.pairs;
  check_programs: for (int k = 0; k < counts.pairs; ++k) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=4
    const Pair pair = pairs[k];
    verdict = check_route(in, counts.base[kRoute], k, pairs, counts.pairs);
    if (verdict.status != kDone) return verdict;
    uint32_t last = 0; // prefixes ascend
    check_prefixes: for (int n = 0; n < pair.programs; ++n, beat += kProgramBeats) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=64
      const uint32_t prefix = take_u16(in[beat], 12);
      if (prefix <= last || prefix > uint32_t(counts.largest) || take_u16(in[beat + 1], 12) != prefix) {
        return {kBadDirectory, beat};
      }
      last = prefix;
      verdict = check_program<design::Input>(in, beat, 0, pair.x_tiles, pair.h_tiles, counts);
      if (verdict.status != kDone) return verdict;
      verdict =
          check_program<design::Hidden>(in, beat + 1, 1, (pair.h_tiles + kJoined - 1) / kJoined, pair.h_tiles, counts);
      if (verdict.status != kDone) return verdict;
    }
  }
  shape = found;
  return {kDone, 0};
}
