/* Rounding, saturation and the sigma tables (docs/numerics.md, sections 2 and 6).
 * Right shifts of negative numbers are arithmetic, as gcc and clang define them. */
#ifndef PYNQ_LSTM_ARITHMETIC_H
#define PYNQ_LSTM_ARITHMETIC_H

#include <stdint.h>

enum { kPreFractionBits = 12, kSigmaFractionBits = 15 };
enum { kSigmoidSegmentBits = 9, kTanhSegmentBits = 8 };

/* build.py defines kSigmoidSegments and kTanhSegments, int32_t[64], from sigma_knots.py before this
 * file: the knot in the upper half of a word, the rise to the next knot in the lower, so that a
 * value costs one load. */

static inline int32_t clamp(int32_t v, int32_t low, int32_t high)
{
    v = v < low ? low : v;
    return v > high ? high : v;
}

static inline int32_t saturate16(int32_t v) { return clamp(v, INT16_MIN, INT16_MAX); }

/* round(v / 2^shift); for shift <= 0 the product must fit. */
static inline int32_t round_shift(int32_t v, int32_t shift)
{
    return shift > 0 ? ((v >> (shift - 1)) + 1) >> 1 : v * (1 << -shift);
}

static inline int32_t piecewise_linear(int32_t magnitude, const int32_t *segments, int32_t bits)
{
    int32_t segment = segments[magnitude >> bits];
    int32_t position = magnitude & ((1 << bits) - 1);
    return (segment >> 16) + round_shift((segment & 0xffff) * position, bits);
}

static inline int32_t sigmoid(int32_t pre)
{
    int32_t magnitude = clamp(pre < 0 ? -pre : pre, 0, 32767);
    int32_t y = piecewise_linear(magnitude, kSigmoidSegments, kSigmoidSegmentBits);
    return pre < 0 ? (1 << kSigmaFractionBits) - y : y;
}

static inline int32_t hyperbolic_tangent(int32_t pre)
{
    int32_t magnitude = clamp(pre < 0 ? -pre : pre, 0, 16383);
    int32_t y = piecewise_linear(magnitude, kTanhSegments, kTanhSegmentBits);
    return pre < 0 ? -y : y;
}

#endif
