/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of NEON, two registers each: 8 sums of int32, 16 half words of int16.
 * A word of 8-bit weights is two pairs of inputs, each (8 rows, 2): SMULL and SMLAL sum a product
 * of each pair in 16 bits (2 x 127 x 128 fits), SADALP adds neighbours to the sums of their row. */
#define LANES 8
#define HALF 16
#define VECTORS 4
#define COLUMNS 2
#define OFFSET 0
#define SCALE_BITS 31
#define HOLD(w) (void)(w)
#define BYTE_PRODUCTS "products_neon.h"

#define LAYOUT                                                         \
    {LANES, 2, 1, OFFSET, SCALE_BITS, VECTORS,                         \
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},           \
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,            \
      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}}
static const struct lstm_layout NAME(layout) = LAYOUT;

/* Structures of our own: the registers of arm_neon.h's are neighbours, which costs gcc a copy or a
 * store for every second instruction. */
typedef struct {
    int32x4_t val[2];
} NAME(sums);
typedef struct {
    int16x8_t val[2];
} NAME(half);
typedef struct {
    int8x16_t val[2];
} NAME(weights);

#define sums_t NAME(sums)
#define half_t NAME(half)
#define weights_t NAME(weights)
#define word_t NAME(half)
#define words_t word_t

/* --- products --------------------------------------------------------------------------------- */
INLINE sums_t load_sums(const int32_t *p) { return (sums_t){{vld1q_s32(p), vld1q_s32(p + 4)}}; }
INLINE void store_sums(int32_t *p, sums_t a)
{
    vst1q_s32(p, a.val[0]);
    vst1q_s32(p + 4, a.val[1]);
}
INLINE sums_t zero_sums(void) { return (sums_t){{vdupq_n_s32(0), vdupq_n_s32(0)}}; }
INLINE sums_t add_sums(sums_t a, sums_t b)
{
    return (sums_t){{vaddq_s32(a.val[0], b.val[0]), vaddq_s32(a.val[1], b.val[1])}};
}
INLINE weights_t load_weights(const uint8_t *p)
{
    const int8_t *w = (const int8_t *)p;
    return (weights_t){{vld1q_s8(w), vld1q_s8(w + 16)}};
}

/* Either pair of 8-bit inputs, or either 16-bit input, in all lanes. */
INLINE word_t load_word(const uint8_t *p, int wide)
{
    (void)wide;
    int16x4_t both = vreinterpret_s16_s32(vld1_dup_s32((const int32_t *)p));
    return (word_t){{vdupq_lane_s16(both, 0), vdupq_lane_s16(both, 1)}};
}

INLINE sums_t multiply(sums_t a, weights_t w, word_t x, int wide)
{
    if (wide) {
        int16x8_t first = vreinterpretq_s16_s8(w.val[0]), second = vreinterpretq_s16_s8(w.val[1]);
        a.val[0] = vmlal_s16(a.val[0], vget_low_s16(first), vget_low_s16(x.val[0]));
        a.val[1] = vmlal_high_s16(a.val[1], first, x.val[0]);
        a.val[0] = vmlal_s16(a.val[0], vget_low_s16(second), vget_low_s16(x.val[1]));
        a.val[1] = vmlal_high_s16(a.val[1], second, x.val[1]);
        return a;
    }
    int8x16_t x0 = vreinterpretq_s8_s16(x.val[0]), x1 = vreinterpretq_s8_s16(x.val[1]);
    int16x8_t low = vmull_s8(vget_low_s8(w.val[0]), vget_low_s8(x0));
    int16x8_t high = vmull_high_s8(w.val[0], x0);
    low = vmlal_s8(low, vget_low_s8(w.val[1]), vget_low_s8(x1));
    high = vmlal_high_s8(high, w.val[1], x1);
    a.val[0] = vpadalq_s16(a.val[0], low);
    a.val[1] = vpadalq_s16(a.val[1], high);
    return a;
}

