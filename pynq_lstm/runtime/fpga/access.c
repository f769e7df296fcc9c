/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of a kernel: aligned 32-bit accesses in program order, and a start with a bounded spin. */
#include "access.h"

#include <time.h>

/* Orders normal memory against device memory, for observers outside the processors' caches too:
 * operands before the start, the end before the results. */
static inline void barrier(void)
{
#if defined(__aarch64__)
    __asm__ volatile("dsb sy" ::: "memory");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

uint32_t access_read(const volatile uint32_t *words, uint32_t index)
{
    uint32_t value = words[index];
    barrier();
    return value;
}

void access_write(volatile uint32_t *words, uint32_t index, uint32_t value)
{
    barrier();
    words[index] = value;
}

uint32_t access_start_and_spin(volatile uint32_t *words, uint32_t index, uint32_t value,
                               uint32_t mask, int64_t nanoseconds)
{
    int64_t deadline = now() + nanoseconds;
    access_write(words, index, value);
    uint32_t found = words[index];
    while (!(found & mask) && now() < deadline) {
        found = words[index];
    }
    barrier();
    return found;
}
