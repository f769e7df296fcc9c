/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of AVX-512 with VNNI: 16 sums of int32, 32 half words of int16.
 * 8-bit inputs carry an offset of 128, since vpdpbusd multiplies unsigned by signed. */
#define LANES 16
#define HALF 32
#define VECTORS 8
#define COLUMNS 4
#define OFFSET 128
#define SCALE_BITS 32
#define HOLD(w) __asm__("" : "+v"(w))

/* vpackssdw and vpacksswb interleave quarters of their operands. */
#define LAYOUT                                                         \
    {LANES, 4, 2, OFFSET, SCALE_BITS, VECTORS,                         \
     {0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27,        \
      4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31},     \
     {0, 1, 2, 3, 16, 17, 18, 19, 32, 33, 34, 35, 48, 49, 50, 51,      \
      4, 5, 6, 7, 20, 21, 22, 23, 36, 37, 38, 39, 52, 53, 54, 55,      \
      8, 9, 10, 11, 24, 25, 26, 27, 40, 41, 42, 43, 56, 57, 58, 59,    \
      12, 13, 14, 15, 28, 29, 30, 31, 44, 45, 46, 47, 60, 61, 62, 63}}
static const struct lstm_layout NAME(layout) = LAYOUT;

#define sums_t __m512i
#define half_t __m512i
#define weights_t __m512i
#define word_t __m512i
#define words_t word_t

/* --- products --------------------------------------------------------------------------------- */
INLINE sums_t load_sums(const int32_t *p) { return _mm512_loadu_si512(p); }
INLINE void store_sums(int32_t *p, sums_t a) { _mm512_storeu_si512(p, a); }
INLINE sums_t zero_sums(void) { return _mm512_setzero_si512(); }
INLINE sums_t add_sums(sums_t a, sums_t b) { return _mm512_add_epi32(a, b); }
INLINE weights_t load_weights(const uint8_t *p) { return _mm512_loadu_si512(p); }

INLINE word_t load_word(const uint8_t *p, int wide)
{
    int32_t word;
    (void)wide;
    memcpy(&word, p, sizeof word);
    return _mm512_set1_epi32(word);
}

/* As assembly: through the intrinsics gcc copies every sum twice a word. */
INLINE sums_t multiply(sums_t a, weights_t w, word_t x, int wide)
{
    if (wide)
        __asm__("vpdpwssd %2, %1, %0" : "+v"(a) : "v"(x), "vm"(w));
    else
        __asm__("vpdpbusd %2, %1, %0" : "+v"(a) : "v"(x), "vm"(w));
    return a;
}

/* Words that repeat, one a lane. */
INLINE words_t load_words(const uint8_t *p, const int words)
{
    int64_t two;
    if (words == 8)
        return _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)p));
    if (words == 4)
        return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)p));
    memcpy(&two, p, sizeof two);
    return _mm512_set1_epi64(two);
}
INLINE sums_t multiply_words(sums_t a, weights_t w, words_t x) { return multiply(a, w, x, 0); }
/* Codes as they are, with the offset: 16-bit numbers from 0 to 255. */
INLINE words_t spread_codes(const uint8_t *row, const int v)
{
    const __m512i first = _mm512_set4_epi32(0x80038003, 0x80028002, 0x80018001, 0x80008000);
    return _mm512_shuffle_epi8(_mm512_loadu_si512(row),
                               _mm512_add_epi32(first, _mm512_set1_epi32(4 * v * 0x10001)));
}
INLINE sums_t multiply_spread(sums_t a, weights_t w, words_t x) { return multiply(a, w, x, 1); }
/* An index of another 16 than `at` comes to 128 or more, which gives zero. */
INLINE void shuffle_codes(uint8_t *to, const uint8_t *from, const uint8_t *index, const int near)
{
    __m512i places = _mm512_loadu_si512(index);
    __m512i codes = _mm512_shuffle_epi8(_mm512_loadu_si512(from), places);
    for (int at = 0; at < 64 && !near; at += 16) {
        __m512i own = _mm512_add_epi8(_mm512_xor_si512(places, _mm512_set1_epi8((char)at)),
                                      _mm512_set1_epi8(0x70));
        __m512i some = _mm512_shuffle_epi8(load_words(from + at, 4), own);
        codes = at ? _mm512_or_si512(codes, some) : some;
    }
    _mm512_storeu_si512(to, codes);
}

/* --- rounding, saturation --------------------------------------------------------------------- */
INLINE sums_t scale_sums(sums_t d, const int32_t *scale)
{
    const __m512i half = _mm512_set1_epi64(INT64_C(1) << (SCALE_BITS - 1));
    __m512i m = _mm512_loadu_si512(scale);
    __m512i even = _mm512_add_epi64(_mm512_mul_epi32(d, m), half);
    __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(d, 32), _mm512_srli_epi64(m, 32));
    return _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32),
                                   _mm512_add_epi64(odd, half));
}

