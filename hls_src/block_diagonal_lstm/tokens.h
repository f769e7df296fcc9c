// SPDX-License-Identifier: Apache-2.0
// What goes to the parts of the block-diagonal engine.
#pragma once
#include "common/tokens.h"

using code_t = sint<design::kWeightBits>; // of w; never the most negative value
static_assert(design::kPBits <= 8, "operands of the multipliers have 8 bits at most");

struct PartCall {
  Kind kind;
  int32_t tiles, column_start; // of the input of the part
  int32_t words, word_start;   // of weights
  int32_t groups, rows;        // words of an output tile; rows of operands, of all classes of columns
  int32_t columns, weights;    // records of the sections, for kLoad
  int32_t m_shift, limit;      // x' stays within -limit - 1 to limit
  int32_t sum_shift;
  bool valid;
};
