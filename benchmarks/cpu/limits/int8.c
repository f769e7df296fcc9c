/* Multiply-adds a second of int8 codes, by the best instruction that the compiler may use. */
#include "rates.h"

#if defined(__AMX_INT8__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(__AVX512VNNI__)
typedef __m512i sums;
#define INT8_INSTRUCTION "AVX-512 VNNI"
#define MULTIPLY_ADD(a, x, y) _mm512_dpbusd_epi32(a, x, y)
#define MACS sizeof(sums)
#elif defined(__AVXVNNI__)
typedef __m256i sums;
#define INT8_INSTRUCTION "AVX-VNNI"
#define MULTIPLY_ADD(a, x, y) _mm256_dpbusd_avx_epi32(a, x, y)
#define MACS sizeof(sums)
#elif defined(__AVX2__)
typedef __m256i sums;
#define INT8_INSTRUCTION "AVX2 maddubs"
#define MULTIPLY_ADD(a, x, y) \
  _mm256_add_epi32(a, _mm256_madd_epi16(_mm256_maddubs_epi16(x, y), _mm256_set1_epi16(1)))
#define MACS sizeof(sums)
#elif defined(__ARM_FEATURE_DOTPROD)
typedef int32x4_t sums;
#define INT8_INSTRUCTION "NEON dot product"
#define MULTIPLY_ADD(a, x, y) vdotq_s32(a, vreinterpretq_s8_s32(x), vreinterpretq_s8_s32(y))
#define MACS sizeof(sums)
#else
typedef int32_t sums __attribute__((vector_size(16)));
#define INT8_INSTRUCTION "int32 vectors"
#define MULTIPLY_ADD(a, x, y) ((a) + (x) * (y))
#define MACS (sizeof(sums) / sizeof(int32_t))
#endif

const char *int8_instruction(void) { return INT8_INSTRUCTION; }

/* `codes` holds CHAINS vectors, aligned to one: a factor for each chain, as weights are. */
double int8_rate(const void *codes, long repeats) {
  const sums *y = codes;
  sums sum[CHAINS] = {{0}}, x = y[0];
  double start = seconds();
  for (long r = 0; r < repeats; r++) {
    __asm__ volatile("" : "+r"(y)); /* taken from memory every time */
    for (int i = 0; i < CHAINS; i++) {
      sum[i] = MULTIPLY_ADD(sum[i], x, y[i]);
      OPAQUE(sum[i]); /* gcc then leaves it in its register */
    }
  }
  double elapsed = seconds() - start;
  return repeats * (double)CHAINS * MACS / elapsed;
}

/* Multiply-adds of int8 in AMX tiles; 0 where there are none, or the system does not grant them. */
double amx_rate(long repeats) {
#if defined(__AMX_INT8__) && defined(__linux__)
  enum { REQUEST = 0x1023, TILE_DATA = 18, ROWS = 16, ROW_BYTES = 64 };
  if (syscall(SYS_arch_prctl, REQUEST, TILE_DATA)) return 0;
  struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  } config = {.palette = 1};
  for (int i = 0; i < 8; i++) config.row_bytes[i] = ROW_BYTES, config.rows[i] = ROWS;
  _tile_loadconfig(&config);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  double start = seconds();
  for (long r = 0; r < repeats; r++) {
    _tile_dpbssd(0, 4, 5);
    _tile_dpbssd(1, 4, 5);
    _tile_dpbssd(2, 4, 5);
    _tile_dpbssd(3, 4, 5);
  }
  double elapsed = seconds() - start;
  _tile_release();
  return repeats * 4. * ROWS * ROWS * ROW_BYTES / elapsed;
#else
  (void)repeats;
  return 0;
#endif
}