INLINE sums_t clip_sums(sums_t v, int32_t low, int32_t high, int64_t *clipped)
{
    sums_t p = _mm512_max_epi32(_mm512_min_epi32(v, _mm512_set1_epi32(high)),
                                _mm512_set1_epi32(low));
    *clipped += __builtin_popcount(_mm512_cmpneq_epi32_mask(p, v));
    return p;
}

INLINE void store_codes(uint8_t *to, sums_t p, int wide)
{
    if (wide)
        _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16(p));
    else
        _mm_storeu_si128((__m128i *)to,
                         _mm_xor_si128(_mm512_cvtepi32_epi8(p), _mm_set1_epi8(-128)));
}

/* by a vector of counts, since a count in a register of 128 bits costs an instruction more each */
INLINE sums_t shift_right(sums_t a, int32_t shift)
{
    return _mm512_srav_epi32(a, _mm512_set1_epi32(shift));
}

INLINE sums_t shift_left(sums_t a, int32_t shift)
{
    return _mm512_sllv_epi32(a, _mm512_set1_epi32(shift));
}

INLINE half_t pack_sums(sums_t a, sums_t b) { return _mm512_packs_epi32(a, b); }

/* --- half words ------------------------------------------------------------------------------- */
INLINE half_t load_half(const int16_t *p) { return _mm512_loadu_si512(p); }
INLINE void store_half(int16_t *p, half_t v) { _mm512_storeu_si512(p, v); }
INLINE half_t set_half(int16_t v) { return _mm512_set1_epi16(v); }
INLINE half_t add_half(half_t a, half_t b) { return _mm512_add_epi16(a, b); }
INLINE half_t multiply_half(half_t a, half_t b) { return _mm512_mulhrs_epi16(a, b); }
INLINE half_t absolute(half_t v) { return _mm512_abs_epi16(v); }
INLINE half_t magnitude(half_t v, int16_t most)
{
    return _mm512_min_epu16(_mm512_abs_epi16(v), _mm512_set1_epi16(most));
}
INLINE half_t fraction(half_t a, int bits) { return _mm512_slli_epi16(a, 15 - bits); }
INLINE half_t subtract_where_negative(half_t sign, half_t y, half_t from)
{
    return _mm512_mask_sub_epi16(y, _mm512_movepi16_mask(sign), from, y);
}
INLINE half_t clip_half(half_t v, int16_t most)
{
    return _mm512_max_epi16(_mm512_min_epi16(v, _mm512_set1_epi16(most)), _mm512_set1_epi16(-most));
}
INLINE half_t shift_half_left(half_t v, int32_t shift)
{
    return _mm512_sllv_epi16(v, _mm512_set1_epi16((int16_t)shift));
}

/* Words of two planes of bytes: vpermb looks at the low six bits of every byte of `segments`. As
 * assembly, so that the target of a function stays what all processors of this kernel have. */
INLINE half_t NAME(permute_bytes)(const uint8_t (*planes)[64], half_t low, half_t high)
{
    const __mmask64 high_bytes = UINT64_C(0xAAAAAAAAAAAAAAAA);
    half_t found;
    __asm__("vpermb %2, %1, %0" : "=v"(found) : "v"(low), "vm"(_mm512_loadu_si512(planes[0])));
    __asm__("vpermb %3, %2, %0 %{%1%}"
            : "+v"(found)
            : "Yk"(high_bytes), "v"(high), "vm"(_mm512_loadu_si512(planes[1])));
    return found;
}

/* Both bytes of a word: its bits from `bits` on (VBMI: vpmultishiftqb) */
INLINE half_t NAME(segments)(half_t a, int bits)
{
    const int64_t b = bits, word = b << 8 | b;
    half_t windows = _mm512_set1_epi64(word | (word + 0x1010) << 16 | (word + 0x2020) << 32 |
                                       (word + 0x3030) << 48);
    half_t found;
    __asm__("vpmultishiftqb %2, %1, %0" : "=v"(found) : "v"(windows), "v"(a));
    return found;
}

INLINE void look_up(half_t a, int bits, const struct curve *curve, half_t *knot, half_t *rise,
                    const int in_bytes)
{
    if (in_bytes) {
        half_t low = bits == 8 ? _mm512_srli_epi16(a, bits) : NAME(segments)(a, bits);
        half_t high = bits == 8 ? a : low;
        *knot = NAME(permute_bytes)(curve->planes, low, high);
        *rise = NAME(permute_bytes)(curve->planes + 2, low, high);
        return;
    }
    half_t segment = _mm512_srli_epi16(a, bits);
    *knot = _mm512_permutex2var_epi16(load_half(curve->knots), segment,
                                      load_half(curve->knots + 32));
    *rise = _mm512_permutex2var_epi16(load_half(curve->rises), segment,
                                      load_half(curve->rises + 32));
}

