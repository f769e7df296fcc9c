/* SPDX-License-Identifier: Apache-2.0 */
/* AVX2: x86-64 without AVX-512. */
#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2")

#define NAME(name) avx2_##name
#define KERNEL_NAME "avx2"
#include "lanes_avx2.h"
#include "template.h"

#pragma GCC pop_options
#endif
