// SPDX-License-Identifier: Apache-2.0
// Two products that share an operand, from one 27 x 18 multiplier: (high * 2^18 + low) * shared.
#pragma once
#include "common/guarantee.h"
#include "common/integers.h"

namespace packed {
constexpr int kOffset = 18, kPairBits = 27;
using pair_t = sint<kPairBits>;
using sum_t = sint<48>; // as wide as a DSP adds

struct Products {
  sint<32> low, high;
};

// Operands of 8 bits always fit.
inline pair_t pair(sint<16> high, sint<16> low) {
#pragma HLS INLINE
  const sum_t both = sum_t(sum_t(high) * (1 << kOffset) + low);
  guarantee(-(1 << (kPairBits - 1)) <= both && both < (1 << (kPairBits - 1)), "a packed pair has 27 bits");
  return pair_t(both);
}

// Splits a sum of packed products. The low sum must stay within 18 bits; where it is negative it has borrowed one
// from the high sum, which bit 17 gives back.
inline Products split(sum_t sum) {
#pragma HLS INLINE
  const sint<32> low_bits = sint<32>(sum & ((1 << kOffset) - 1));
  const sint<32> negative = (low_bits >> (kOffset - 1)) & 1;
  return {sint<32>(low_bits - negative * (1 << kOffset)), sint<32>((sum >> kOffset) + negative)};
}
} // namespace packed
