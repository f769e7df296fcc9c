/* Sigmoids a second, on int16 codes. */
#include "rates.h"

/* Sigmoids of int16 as docs/numerics.md, section 6, defines them, over `count` codes, a multiple
   of 32; `knots` has 65. */
double sigmoid_rate(const int16_t *codes, int16_t *out, int count, const int16_t *knots,
                    long repeats) {
  enum { SEGMENTS = 64, SHIFT = 9, LANES = 32 };
  int16_t slope[SEGMENTS];
  for (int k = 0; k < SEGMENTS; k++) slope[k] = knots[k + 1] - knots[k];
  double start = seconds();
  for (long r = 0; r < repeats; r++) {
#if defined(__AVX512BW__)
    __m512i low = _mm512_loadu_si512(knots), high = _mm512_loadu_si512(knots + LANES);
    __m512i slope_low = _mm512_loadu_si512(slope), slope_high = _mm512_loadu_si512(slope + LANES);
    for (int i = 0; i < count; i += LANES) {
      __m512i v = _mm512_loadu_si512(codes + i);
      __m512i a = _mm512_min_epu16(_mm512_abs_epi16(v), _mm512_set1_epi16(INT16_MAX));
      __m512i k = _mm512_srli_epi16(a, SHIFT);
      /* times 64, so that the rounding product's 15 bits become the 9 of a segment */
      __m512i q = _mm512_slli_epi16(_mm512_and_si512(a, _mm512_set1_epi16((1 << SHIFT) - 1)), 6);
      __m512i step = _mm512_mulhrs_epi16(_mm512_permutex2var_epi16(slope_low, k, slope_high), q);
      __m512i y = _mm512_add_epi16(_mm512_permutex2var_epi16(low, k, high), step);
      y = _mm512_mask_sub_epi16(y, _mm512_movepi16_mask(v), _mm512_set1_epi16(INT16_MIN), y);
      _mm512_storeu_si512(out + i, y);
    }
#else
    for (int i = 0; i < count; i++) {
      int a = codes[i] < 0 ? -codes[i] : codes[i];
      a = a > INT16_MAX ? INT16_MAX : a;
      int k = a >> SHIFT, q = a & ((1 << SHIFT) - 1);
      int y = knots[k] + ((slope[k] * q + (1 << (SHIFT - 1))) >> SHIFT);
      out[i] = codes[i] < 0 ? (1 << 15) - y : y;
    }
#endif
    __asm__ volatile("" : : "r"(out) : "memory"); /* every repetition stores */
  }
  return (double)count * repeats / (seconds() - start);
}
