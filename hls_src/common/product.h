// SPDX-License-Identifier: Apache-2.0
// Products outside of the SVD engine: of DSPs or of LUTs, as the design says.
#pragma once
#include "common/integers.h"
#include "config.h"

template <int A, int B> sint<A + B> product(sint<A> a, sint<B> b) {
#pragma HLS INLINE
  if (design::kDspMultipliers) return multiply<A, B>(a, b);
  return multiply_in_fabric<A, B>(a, b);
}
