/* SPDX-License-Identifier: Apache-2.0 */
/* NEON of Armv8.0, without its later dot products: the board's Cortex-A53 and every other
 * aarch64. */
#if defined(__aarch64__)
#include <arm_neon.h>

#define NAME(name) neon_##name
#define KERNEL_NAME "neon"
#include "lanes_neon.h"
#include "template.h"
#endif
