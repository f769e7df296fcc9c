// SPDX-License-Identifier: Apache-2.0
// CRC-32 as zlib computes it, over beats in memory, a byte a cycle.
#pragma once
#include "common/beats.h"

inline uint32_t crc32_nibble(uint32_t crc, uint32_t bits) {
#pragma HLS INLINE
  static const uint32_t kTable[16] = {// in registers: two look-ups stand in the recurrence
                                      0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
                                      0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                      0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
#pragma HLS ARRAY_PARTITION variable=kTable complete
  return kTable[(crc ^ bits) & 15] ^ (crc >> 4);
}

inline uint32_t crc32_of_beats(const beat_t *in, uint32_t begin, uint32_t end) {
  constexpr uint32_t kBurst = 64;
  beat_t block[kBurst];
  uint32_t crc = 0xFFFFFFFF;
  crc_blocks: for (uint32_t first = begin; first < end; first += kBurst) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const uint32_t count = end - first < kBurst ? end - first : kBurst;
    crc_read: for (uint32_t n = 0; n < count; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=64
      block[n] = in[first + n];
    }
    crc_bytes: for (uint32_t n = 0; n < count * kBeatBytes; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=16 max=1024
      const uint8_t byte = block[n / kBeatBytes][n % kBeatBytes];
      crc = crc32_nibble(crc32_nibble(crc, byte), byte >> 4);
    }
  }
  return ~crc;
}
