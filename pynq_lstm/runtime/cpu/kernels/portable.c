/* SPDX-License-Identifier: Apache-2.0 */
/* Plain C, for whatever has no kernel of its own. Its vectors are structures of arrays, of which a
 * compiler that optimises further makes little more, in four times the time. */
#pragma GCC push_options
#pragma GCC optimize("O1")

#define NAME(name) portable_##name
#define KERNEL_NAME "portable"
#include "lanes_portable.h"
#include "template.h"

#pragma GCC pop_options