/* sat16(round((f c + i g) / 2^15)) */
INLINE half_t mix(half_t f, half_t c, half_t i, half_t g)
{
    const __m512i half = _mm512_set1_epi32(1 << 14);
    __m512i low = _mm512_dpwssd_epi32(half, _mm512_unpacklo_epi16(f, i),
                                      _mm512_unpacklo_epi16(c, g));
    __m512i high = _mm512_dpwssd_epi32(half, _mm512_unpackhi_epi16(f, i),
                                       _mm512_unpackhi_epi16(c, g));
    return _mm512_packs_epi32(_mm512_srai_epi32(low, 15), _mm512_srai_epi32(high, 15));
}

INLINE half_t larger_magnitude(half_t a, half_t v)
{
    return _mm512_max_epu16(a, _mm512_abs_epi16(v));
}

INLINE int reaches(half_t a, int16_t limit)
{
    return _mm512_cmpge_epu16_mask(a, set_half(limit)) != 0;
}

INLINE half_t clip_to_p(half_t v, int32_t low, int32_t high, int64_t *clipped)
{
    half_t p = _mm512_max_epi16(_mm512_min_epi16(v, set_half((int16_t)high)),
                                set_half((int16_t)low));
    *clipped += __builtin_popcount(_mm512_cmpneq_epi16_mask(p, v));
    return p;
}
INLINE void store_bytes(uint8_t *to, half_t a, half_t b)
{
    _mm512_storeu_si512(to, _mm512_xor_si512(_mm512_packs_epi16(a, b), _mm512_set1_epi8(-128)));
}
INLINE void store_bytes_in_place(uint8_t *to, half_t a, half_t b)
{
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    __m512i bytes = _mm512_permutexvar_epi64(order, _mm512_packs_epi16(a, b));
    _mm512_storeu_si512(to, _mm512_xor_si512(bytes, _mm512_set1_epi8(-128)));
}
INLINE void store_byte_half(uint8_t *to, half_t h)
{
    __m256i bytes = _mm512_cvtsepi16_epi8(h);
    _mm256_storeu_si256((__m256i *)to, _mm256_xor_si256(bytes, _mm256_set1_epi8(-128)));
}

/* 8-bit codes are unsigned with the offset: (code + 128) unit - 128 unit is exact */
INLINE void codes_to_floats(float *to, const uint8_t *row, int wide, float unit, int32_t count)
{
    const __m512 scale = _mm512_set1_ps(unit), offset = _mm512_set1_ps(wide ? 0 : -OFFSET * unit);
    for (int32_t k = 0; k < count; k += LANES) {
        const uint8_t *from = row + ((size_t)k << wide);
        __m512i codes = wide ? _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)from))
                             : _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)from));
        __m512 values = _mm512_fmadd_ps(_mm512_cvtepi32_ps(codes), scale, offset);
        if (count - k >= LANES)
            _mm512_storeu_ps(to + k, values);
        else
            _mm512_mask_storeu_ps(to + k, (__mmask16)((1u << (count - k)) - 1), values);
    }
}

/* --- floats ----------------------------------------------------------------------------------- */

/* Codes of 16 floats; `clipped` has those that may be, or are not finite. */
INLINE __m512i NAME(codes_of)(const float *x, __mmask16 valid, __m512 scale, __m512 low,
                              __m512 high, __mmask16 *clipped)
{
    __m512 steps = _mm512_mul_ps(_mm512_maskz_loadu_ps(valid, x), scale);
    __m512 codes = _mm512_max_ps(_mm512_min_ps(steps, high), low);
    *clipped |= _mm512_cmp_ps_mask(codes, steps, _CMP_NEQ_UQ);
    return _mm512_cvtps_epi32(codes); /* rounds half to even; limits are integers */
}

INLINE int quantise(uint8_t *row, const float *x, int32_t count, float unit, int32_t least,
                    int32_t most, int wide)
{
    const __m512 scale = _mm512_set1_ps(unit), low = _mm512_set1_ps((float)least);
    const __m512 high = _mm512_set1_ps((float)most);
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __mmask16 clipped = 0;
    int32_t k = 0;
    for (; !wide && k + 4 * LANES <= count; k += 4 * LANES) {
        __m512i codes[4];
        for (int v = 0; v < 4; v++)
            codes[v] = NAME(codes_of)(x + k + v * LANES, 0xffff, scale, low, high, &clipped);
        __m512i first = _mm512_packs_epi32(codes[0], codes[1]),
                second = _mm512_packs_epi32(codes[2], codes[3]);
        __m512i bytes = _mm512_permutexvar_epi32(order, _mm512_packs_epi16(first, second));
        _mm512_storeu_si512(row + k, _mm512_xor_si512(bytes, _mm512_set1_epi8(-128)));
    }
    for (; k < count; k += LANES) {
        __mmask16 valid = count - k >= LANES ? 0xffff : (__mmask16)((1u << (count - k)) - 1);
        store_codes(row + ((size_t)k << wide),
                    NAME(codes_of)(x + k, valid, scale, low, high, &clipped), wide);
    }
    return clipped != 0;
}
