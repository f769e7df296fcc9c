// What travels between the processes: call tokens from `dispatch`, data from unit to unit. Lanes are the two LSTMs of
// a pair, gates stand in the order i, f, g, o.
#pragma once
#include "common/beats.h"
#include "common/clear.h"
#include "common/integers.h"
#include "config.h"

constexpr int kLanes = 2, kGates = 4;
constexpr int kUTile = design::kUTile, kVTile = design::kVTile;
static_assert(kUTile == 2 * kVTile, "two tiles of h make one tile of x");

using code_t = sint<8>;                         // of u and v; never the most negative value
using act_t = sint<design::kActivationBits>;    // x and h
using dot_t = sint<32>;                         // d = u . x, exact
using p_t = sint<design::kPBits>;               // scaled dot products
using acc_t = sint<32>;                         // sums of one gate output, exact
using cell_t = sint<16>;

constexpr int kActivationBytes = design::kActivationBits / 8;
constexpr int kXBeats = beats_of(kUTile * kActivationBytes);          // a tile of x of one lane
constexpr int kHBeats = beats_of(kLanes * kVTile * kActivationBytes); // a tile of h of both lanes
constexpr int kCBeats = beats_of(kLanes * kVTile * 2);
constexpr int kStateBeats = kHBeats + kCBeats;
constexpr int kBiasBeats = beats_of(kGates * kVTile * kLanes * 4);

enum class Kind : uint8_t { kLoad, kPrime, kStep, kDump, kReport };
enum class Start : uint8_t { kZero, kMemory, kResident }; // where a sequence's state comes from

struct UCall {
  Kind kind;
  int32_t start, words, slots, records; // records: of the section, for kLoad
};
struct SCall {
  Kind kind;
  int32_t start, slots, records;
  int32_t refinements;
  int32_t shift[kLanes], limit[kLanes]; // p stays within -limit - 1 to limit
  bool valid[kLanes];
};
struct VCall {
  Kind kind;
  int32_t start, words, slots, records;
};
struct Collected { // a pair whose h routes read
  uint16_t pair, tiles;
};
struct RouteCall {
  Kind kind;
  int32_t start, words, records;
  int32_t collect; // tokens of h to take over first
  Collected from[design::kMaxPairs];
};
struct HTilesCall {
  Kind kind;
  int32_t tiles;
};
struct SigmaCall {
  Kind kind;
  Start from;
  bool begins;    // the first call of a command
  bool emit;      // h goes to the next step
  bool collected; // and to `route`
  int32_t pair, tiles, bias_start, records;
  int32_t pre_shift[kLanes], fraction[kLanes];
  bool valid[kLanes];
  int32_t u_words, v_words;
};
struct CollectCall {
  Kind kind;
  int32_t tiles;
};

struct XLane {
  act_t value[kUTile];
};
struct XTile {
  XLane lane[kLanes];
};
struct HTile {
  act_t value[kLanes][kVTile];
};
struct State {
  HTile h;
  cell_t c[kLanes][kVTile];
};

inline XTile zero_x() {
#pragma HLS INLINE
  XTile tile;
  clear(tile.lane[0].value);
  clear(tile.lane[1].value);
  return tile;
}
inline State zero_state() {
#pragma HLS INLINE
  State state;
  clear(state.h.value);
  clear(state.c);
  return state;
}

template <class Part> struct Dots {
  dot_t value[Part::kULanes][kLanes];
};
struct PPair {
  p_t lane[kLanes];
};
template <class Part> struct Ps {
  PPair value[Part::kULanes];
};
struct Sums {
  acc_t value[kGates][kVTile][kLanes];
};
struct Report {
  uint32_t steps, u_words, v_words, clipped_p, clipped_pre, clipped_c;
};
