/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512 with VNNI: Cascade Lake, Ice Lake, Zen 4 and later; with AMX from Sapphire Rapids on. */
#if defined(__x86_64__)
#if defined(__has_include)
#if __has_include(<amxint8intrin.h>) && defined(__linux__)
#define MATRIX_TILES 1
#include "tiles_amx.h"
#endif
#endif

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

#define NAME(name) avx512_##name
#define KERNEL_NAME "avx512_vnni"
#if MATRIX_TILES
#define TILES_NAME "avx512_amx"
#endif
#include "lanes_avx512.h"
#include "template.h"

#pragma GCC pop_options
#endif
