/* What one core can do at most, in units a second, measured once: the caller repeats. */
#include "rates.h"
#include <stddef.h>

#define STREAMS 8

typedef float floats __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t words __attribute__((vector_size(VECTOR_BYTES)));

/* Bytes read from `size` bytes at `data`, aligned to a vector; a multiple of STREAMS vectors. */
double read_rate(const void *data, size_t size, long repeats) {
  const words *begin = data, *end = begin + size / VECTOR_BYTES;
  words taken[STREAMS] = {{0}};
  double start = seconds();
  for (long r = 0; r < repeats; r++) {
    for (const words *p = begin; p < end; p += STREAMS)
      for (int q = 0; q < STREAMS; q++) taken[q] ^= p[q];
    for (int q = 0; q < STREAMS; q++) OPAQUE(taken[q]);
  }
  double elapsed = seconds() - start;
  return (double)size * repeats / elapsed;
}

/* Multiply-adds of float32. */
double float_rate(long repeats) {
  floats sum[CHAINS] = {{0}}, x = {0}, y = {0};
  for (int i = 0; i < CHAINS; i++) OPAQUE(sum[i]); /* equal chains would become one */
  double start = seconds();
  for (long r = 0; r < repeats; r++) {
    for (int i = 0; i < CHAINS; i++) sum[i] = sum[i] * x + y;
    OPAQUE(x);
  }
  double elapsed = seconds() - start;
  for (int i = 0; i < CHAINS; i++) OPAQUE(sum[i]);
  return repeats * (double)CHAINS * (VECTOR_BYTES / sizeof(float)) / elapsed;
}

/* Cycles, from a chain of multiplications that take three each (most x86-64 and ARM cores). */
double clock_rate(long repeats) {
  enum { LATENCY = 3, UNROLLED = 8 };
  uint64_t value = 3;
  double start = seconds();
  for (long r = 0; r < repeats; r++)
    for (int i = 0; i < UNROLLED; i++) {
      value *= value;
      __asm__ volatile("" : "+r"(value));
    }
  return repeats * (double)UNROLLED * LATENCY / (seconds() - start);
}
