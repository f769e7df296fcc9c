/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors as arrays of plain C: 8 sums of int32, 16 half words of int16. */
#define LANES 8
#define HALF 16
#define VECTORS 4
#define COLUMNS 2
#define OFFSET 0
#define SCALE_BITS 31
#define HOLD(w) (void)(w)

#define LAYOUT                                                         \
    {LANES, 4, 2, OFFSET, SCALE_BITS, VECTORS,                         \
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},           \
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,            \
      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}}
static const struct lstm_layout NAME(layout) = LAYOUT;

typedef struct {
    int32_t at[LANES];
} NAME(sums);
typedef struct {
    int16_t at[HALF];
} NAME(half);
typedef struct {
    int8_t at[4 * LANES];
} NAME(words);

#define sums_t NAME(sums)
#define half_t NAME(half)
#define weights_t const uint8_t *
#define word_t const uint8_t *
#define words_t NAME(words)

/* A vector of `type` whose element k is `value`. */
#define EACH(type, count, value)          \
    type result;                          \
    for (int k = 0; k < (count); k++)     \
        result.at[k] = (value);           \
    return result;

/* --- products --------------------------------------------------------------------------------- */
INLINE sums_t load_sums(const int32_t *p) { EACH(sums_t, LANES, p[k]) }
INLINE void store_sums(int32_t *p, sums_t a) { memcpy(p, &a, sizeof a); }
INLINE sums_t zero_sums(void) { EACH(sums_t, LANES, 0) }
INLINE sums_t add_sums(sums_t a, sums_t b)
{
    EACH(sums_t, LANES, (int32_t)((uint32_t)a.at[k] + (uint32_t)b.at[k]))
}
INLINE weights_t load_weights(const uint8_t *p) { return p; }
INLINE word_t load_word(const uint8_t *p, int wide)
{
    (void)wide;
    return p;
}

INLINE sums_t multiply(sums_t a, weights_t w, word_t x, int wide)
{
    const int8_t *w8 = (const int8_t *)w, *x8 = (const int8_t *)x;
    const int16_t *w16 = (const int16_t *)w, *x16 = (const int16_t *)x;
    if (wide) {
        EACH(sums_t, LANES, a.at[k] + w16[2 * k] * x16[0] + w16[2 * k + 1] * x16[1])
    }
    EACH(sums_t, LANES,
         a.at[k] + w8[4 * k] * x8[0] + w8[4 * k + 1] * x8[1] + w8[4 * k + 2] * x8[2] +
             w8[4 * k + 3] * x8[3])
}

INLINE words_t load_words(const uint8_t *p, const int words)
{
    words_t result;
    for (int k = 0; k < 4 * LANES; k++)
        result.at[k] = (int8_t)p[k % (4 * words)];
    return result;
}
INLINE sums_t multiply_words(sums_t a, weights_t w, words_t x)
{
    const int8_t *w8 = (const int8_t *)w;
    EACH(sums_t, LANES,
         a.at[k] + w8[4 * k] * x.at[4 * k] + w8[4 * k + 1] * x.at[4 * k + 1] +
             w8[4 * k + 2] * x.at[4 * k + 2] + w8[4 * k + 3] * x.at[4 * k + 3])
}
INLINE words_t spread_codes(const uint8_t *row, const int v)
{
    int16_t codes[2 * LANES];
    words_t result;
    for (int k = 0; k < 2 * LANES; k++)
        codes[k] = (int8_t)row[v * LANES + k / 2];
    memcpy(&result, codes, sizeof result);
    return result;
}
INLINE sums_t multiply_spread(sums_t a, weights_t w, words_t x)
{
    int16_t w16[2 * LANES], x16[2 * LANES];
    memcpy(w16, w, sizeof w16);
    memcpy(x16, &x, sizeof x16);
    EACH(sums_t, LANES, a.at[k] + w16[2 * k] * x16[2 * k] + w16[2 * k + 1] * x16[2 * k + 1])
}
INLINE void shuffle_codes(uint8_t *to, const uint8_t *from, const uint8_t *index, const int near)
{
    (void)near;
    for (int k = 0; k < 64; k++)
        to[k] = from[index[k]];
}

/* --- rounding, saturation --------------------------------------------------------------------- */
INLINE sums_t scale_sums(sums_t d, const int32_t *scale)
{
    EACH(sums_t, LANES,
         (int32_t)(((int64_t)d.at[k] * scale[k] + (INT64_C(1) << (SCALE_BITS - 1))) >> SCALE_BITS))
}

INLINE sums_t clip_sums(sums_t v, int32_t low, int32_t high, int64_t *clipped)
{
    for (int k = 0; k < LANES; k++)
        *clipped += v.at[k] < low || v.at[k] > high;
    EACH(sums_t, LANES, smaller(larger(v.at[k], low), high))
}

INLINE void store_codes(uint8_t *to, sums_t p, int wide)
{
    for (int k = 0; k < LANES; k++)
        if (wide)
            ((int16_t *)to)[k] = (int16_t)p.at[k];
        else
            to[k] = (uint8_t)p.at[k];
}

INLINE sums_t shift_right(sums_t a, int32_t shift) { EACH(sums_t, LANES, a.at[k] >> shift) }
INLINE sums_t shift_left(sums_t a, int32_t shift) { EACH(sums_t, LANES, a.at[k] * (1 << shift)) }

