/* SPDX-License-Identifier: Apache-2.0 */
/* Rounding and saturation of one number (docs/numerics.md, sections 2 and 7): for what is too rare
 * to be worth vectors. Right shifts of negative numbers are arithmetic, as gcc and clang define. */
#ifndef PYNQ_LSTM_ARITHMETIC_H
#define PYNQ_LSTM_ARITHMETIC_H

#include <math.h>
#include <stdint.h>

enum { kPreFractionBits = 12, kSigmaFractionBits = 15 };
enum { kSigmoidSegmentBits = 9, kTanhSegmentBits = 8 };
enum { kSigmoidMost = 32767, kTanhMost = 16383 };

/* One curve of section 6: 64 segments, y = knot + round(rise * fraction). Fractions are signed
 * 16-bit numbers of 2^-15 cut out of a magnitude by a shift alone; in an odd segment the top bit is
 * the segment's, so that the fraction is one less, and the knot is the upper one instead. As words,
 * as both in one word, and as planes of bytes (knots low, high, rises low, high). */
struct curve {
    int16_t knots[64], rises[64];
    uint8_t planes[4][64];
    int32_t segments[64]; /* knot << 16 | rise */
};

static inline int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

/* p = sat(round(d s / 2^shift)), the product in int64 (section 4.2). */
static inline int32_t scale_exactly(int32_t d, int32_t s, int32_t shift, int32_t low, int32_t high,
                                    int64_t *clipped)
{
    int64_t product = (int64_t)d * s;
    int64_t scaled = shift > 0 ? ((product >> (shift - 1)) + 1) >> 1 : product;
    int64_t p = scaled > high ? high : scaled < low ? low : scaled;
    *clipped += p != scaled;
    return (int32_t)p;
}

/* Whether step 3 of section 7 clips. */
static inline int cell_clips(int32_t f, int32_t c, int32_t i, int32_t g)
{
    int32_t cell = (f * c + i * g + (1 << (kSigmaFractionBits - 1))) >> kSigmaFractionBits;
    return cell != (int16_t)cell;
}

/* What quantising clips of some floats, and how many are not finite (section 3). */
static void count_clipped(const float *x, int32_t count, float scale, int32_t low, int32_t high,
                          int64_t *clipped, int64_t *not_finite)
{
    for (int32_t k = 0; k < count; k++) {
        float steps = rintf(x[k] * scale);
        *clipped += !(steps >= (float)low && steps <= (float)high);
        *not_finite += !isfinite(x[k]);
    }
}

#endif
