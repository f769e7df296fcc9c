/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of AVX2: 8 sums of int32, 16 half words of int16. */
#define LANES 8
#define HALF 16
#define VECTORS 4
#define COLUMNS 2
#define OFFSET 0
#define SCALE_BITS 32
#define HOLD(w) (void)(w)

/* vpackssdw and vpacksswb interleave halves of their operands. */
#define LAYOUT                                                       \
    {LANES, 4, 2, OFFSET, SCALE_BITS, VECTORS,                       \
     {0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15},         \
     {0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23,        \
      8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31}}
static const struct lstm_layout NAME(layout) = LAYOUT;

typedef struct {
    __m256i codes, magnitudes;
} NAME(word);

#define sums_t __m256i
#define half_t __m256i
#define weights_t __m256i
#define word_t NAME(word)
#define words_t word_t

/* --- products --------------------------------------------------------------------------------- */
INLINE sums_t load_sums(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE void store_sums(int32_t *p, sums_t a) { _mm256_storeu_si256((__m256i *)p, a); }
INLINE sums_t zero_sums(void) { return _mm256_setzero_si256(); }
INLINE sums_t add_sums(sums_t a, sums_t b) { return _mm256_add_epi32(a, b); }
INLINE weights_t load_weights(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }

INLINE word_t load_word(const uint8_t *p, int wide)
{
    int32_t word;
    memcpy(&word, p, sizeof word);
    __m256i codes = _mm256_set1_epi32(word);
    return (word_t){codes, wide ? codes : _mm256_abs_epi8(codes)};
}

/* vpmaddubsw multiplies unsigned by signed: the sign of x goes to w. Two products of a code of w
 * and a magnitude of x are 32,512 at most, within 16 bits. */
INLINE sums_t multiply(sums_t a, weights_t w, word_t x, int wide)
{
    if (wide)
        return _mm256_add_epi32(a, _mm256_madd_epi16(w, x.codes));
    __m256i pairs = _mm256_maddubs_epi16(x.magnitudes, _mm256_sign_epi8(w, x.codes));
    return _mm256_add_epi32(a, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/* Words that repeat, one a lane. */
INLINE words_t load_words(const uint8_t *p, const int words)
{
    int64_t two;
    memcpy(&two, p, sizeof two);
    __m256i codes = words == 8   ? _mm256_loadu_si256((const __m256i *)p)
                    : words == 4 ? _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)p))
                                 : _mm256_set1_epi64x(two);
    return (words_t){codes, _mm256_abs_epi8(codes)};
}
INLINE sums_t multiply_words(sums_t a, weights_t w, words_t x) { return multiply(a, w, x, 0); }
INLINE words_t spread_codes(const uint8_t *row, const int v)
{
    const __m256i first = _mm256_setr_epi32(0x00800080, 0x01800180, 0x02800280, 0x03800380,
                                            0x00800080, 0x01800180, 0x02800280, 0x03800380);
    const __m256i places = _mm256_add_epi32(first, _mm256_set1_epi32(4 * v * 0x1000100));
    __m256i codes = _mm256_shuffle_epi8(load_weights(row), places);
    codes = _mm256_srai_epi16(codes, 8);
    return (words_t){codes, codes};
}
INLINE sums_t multiply_spread(sums_t a, weights_t w, words_t x) { return multiply(a, w, x, 1); }
/* An index of another 16 than `at` comes to 128 or more, which gives zero. */
INLINE void shuffle_codes(uint8_t *to, const uint8_t *from, const uint8_t *index, const int near)
{
    for (int k = 0; k < 64; k += 32) {
        __m256i places = load_weights(index + k);
        __m256i codes = _mm256_shuffle_epi8(load_weights(from + k), places);
        for (int at = 0; at < 64 && !near; at += 16) {
            __m256i own = _mm256_add_epi8(_mm256_xor_si256(places, _mm256_set1_epi8((char)at)),
                                          _mm256_set1_epi8(0x70));
            __m256i some = _mm256_shuffle_epi8(load_words(from + at, 4).codes, own);
            codes = at ? _mm256_or_si256(codes, some) : some;
        }
        _mm256_storeu_si256((__m256i *)(to + k), codes);
    }
}

