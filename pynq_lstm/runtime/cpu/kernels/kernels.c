/* All kernels, each from the same templates over its own vectors, and which of them can run here. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

#include "../kernel.h"
#include "arithmetic.h"
#include "scratch.h"

#define INLINE static inline __attribute__((always_inline))

#include "avx512.c"

static int runs_here(const struct lstm_kernel *kernel)
{
    if (kernel == &avx512_kernel_in_tiles)
        return tiles_allowed();
    if (kernel == &avx512_kernel)
        return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return 1;
}

static const struct lstm_kernel *const kKernels[] = {&avx512_kernel_in_tiles, &avx512_kernel};

const struct lstm_kernel *lstm_kernel_at(int32_t index)
{
    for (size_t k = 0; k < sizeof kKernels / sizeof *kKernels; k++)
        if (runs_here(kKernels[k]) && index-- == 0)
            return kKernels[k];
    return NULL;
}

int64_t lstm_scratch_bytes(const struct lstm_group *group, const struct lstm_batch *batch, int32_t columns)
{
    struct rows rows = rows_of(group);
    struct scratch unused;
    return lay_out(&unused, &rows, columns, batch->chunk, NULL) - (uint8_t *)NULL;
}

int64_t lstm_infer(const struct lstm_kernel *kernel, const struct lstm_group *const *groups,
                   const struct lstm_batch *const *batches, int32_t count, int32_t threads,
                   uint8_t *const *scratch, const void *x, const void *h, const void *c, void *out,
                   void *h_out, void *c_out, int64_t *counts)
{
    (void)threads;
    memset(counts, 0, sizeof *counts * LSTM_COUNTS);
    for (int32_t k = 0; k < count; k++)
        kernel->run(groups[k], batches[k], 0, groups[k]->models * batches[k]->batch, x, h, c, out, h_out, c_out, scratch[k], counts);
    int64_t sum = 0;
    for (int k = 0; k < LSTM_COUNTS; k++)
        sum += counts[k];
    return sum;
}