INLINE half_t pack_sums(sums_t a, sums_t b)
{
    EACH(half_t, HALF,
         (int16_t)smaller(larger(k < LANES ? a.at[k % LANES] : b.at[k % LANES], INT16_MIN),
                          INT16_MAX))
}

/* --- half words ------------------------------------------------------------------------------- */
INLINE half_t load_half(const int16_t *p) { EACH(half_t, HALF, p[k]) }
INLINE void store_half(int16_t *p, half_t v) { memcpy(p, &v, sizeof v); }
INLINE half_t set_half(int16_t v) { EACH(half_t, HALF, v) }
INLINE half_t add_half(half_t a, half_t b) { EACH(half_t, HALF, (int16_t)(a.at[k] + b.at[k])) }
INLINE half_t multiply_half(half_t a, half_t b)
{
    EACH(half_t, HALF, (int16_t)((a.at[k] * b.at[k] + (1 << 14)) >> 15))
}
INLINE half_t absolute(half_t v) { EACH(half_t, HALF, (int16_t)(v.at[k] < 0 ? -v.at[k] : v.at[k])) }
INLINE half_t magnitude(half_t v, int16_t most)
{
    EACH(half_t, HALF, (int16_t)smaller(v.at[k] < 0 ? -v.at[k] : v.at[k], most))
}
INLINE half_t fraction(half_t a, int bits)
{
    EACH(half_t, HALF, (int16_t)((uint32_t)a.at[k] << (15 - bits)))
}
INLINE half_t subtract_where_negative(half_t sign, half_t y, half_t from)
{
    EACH(half_t, HALF, (int16_t)(sign.at[k] < 0 ? from.at[k] - y.at[k] : y.at[k]))
}
INLINE half_t clip_half(half_t v, int16_t most)
{
    EACH(half_t, HALF, (int16_t)smaller(larger(v.at[k], -most), most))
}
INLINE half_t shift_half_left(half_t v, int32_t shift)
{
    EACH(half_t, HALF, (int16_t)(v.at[k] * (1 << shift)))
}

INLINE void look_up(half_t a, int bits, const struct curve *curve, half_t *knot, half_t *rise,
                    const int in_bytes)
{
    (void)in_bytes;
    for (int k = 0; k < HALF; k++) {
        knot->at[k] = curve->knots[a.at[k] >> bits];
        rise->at[k] = curve->rises[a.at[k] >> bits];
    }
}

/* sat16(round((f c + i g) / 2^15)) */
INLINE half_t mix(half_t f, half_t c, half_t i, half_t g)
{
    EACH(half_t, HALF,
         (int16_t)smaller(
             larger((f.at[k] * c.at[k] + i.at[k] * g.at[k] + (1 << 14)) >> 15, INT16_MIN),
             INT16_MAX))
}

INLINE half_t larger_magnitude(half_t a, half_t v) /* 32768 counts as 32767 */
{
    EACH(half_t, HALF, (int16_t)larger(a.at[k], smaller(v.at[k] < 0 ? -v.at[k] : v.at[k], 32767)))
}
INLINE int reaches(half_t a, int16_t limit)
{
    int32_t most = 0;
    for (int k = 0; k < HALF; k++)
        most = larger(most, a.at[k]);
    return most >= limit;
}

INLINE half_t clip_to_p(half_t v, int32_t low, int32_t high, int64_t *clipped)
{
    for (int k = 0; k < HALF; k++)
        *clipped += v.at[k] < low || v.at[k] > high;
    EACH(half_t, HALF, (int16_t)smaller(larger(v.at[k], low), high))
}
INLINE void store_byte_half(uint8_t *to, half_t h)
{
    for (int k = 0; k < HALF; k++)
        to[k] = (uint8_t)smaller(larger(h.at[k], INT8_MIN), INT8_MAX);
}
INLINE void store_bytes(uint8_t *to, half_t a, half_t b)
{
    store_byte_half(to, a);
    store_byte_half(to + HALF, b);
}
INLINE void store_bytes_in_place(uint8_t *to, half_t a, half_t b) { store_bytes(to, a, b); }

INLINE void codes_to_floats(float *to, const uint8_t *row, int wide, float unit, int32_t count)
{
    for (int32_t k = 0; k < count; k++)
        to[k] = (float)(wide ? ((const int16_t *)row)[k] : ((const int8_t *)row)[k]) * unit;
}

/* --- floats ----------------------------------------------------------------------------------- */

INLINE int quantise(uint8_t *row, const float *x, int32_t count, float unit, int32_t least,
                    int32_t most, int wide)
{
    int some = 0;
    for (int32_t k = 0; k < count; k += LANES) {
        sums_t codes = zero_sums();
        for (int v = 0; v < LANES && k + v < count; v++) {
            float steps = rintf(x[k + v] * unit);
            /* false where not a number */
            int within = steps >= (float)least && steps <= (float)most;
            some |= !within;
            codes.at[v] = within ? (int32_t)steps : steps > 0 ? most : least;
        }
        store_codes(row + ((size_t)k << wide), codes, wide);
    }
    return some;
}
#undef EACH
