/* What the rates share: a clock, the widest vectors, and a fence against the optimiser. */
#ifndef BENCH_CPU_RATES_H
#define BENCH_CPU_RATES_H
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
/* Twelve chains hide a latency of four cycles at two results a cycle, and fit 16 registers. */
#define CHAINS 12
/* Hides where a vector comes from, so that no work moves out of a loop. */
#if defined(__x86_64__) || defined(__i386__)
#define OPAQUE(vector) __asm__ volatile("" : "+x"(vector))
#elif defined(__ARM_NEON)
#define OPAQUE(vector) __asm__ volatile("" : "+w"(vector))
#else
#define OPAQUE(vector) __asm__ volatile("" : "+m"(vector))
#endif

static inline double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

#endif
