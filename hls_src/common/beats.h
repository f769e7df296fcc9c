// SPDX-License-Identifier: Apache-2.0
// Beats of 16 bytes, little-endian: the words of both memory ports.
#pragma once
#include "common/integers.h"
#include <hls_vector.h>

constexpr int kBeatBytes = 16;
using beat_t = hls::vector<uint8_t, kBeatBytes>;

constexpr int beats_of(int bytes) { return (bytes + kBeatBytes - 1) / kBeatBytes; }

// The integer of Bytes bytes at a place of a beat, sign-extended where T is signed.
template <class T, int Bytes> T take(const beat_t &beat, int place) {
#pragma HLS INLINE
  uint64_t bits = 0;
  take_bytes: for (int i = 0; i < Bytes; ++i) {
#pragma HLS UNROLL
    bits |= uint64_t(beat[place + i]) << (8 * i);
  }
  return T(int64_t(bits << (64 - 8 * Bytes)) >> (64 - 8 * Bytes));
}

inline uint32_t take_u16(const beat_t &beat, int place) {
#pragma HLS INLINE
  return uint16_t(take<int32_t, 2>(beat, place));
}
inline uint32_t take_u32(const beat_t &beat, int place) {
#pragma HLS INLINE
  return uint32_t(take<int64_t, 4>(beat, place));
}

template <int Bytes> void put(beat_t &beat, int place, int64_t value) {
#pragma HLS INLINE
  put_bytes: for (int i = 0; i < Bytes; ++i) {
#pragma HLS UNROLL
    beat[place + i] = uint8_t(value >> (8 * i));
  }
}
