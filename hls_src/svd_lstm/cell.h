// One hidden unit's arithmetic: docs/numerics.md, sections 4 and 7.
#pragma once
#include "common/sigma.h"
#include "svd_lstm/tokens.h"

struct Unit {
  act_t h;
  cell_t c;
  int32_t clipped_pre, clipped_c;
};

// One hidden unit of one LSTM: sums of its gates and its cell to its new state.
inline Unit update_unit(const acc_t (&sums)[kGates], cell_t cell, int pre_shift, int fraction) {
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
  const sint<16> i = sigma::sigmoid(pre[0]), f = sigma::sigmoid(pre[1]), o = sigma::sigmoid(pre[3]);
  const sint<16> g = sint<16>(round_shift(sigma::tanh(pre[2]), 15 - fraction));
  const sint<64> sum = sint<64>(multiply<16, 16>(f, cell)) + multiply<16, 16>(i, g);
  const Clipped<cell_t> c = saturate<16>(round_shift(sum, 15));
  unit.c = c.value;
  unit.clipped_c = c.clipped;
  const sint<64> cell_now = c.value, finer = cell_now * (sint<64>(1) << (fraction < 12 ? 12 - fraction : 0));
  const sint<64> wide = fraction < 12 ? finer : round_shift(cell_now, fraction - 12);
  const sint<16> t = sigma::tanh(saturate<16>(wide).value);
  const sint<64> h = round_shift(multiply<16, 16>(o, t), 15);
  unit.h = saturate<design::kActivationBits>(round_shift(h, 16 - design::kActivationBits)).value;
  return unit;
}