/* The first pair of every word, and the second one: words that repeat, one a lane. */
INLINE words_t load_words(const uint8_t *p, const int words)
{
    const int16_t *x = (const int16_t *)p;
    int16x8_t low = words == 2 ? vreinterpretq_s16_s64(vld1q_dup_s64((const int64_t *)p))
                               : vld1q_s16(x);
    int16x8_t high = words == 8 ? vld1q_s16(x + 8) : low;
    return (words_t){{vuzp1q_s16(low, high), vuzp2q_s16(low, high)}};
}
INLINE sums_t multiply_words(sums_t a, weights_t w, words_t x) { return multiply(a, w, x, 0); }
INLINE words_t spread_codes(const uint8_t *row, const int v)
{
    int16x8_t codes = vmovl_s8(vld1_s8((const int8_t *)row + v * LANES));
    return (words_t){{codes, codes}};
}
INLINE sums_t multiply_spread(sums_t a, weights_t w, words_t x) { return multiply(a, w, x, 1); }
INLINE void shuffle_codes(uint8_t *to, const uint8_t *from, const uint8_t *index, const int near)
{
    const uint8x16_t low = vdupq_n_u8(15);
    for (int k = 0; k < 64; k += 16) {
        uint8x16_t places = vld1q_u8(index + k);
        vst1q_u8(to + k, near ? vqtbl1q_u8(vld1q_u8(from + k), vandq_u8(places, low))
                              : vqtbl4q_u8(vld1q_u8_x4(from), places));
    }
}

/* --- rounding, saturation --------------------------------------------------------------------- */
INLINE sums_t scale_sums(sums_t d, const int32_t *scale)
{
    sums_t m = load_sums(scale);
    return (sums_t){{vqrdmulhq_s32(d.val[0], m.val[0]), vqrdmulhq_s32(d.val[1], m.val[1])}};
}

INLINE sums_t clip_sums(sums_t v, int32_t low, int32_t high, int64_t *clipped)
{
    const int32x4_t least = vdupq_n_s32(low), most = vdupq_n_s32(high);
    sums_t p = {
        {vmaxq_s32(vminq_s32(v.val[0], most), least), vmaxq_s32(vminq_s32(v.val[1], most), least)}};
    uint32x4_t same = vaddq_u32(vceqq_s32(p.val[0], v.val[0]), vceqq_s32(p.val[1], v.val[1]));
    *clipped += LANES + (int32_t)vaddvq_u32(same);
    return p;
}

INLINE void store_codes(uint8_t *to, sums_t p, int wide)
{
    int16x8_t words = vcombine_s16(vmovn_s32(p.val[0]), vmovn_s32(p.val[1]));
    if (wide)
        vst1q_s16((int16_t *)to, words);
    else
        vst1_s8((int8_t *)to, vmovn_s16(words));
}

INLINE sums_t shift_left(sums_t a, int32_t shift)
{
    const int32x4_t by = vdupq_n_s32(shift);
    return (sums_t){{vshlq_s32(a.val[0], by), vshlq_s32(a.val[1], by)}};
}
INLINE sums_t shift_right(sums_t a, int32_t shift) { return shift_left(a, -shift); }

INLINE half_t pack_sums(sums_t a, sums_t b)
{
    return (half_t){{vqmovn_high_s32(vqmovn_s32(a.val[0]), a.val[1]),
                     vqmovn_high_s32(vqmovn_s32(b.val[0]), b.val[1])}};
}

