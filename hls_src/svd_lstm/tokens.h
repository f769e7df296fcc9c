// SPDX-License-Identifier: Apache-2.0
// What goes between the processes of the SVD engine.
#pragma once
#include "common/tokens.h"

using code_t = sint<8>; // of u and v; never the most negative value
using dot_t = sint<32>; // d = u . x, exact

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

template <class Part> struct Dots { dot_t value[Part::kULanes][kLanes]; };
struct PPair {
  p_t lane[kLanes];
};
template <class Part> struct Ps { PPair value[Part::kULanes]; };