/* --- rounding, saturation --------------------------------------------------------------------- */
INLINE sums_t scale_sums(sums_t d, const int32_t *scale)
{
    const __m256i half = _mm256_set1_epi64x(INT64_C(1) << (SCALE_BITS - 1));
    __m256i m = load_sums(scale);
    __m256i even = _mm256_add_epi64(_mm256_mul_epi32(d, m), half);
    __m256i odd = _mm256_mul_epi32(_mm256_srli_epi64(d, 32), _mm256_srli_epi64(m, 32));
    return _mm256_blend_epi32(_mm256_srli_epi64(even, 32), _mm256_add_epi64(odd, half), 0xAA);
}

INLINE sums_t clip_sums(sums_t v, int32_t low, int32_t high, int64_t *clipped)
{
    sums_t p = _mm256_max_epi32(_mm256_min_epi32(v, _mm256_set1_epi32(high)),
                                _mm256_set1_epi32(low));
    __m256i same = _mm256_cmpeq_epi32(p, v);
    *clipped += LANES - __builtin_popcount((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(same)));
    return p;
}

INLINE void store_codes(uint8_t *to, sums_t p, int wide)
{
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(p), _mm256_extracti128_si256(p, 1));
    if (wide)
        _mm_storeu_si128((__m128i *)to, words);
    else
        _mm_storel_epi64((__m128i *)to, _mm_packs_epi16(words, words));
}

INLINE sums_t shift_right(sums_t a, int32_t shift)
{
    return _mm256_sra_epi32(a, _mm_cvtsi32_si128(shift));
}
INLINE sums_t shift_left(sums_t a, int32_t shift)
{
    return _mm256_sll_epi32(a, _mm_cvtsi32_si128(shift));
}
INLINE half_t pack_sums(sums_t a, sums_t b) { return _mm256_packs_epi32(a, b); }

/* --- half words ------------------------------------------------------------------------------- */
INLINE half_t load_half(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE void store_half(int16_t *p, half_t v) { _mm256_storeu_si256((__m256i *)p, v); }
INLINE half_t set_half(int16_t v) { return _mm256_set1_epi16(v); }
INLINE half_t add_half(half_t a, half_t b) { return _mm256_add_epi16(a, b); }
INLINE half_t multiply_half(half_t a, half_t b) { return _mm256_mulhrs_epi16(a, b); }
INLINE half_t absolute(half_t v) { return _mm256_abs_epi16(v); }
INLINE half_t magnitude(half_t v, int16_t most)
{
    return _mm256_min_epu16(_mm256_abs_epi16(v), _mm256_set1_epi16(most));
}
INLINE half_t fraction(half_t a, int bits) { return _mm256_slli_epi16(a, 15 - bits); }
INLINE half_t subtract_where_negative(half_t sign, half_t y, half_t from)
{
    return _mm256_blendv_epi8(y, _mm256_sub_epi16(from, y), _mm256_srai_epi16(sign, 15));
}
INLINE half_t clip_half(half_t v, int16_t most)
{
    return _mm256_max_epi16(_mm256_min_epi16(v, _mm256_set1_epi16(most)), _mm256_set1_epi16(-most));
}
INLINE half_t shift_half_left(half_t v, int32_t shift)
{
    return _mm256_sll_epi16(v, _mm_cvtsi32_si128(shift));
}

/* Gathers words of knot and rise; the interleaving of unpack and pack cancels. */
INLINE void look_up(half_t a, int bits, const struct curve *curve, half_t *knot, half_t *rise,
                    const int in_bytes)
{
    (void)in_bytes;
    const __m256i zero = _mm256_setzero_si256(), low = _mm256_set1_epi32(0xffff);
    __m256i segment = _mm256_srli_epi16(a, bits);
    __m256i first = _mm256_i32gather_epi32(curve->segments, _mm256_unpacklo_epi16(segment, zero),
                                           4);
    __m256i second = _mm256_i32gather_epi32(curve->segments, _mm256_unpackhi_epi16(segment, zero),
                                            4);
    *knot = _mm256_packs_epi32(_mm256_srai_epi32(first, 16), _mm256_srai_epi32(second, 16));
    *rise = _mm256_packs_epi32(_mm256_and_si256(first, low), _mm256_and_si256(second, low));
}

/* sat16(round((f c + i g) / 2^15)) */
INLINE half_t mix(half_t f, half_t c, half_t i, half_t g)
{
    const __m256i half = _mm256_set1_epi32(1 << 14);
    __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi16(f, i), _mm256_unpacklo_epi16(c, g));
    __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi16(f, i), _mm256_unpackhi_epi16(c, g));
    return _mm256_packs_epi32(_mm256_srai_epi32(_mm256_add_epi32(low, half), 15),
                              _mm256_srai_epi32(_mm256_add_epi32(high, half), 15));
}

