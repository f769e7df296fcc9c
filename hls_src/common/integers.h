// SPDX-License-Identifier: Apache-2.0
// Integers of stated width. Vitis HLS gives int8_t ... int64_t operators of their own width, so native types lose
// nothing there; other widths are ap_int. Native simulation (HLS_NATIVE) takes the next wider native type, for speed
// and without the ap_int headers; HLS_FORCE_AP makes every width an ap_int, as a cross-check.
#pragma once
#include <cstdint>
#ifndef HLS_NATIVE
#include <ap_int.h>
#endif

namespace integers {
template <int W> struct Signed {
#ifdef HLS_NATIVE
  static_assert(W <= 64, "no wider native integer");
  using type = typename Signed<(W < 8) ? 8 : (W < 16) ? 16 : (W < 32) ? 32 : 64>::type;
#else
  using type = ap_int<W>;
#endif
};
#ifndef HLS_FORCE_AP
template <> struct Signed<8> { using type = int8_t; };
template <> struct Signed<16> { using type = int16_t; };
template <> struct Signed<32> { using type = int32_t; };
template <> struct Signed<64> { using type = int64_t; };
#endif

template <int W> struct Unsigned {
#ifdef HLS_NATIVE
  static_assert(W <= 16, "no use for a wider one so far");
  using type = typename Unsigned<(W < 8) ? 8 : 16>::type;
#else
  using type = ap_uint<W>;
#endif
};
#ifndef HLS_FORCE_AP
template <> struct Unsigned<8> { using type = uint8_t; };
template <> struct Unsigned<16> { using type = uint16_t; };
#endif
} // namespace integers

template <int W> using sint = typename integers::Signed<W>::type;
// An exact product; a multiplier takes as many bits as the operands have.
template <int A, int B> sint<A + B> multiply(sint<A> a, sint<B> b) {
#pragma HLS INLINE
#ifdef HLS_NATIVE
  const sint<A + B> product = sint<A + B>(a) * b;
#else
  const sint<A + B> product = ap_int<A>(a) * ap_int<B>(b);
#endif
#pragma HLS BIND_OP variable=product op=mul impl=dsp
  return product;
}

// The same without a DSP.
template <int A, int B> sint<A + B> multiply_in_fabric(sint<A> a, sint<B> b) {
#pragma HLS INLINE
#ifdef HLS_NATIVE
  const sint<A + B> product = sint<A + B>(a) * b;
#else
  const sint<A + B> product = ap_int<A>(a) * ap_int<B>(b);
#endif
#pragma HLS BIND_OP variable=product op=mul impl=fabric
  return product;
}

template <int W> using uint_of = typename integers::Unsigned<W>::type;
