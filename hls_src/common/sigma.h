// Sigmoid and tanh as 64 linear segments, docs/numerics.md section 6: int16 codes of 2^-12 to int16 codes of 2^-15.
#pragma once
#include "common/rounding.h"
#include "common/sigma_knots.h"

namespace sigma {
// knots of the curve for non-negative arguments, segments of 2^Bits codes
template <int Bits> sint<32> piecewise_linear(const int32_t (&knots)[65], sint<32> magnitude) {
#pragma HLS INLINE
  const int segment = int(magnitude) >> Bits;
  const sint<32> position = magnitude & ((1 << Bits) - 1);
  const sint<32> low = knots[segment], high = knots[segment + 1];
  return low + (((high - low) * position + (1 << (Bits - 1))) >> Bits);
}

inline sint<32> magnitude(sint<16> v, sint<32> limit) {
#pragma HLS INLINE
  const sint<32> wide = v, positive = v < 0 ? sint<32>(-wide) : wide;
  return positive > limit ? limit : positive;
}

inline sint<32> sigmoid(sint<16> v) {
#pragma HLS INLINE
  const sint<32> y = piecewise_linear<9>(kSigmoidKnots, magnitude(v, 32767));
  return v < 0 ? sint<32>((1 << 15) - y) : y;
}

inline sint<32> tanh(sint<16> v) {
#pragma HLS INLINE
  const sint<32> y = piecewise_linear<8>(kTanhKnots, magnitude(v, 16383));
  return v < 0 ? sint<32>(-y) : y;
}
} // namespace sigma