/* --- half words ------------------------------------------------------------------------------- */
INLINE half_t load_half(const int16_t *p) { return (half_t){{vld1q_s16(p), vld1q_s16(p + 8)}}; }
INLINE void store_half(int16_t *p, half_t v)
{
    vst1q_s16(p, v.val[0]);
    vst1q_s16(p + 8, v.val[1]);
}
INLINE half_t set_half(int16_t v) { return (half_t){{vdupq_n_s16(v), vdupq_n_s16(v)}}; }
INLINE half_t add_half(half_t a, half_t b)
{
    return (half_t){{vaddq_s16(a.val[0], b.val[0]), vaddq_s16(a.val[1], b.val[1])}};
}
INLINE half_t multiply_half(half_t a, half_t b)
{
    return (half_t){{vqrdmulhq_s16(a.val[0], b.val[0]), vqrdmulhq_s16(a.val[1], b.val[1])}};
}
INLINE half_t absolute(half_t v) { return (half_t){{vqabsq_s16(v.val[0]), vqabsq_s16(v.val[1])}}; }
INLINE half_t magnitude(half_t v, int16_t most)
{
    const int16x8_t limit = vdupq_n_s16(most);
    return (half_t){
        {vminq_s16(vqabsq_s16(v.val[0]), limit), vminq_s16(vqabsq_s16(v.val[1]), limit)}};
}
INLINE half_t fraction(half_t a, int bits)
{
    const int16x8_t by = vdupq_n_s16((int16_t)(15 - bits));
    return (half_t){{vshlq_s16(a.val[0], by), vshlq_s16(a.val[1], by)}};
}
INLINE half_t subtract_where_negative(half_t sign, half_t y, half_t from)
{
    half_t result;
    for (int k = 0; k < 2; k++)
        result.val[k] = vbslq_s16(vcltzq_s16(sign.val[k]), vsubq_s16(from.val[k], y.val[k]),
                                  y.val[k]);
    return result;
}
INLINE half_t clip_half(half_t v, int16_t most)
{
    const int16x8_t least = vdupq_n_s16((int16_t)-most), limit = vdupq_n_s16(most);
    return (half_t){{vmaxq_s16(vminq_s16(v.val[0], limit), least),
                     vmaxq_s16(vminq_s16(v.val[1], limit), least)}};
}
INLINE half_t shift_half_left(half_t v, int32_t shift)
{
    const int16x8_t by = vdupq_n_s16((int16_t)shift);
    return (half_t){{vshlq_s16(v.val[0], by), vshlq_s16(v.val[1], by)}};
}

/* Table look-ups of 64 bytes, a plane of bytes at a time. */
INLINE void look_up(half_t a, int bits, const struct curve *curve, half_t *knot, half_t *rise,
                    const int in_bytes)
{
    (void)in_bytes;
    uint8x16_t plane[4], segment = vuzp2q_u8(vreinterpretq_u8_s16(a.val[0]),
                                             vreinterpretq_u8_s16(a.val[1])); /* a >> 8 */
    if (bits > 8)
        segment = vshlq_u8(segment, vdupq_n_s8((int8_t)(8 - bits)));
    for (int k = 0; k < 4; k++)
        plane[k] = vqtbl4q_u8(vld1q_u8_x4(curve->planes[k]), segment);
    knot->val[0] = vreinterpretq_s16_u8(vzip1q_u8(plane[0], plane[1]));
    knot->val[1] = vreinterpretq_s16_u8(vzip2q_u8(plane[0], plane[1]));
    rise->val[0] = vreinterpretq_s16_u8(vzip1q_u8(plane[2], plane[3]));
    rise->val[1] = vreinterpretq_s16_u8(vzip2q_u8(plane[2], plane[3]));
}

/* sat16(round((f c + i g) / 2^15)) */
INLINE half_t mix(half_t f, half_t c, half_t i, half_t g)
{
    half_t result;
    for (int k = 0; k < 2; k++) {
        int32x4_t low = vmull_s16(vget_low_s16(f.val[k]), vget_low_s16(c.val[k]));
        int32x4_t high = vmull_high_s16(f.val[k], c.val[k]);
        low = vmlal_s16(low, vget_low_s16(i.val[k]), vget_low_s16(g.val[k]));
        high = vmlal_high_s16(high, i.val[k], g.val[k]);
        result.val[k] = vqrshrn_high_n_s32(vqrshrn_n_s32(low, 15), high, 15);
    }
    return result;
}

