/* SPDX-License-Identifier: Apache-2.0 */
/* One kernel: what follows the vectors of an instruction set, lanes_*.h. */
#include "products.h"

#include "blocks.h"
#include "cell.h"
#include "columns.h"
#include "operands.h"
#include "run.h"

#undef NAME
#undef KERNEL_NAME
#undef TILES_NAME
#undef LANES
#undef HALF
#undef VECTORS
#undef COLUMNS
#undef OFFSET
#undef SCALE_BITS
#undef HOLD
#undef BYTE_PRODUCTS
#undef LAYOUT
#undef sums_t
#undef half_t
#undef weights_t
#undef word_t
#undef words_t
