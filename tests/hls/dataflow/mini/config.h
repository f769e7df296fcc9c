// Sizes of the small kernel: a recurrence h = f(x, h) in the form of the accelerator.
#pragma once
#include <cstdint>
#include <hls_stream.h>
#include <hls_vector.h>

namespace mini {

constexpr int kUnits = 4;          // elements of a token
constexpr int kTiles = 8;          // tokens of x and of h a step
constexpr int kTurns = 1;          // steps in a call of the region
constexpr int kFeedbackDepth = 16; // h of two steps
constexpr int kAheadDepth = 12;    // sums of the input part that wait for the hidden part

using Beat = hls::vector<int32_t, kUnits>;

struct Token {
  int32_t v[kUnits];
};
struct Command {
  int32_t tiles, first, last;
};

struct InputPart {
  static constexpr int kWeight = 5, kWords = 2 * kTiles;
};
struct HiddenPart {
  static constexpr int kWeight = 3, kWords = kTiles;
};

} // namespace mini
