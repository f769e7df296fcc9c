// SPDX-License-Identifier: Apache-2.0
// Rounding and saturation, docs/numerics.md section 2: the only narrowing operations of the design.
#pragma once
#include "common/integers.h"

template <class T> struct Clipped {
  T value;
  bool clipped;
};

// floor(v / 2^shift + 1/2); shift >= 0.
inline sint<64> round_shift(sint<64> v, int shift) {
#pragma HLS INLINE
  return shift > 0 ? sint<64>(((v >> (shift - 1)) + 1) >> 1) : v;
}

// To -limit - 1 .. limit.
inline Clipped<sint<64>> clip(sint<64> v, sint<64> limit) {
#pragma HLS INLINE
  const sint<64> low = -limit - 1;
  const bool above = v > limit, below = v < low;
  return {above ? limit : below ? low : v, above || below};
}

template <int W> Clipped<sint<W>> saturate(sint<64> v) {
#pragma HLS INLINE
  const Clipped<sint<64>> clipped = clip(v, (int64_t(1) << (W - 1)) - 1);
  return {sint<W>(clipped.value), clipped.clipped};
}
