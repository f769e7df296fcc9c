// SPDX-License-Identifier: Apache-2.0
// Sigmoid and tanh as 64 linear segments, docs/numerics.md section 6: int16 codes of 2^-12 to int16 codes of 2^-15.
#pragma once
#include "common/product.h"
#include "common/rounding.h"
#include "common/sigma_segments.h"

namespace sigma {
// A curve over non-negative arguments of 15 bits, in segments of 2^Bits codes.
template <int Bits> sint<16> piecewise_linear(const int16_t (&low)[64], const int16_t (&rise)[64], sint<16> argument) {
#pragma HLS INLINE
  const int segment = int(argument) >> Bits;
  const sint<16> position = sint<16>(argument & ((1 << Bits) - 1)), start = low[segment], slope = rise[segment];
  const sint<32> risen = product<16, 16>(slope, position);
  return sint<16>(start + ((risen + (1 << (Bits - 1))) >> Bits));
}

inline sint<16> magnitude(sint<16> v, sint<32> limit) {
#pragma HLS INLINE
  const sint<32> wide = v, positive = v < 0 ? sint<32>(-wide) : wide;
  return sint<16>(positive > limit ? limit : positive);
}

inline sint<16> sigmoid(sint<16> v) {
#pragma HLS INLINE
#pragma HLS BIND_STORAGE variable=kSigmoidLow type=rom_np impl=lutram
#pragma HLS BIND_STORAGE variable=kSigmoidRise type=rom_np impl=lutram
  const sint<16> y = piecewise_linear<9>(kSigmoidLow, kSigmoidRise, magnitude(v, 32767));
  return sint<16>(v < 0 ? sint<32>((1 << 15) - y) : sint<32>(y));
}

inline sint<16> tanh(sint<16> v) {
#pragma HLS INLINE
#pragma HLS BIND_STORAGE variable=kTanhLow type=rom_np impl=lutram
#pragma HLS BIND_STORAGE variable=kTanhRise type=rom_np impl=lutram
  const sint<16> y = piecewise_linear<8>(kTanhLow, kTanhRise, magnitude(v, 16383));
  return sint<16>(v < 0 ? sint<32>(-y) : sint<32>(y));
}
} // namespace sigma