INLINE half_t larger_magnitude(half_t a, half_t v)
{
    return _mm256_max_epu16(a, _mm256_abs_epi16(v));
}

INLINE int reaches(half_t a, int16_t limit)
{
    return _mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_max_epu16(a, set_half(limit)), a)) != 0;
}

INLINE half_t clip_to_p(half_t v, int32_t low, int32_t high, int64_t *clipped)
{
    half_t p = _mm256_max_epi16(_mm256_min_epi16(v, set_half((int16_t)high)),
                                set_half((int16_t)low));
    unsigned same = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi16(p, v));
    *clipped += HALF - __builtin_popcount(same) / 2;
    return p;
}
INLINE void store_bytes(uint8_t *to, half_t a, half_t b)
{
    _mm256_storeu_si256((__m256i *)to, _mm256_packs_epi16(a, b));
}
INLINE void store_bytes_in_place(uint8_t *to, half_t a, half_t b)
{
    _mm256_storeu_si256((__m256i *)to, _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xD8));
}
INLINE void store_byte_half(uint8_t *to, half_t h)
{
    __m128i low = _mm256_castsi256_si128(h), high = _mm256_extracti128_si256(h, 1);
    _mm_storeu_si128((__m128i *)to, _mm_packs_epi16(low, high));
}

INLINE void codes_to_floats(float *to, const uint8_t *row, int wide, float unit, int32_t count)
{
    const __m256 scale = _mm256_set1_ps(unit);
    for (int32_t k = 0; k < count; k += LANES) {
        const uint8_t *from = row + ((size_t)k << wide);
        __m256i codes = wide ? _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)from))
                             : _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)from));
        __m256 values = _mm256_mul_ps(_mm256_cvtepi32_ps(codes), scale);
        float some[LANES];
        _mm256_storeu_ps(count - k >= LANES ? to + k : some, values);
        if (count - k < LANES)
            memcpy(to + k, some, sizeof *to * (size_t)(count - k));
    }
}

/* --- floats ----------------------------------------------------------------------------------- */

INLINE int quantise(uint8_t *row, const float *x, int32_t count, float unit, int32_t least,
                    int32_t most, int wide)
{
    const __m256 scale = _mm256_set1_ps(unit), low = _mm256_set1_ps((float)least);
    const __m256 high = _mm256_set1_ps((float)most);
    __m256 clipped = _mm256_setzero_ps(); /* or not finite */
    for (int32_t k = 0; k < count; k += LANES) {
        float some[LANES] = {0};
        const float *from = x + k;
        if (count - k < LANES)
            from = memcpy(some, from, sizeof *x * (size_t)(count - k));
        __m256 steps = _mm256_mul_ps(_mm256_loadu_ps(from), scale);
        __m256 codes = _mm256_max_ps(_mm256_min_ps(steps, high), low);
        clipped = _mm256_or_ps(clipped, _mm256_cmp_ps(codes, steps, _CMP_NEQ_UQ));
        store_codes(row + ((size_t)k << wide), _mm256_cvtps_epi32(codes), wide);
    }
    return _mm256_movemask_ps(clipped) != 0;
}
