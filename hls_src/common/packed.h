// Two products that share an operand, from one 27 x 18 multiplier: (high * 2^18 + low) * shared.
#pragma once
#include "common/guarantee.h"
#include "common/integers.h"

namespace packed {
constexpr int kOffset = 18;

struct Products {
  sint<32> low, high;
};

// The operands have at most 9 bits, so the pair has 27.
inline sint<32> pair(sint<16> high, sint<16> low) {
#pragma HLS INLINE
  const sint<32> both = sint<32>(high) * (1 << kOffset) + low;
  guarantee(-(1 << 26) <= both && both < (1 << 26), "a packed pair has 27 bits");
  return both;
}

// Splits a sum of packed products. The low sum must stay within 18 bits; where it is negative it has borrowed one
// from the high sum, which bit 17 gives back.
inline Products split(sint<64> sum) {
#pragma HLS INLINE
  const sint<32> low_bits = sint<32>(sum & ((1 << kOffset) - 1));
  const sint<32> negative = (low_bits >> (kOffset - 1)) & 1;
  return {sint<32>(low_bits - negative * (1 << kOffset)), sint<32>((sum >> kOffset) + negative)};
}
} // namespace packed
