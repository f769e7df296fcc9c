// The types of the sample: a design struct, tokens, integers that -DSAMPLE_FORCE_AP turns into ap_int.
#pragma once
#include <cstdint>
#include <hls_stream.h>
#include <hls_vector.h>
#ifdef SAMPLE_FORCE_AP
#include <ap_int.h>
#endif

namespace integers {
template <int W> struct Signed {
#ifdef SAMPLE_FORCE_AP
  using type = ap_int<W>;
#endif
};
#ifndef SAMPLE_FORCE_AP
template <> struct Signed<8> { using type = int8_t; };
template <> struct Signed<16> { using type = int16_t; };
template <> struct Signed<32> { using type = int32_t; };
#endif
} // namespace integers
template <int W> using sint = typename integers::Signed<W>::type;

constexpr int kTile = 8, kModels = 2, kFeedbackDepth = 64;
using beat_t = hls::vector<uint8_t, 16>;

struct InputPart {
  static constexpr int kLanes = 4, kWords = 256, kTiles = 8, kMaxSlots = 4;
};
struct HiddenPart {
  static constexpr int kLanes = 2, kWords = 128, kTiles = 8, kMaxSlots = 4;
};

enum class Kind : uint8_t { kLoad, kStep };
struct Call {
  Kind kind;
  int32_t words, slots;
};
struct Tile {
  sint<8> value[kModels][kTile];
};
template <class Part> struct Sums {
  sint<32> value[Part::kLanes][kModels];
};
