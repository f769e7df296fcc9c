// SPDX-License-Identifier: Apache-2.0
// One hidden unit's arithmetic: docs/numerics.md, sections 4 and 7.
#pragma once
#include "common/sigma.h"
#include "common/tokens.h"

struct Unit {
  act_t h;
  cell_t c;
  int32_t clipped_pre, clipped_c;
};

// To 16 - coarser bits, the scale kept: a multiple of 2^coarser. What is added and masked does not change within a
// call, so no shifter stands in the way. A design whose models all have 16 bits leaves it out.
inline sint<16> narrow(sint<16> v, int coarser) {
#pragma HLS INLINE
  if (!design::kNarrows) return v;
  const sint<32> step = sint<32>(1) << coarser, wide = v;
  const sint<32> rounded = (wide + (step >> 1)) & -step, limit = 32768 - step;
  return sint<16>(rounded > limit ? limit : rounded);
}

// The new c, rounded once to 16 - coarser bits.
inline Clipped<cell_t> round_cell(sint<64> sum, int coarser) {
#pragma HLS INLINE
  if (!design::kNarrows) return saturate<16>(round_shift(sum, 15));
  const sint<64> step = sint<64>(1) << coarser;
  const sint<64> rounded = ((sum + (step << 14)) >> 15) & -step, limit = 32768 - step, low = -32768;
  const bool above = rounded > limit, below = rounded < low;
  return {cell_t(above ? limit : below ? low : rounded), above || below};
}

// One hidden unit of one LSTM: sums of its gates and its cell to its new state.
inline Unit update_unit(const acc_t (&sums)[kGates], cell_t cell, int pre_shift, int fraction, int coarser_gates,
                        int coarser_cell) {
#pragma HLS INLINE
  Unit unit = {0, 0, 0, 0};
  sint<16> pre[kGates];
  pre_gates: for (int gate = 0; gate < kGates; ++gate) {
#pragma HLS UNROLL
    // a shift below zero would pass 32 bits: beyond 17 bits the result is clipped anyway
    const sint<64> sum = sums[gate], scaled = sint<64>(saturate<17>(sum).value) * 256;
    const sint<64> narrow = pre_shift < 0 ? scaled : sum;
    const int right = pre_shift < 0 ? pre_shift + 8 : pre_shift;
    const Clipped<sint<16>> clipped = saturate<16>(round_shift(narrow, right));
    pre[gate] = clipped.value;
    unit.clipped_pre += clipped.clipped;
  }
  const sint<16> i = narrow(sigma::sigmoid(pre[0]), coarser_gates), f = narrow(sigma::sigmoid(pre[1]), coarser_gates);
  const sint<16> o = narrow(sigma::sigmoid(pre[3]), coarser_gates);
  const sint<16> g = sint<16>(round_shift(narrow(sigma::tanh(pre[2]), coarser_gates), 15 - fraction));
  const sint<64> sum = sint<64>(product<16, 16>(f, cell)) + product<16, 16>(i, g);
  const Clipped<cell_t> c = round_cell(sum, coarser_cell);
  unit.c = c.value;
  unit.clipped_c = c.clipped;
  const sint<64> cell_now = c.value, finer = cell_now * (sint<64>(1) << (fraction < 12 ? 12 - fraction : 0));
  const sint<64> wide = fraction < 12 ? finer : round_shift(cell_now, fraction - 12);
  const sint<16> t = sigma::tanh(saturate<16>(wide).value);
  const sint<64> h = round_shift(product<16, 16>(o, t), 15);
  unit.h = saturate<design::kActivationBits>(round_shift(h, 16 - design::kActivationBits)).value;
  return unit;
}