INLINE half_t larger_magnitude(half_t a, half_t v) /* 32768 counts as 32767 */
{
    return (half_t){
        {vmaxq_s16(a.val[0], vqabsq_s16(v.val[0])), vmaxq_s16(a.val[1], vqabsq_s16(v.val[1]))}};
}
INLINE int reaches(half_t a, int16_t limit)
{
    return vmaxvq_s16(vmaxq_s16(a.val[0], a.val[1])) >= limit;
}

INLINE half_t clip_to_p(half_t v, int32_t low, int32_t high, int64_t *clipped)
{
    const int16x8_t least = vdupq_n_s16((int16_t)low), most = vdupq_n_s16((int16_t)high);
    half_t p = {
        {vmaxq_s16(vminq_s16(v.val[0], most), least), vmaxq_s16(vminq_s16(v.val[1], most), least)}};
    uint16x8_t same = vaddq_u16(vceqq_s16(p.val[0], v.val[0]), vceqq_s16(p.val[1], v.val[1]));
    *clipped += HALF + vaddvq_s16(vreinterpretq_s16_u16(same));
    return p;
}
INLINE void store_byte_half(uint8_t *to, half_t h)
{
    vst1q_s8((int8_t *)to, vqmovn_high_s16(vqmovn_s16(h.val[0]), h.val[1]));
}
INLINE void store_bytes(uint8_t *to, half_t a, half_t b)
{
    store_byte_half(to, a);
    store_byte_half(to + HALF, b);
}
INLINE void store_bytes_in_place(uint8_t *to, half_t a, half_t b) { store_bytes(to, a, b); }

INLINE void codes_to_floats(float *to, const uint8_t *row, int wide, float unit, int32_t count)
{
    for (int32_t k = 0; k < count; k += HALF) {
        const uint8_t *from = row + ((size_t)k << wide);
        half_t codes;
        float some[HALF];
        float *at = count - k >= HALF ? to + k : some;
        if (wide) {
            codes = load_half((const int16_t *)from);
        } else {
            int8x16_t bytes = vld1q_s8((const int8_t *)from);
            codes = (half_t){{vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes)}};
        }
#pragma GCC unroll 2
        for (int v = 0; v < 2; v++) {
            int32x4_t low = vmovl_s16(vget_low_s16(codes.val[v]));
            int32x4_t high = vmovl_high_s16(codes.val[v]);
            vst1q_f32(at + 8 * v, vmulq_n_f32(vcvtq_f32_s32(low), unit));
            vst1q_f32(at + 8 * v + 4, vmulq_n_f32(vcvtq_f32_s32(high), unit));
        }
        if (at == some)
            memcpy(to + k, some, sizeof *to * (size_t)(count - k));
    }
}

/* --- floats ----------------------------------------------------------------------------------- */

INLINE int quantise(uint8_t *row, const float *x, int32_t count, float unit, int32_t least,
                    int32_t most, int wide)
{
    const float32x4_t low = vdupq_n_f32((float)least), high = vdupq_n_f32((float)most);
    uint32x4_t same = vdupq_n_u32(~0u);
    for (int32_t k = 0; k < count; k += LANES) {
        float some[LANES] = {0};
        const float *from = x + k;
        sums_t result;
        if (count - k < LANES)
            from = memcpy(some, from, sizeof *x * (size_t)(count - k));
        for (int v = 0; v < 2; v++) {
            float32x4_t steps = vmulq_n_f32(vld1q_f32(from + 4 * v), unit);
            float32x4_t codes = vmaxq_f32(vminq_f32(steps, high), low);
            same = vandq_u32(same, vceqq_f32(codes, steps)); /* never of what is not finite */
            result.val[v] = vcvtnq_s32_f32(codes);
        }
        store_codes(row + ((size_t)k << wide), result, wide);
    }
    return vminvq_u32(same) == 0;
}
