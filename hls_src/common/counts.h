// SPDX-License-Identifier: Apache-2.0
// How many records of what an image says it holds, and where they begin.
#pragma once
#include "common/directory.h"

struct Counts {
  int32_t pairs, programs, largest, collect;
  uint32_t records[kSections], base[kSections];
};

inline bool within(uint32_t start, uint32_t count, uint32_t records) {
#pragma HLS INLINE
  return start + count <= records;
}
