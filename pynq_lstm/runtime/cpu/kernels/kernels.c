/* SPDX-License-Identifier: Apache-2.0 */
/* All kernels, each from the same templates over its own vectors, and which of them can run
 * here. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

#include "../kernel.h"
#include "arithmetic.h"
#include "lanes.h"
#include "pool.h"
#include "scratch.h"

#include "avx512.c"
#include "avx2.c"
#include "neon.c"
#include "portable.c"

struct choice {
    const struct lstm_kernel *kernel;
    int (*runs_here)(void);
};

static int always(void) { return 1; }

#if defined(__x86_64__)
static int has_avx512_vnni(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vnni");
}
#if MATRIX_TILES
static int has_tiles(void)
{
    return has_avx512_vnni() && __builtin_cpu_supports("avx512vbmi") && tiles_allowed();
}
#endif
static int has_avx2(void) { return __builtin_cpu_supports("avx2") != 0; }
#endif

static const struct choice kChoices[] = {
#if defined(__x86_64__)
#if MATRIX_TILES
    {&avx512_kernel_in_tiles, has_tiles},
#endif
    {&avx512_kernel, has_avx512_vnni},
    {&avx2_kernel, has_avx2},
#endif
#if defined(__aarch64__)
    {&neon_kernel, always},
#endif
    {&portable_kernel, always},
};

const struct lstm_kernel *lstm_kernel_at(int32_t index)
{
    for (size_t k = 0; k < sizeof kChoices / sizeof *kChoices; k++)
        if (kChoices[k].runs_here() && index-- == 0)
            return kChoices[k].kernel;
    return NULL;
}

#include "infer.h"
