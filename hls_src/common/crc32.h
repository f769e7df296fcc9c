// CRC-32 as zlib computes it, over beats in memory, two bytes a cycle.
#pragma once
#include "common/beats.h"

inline uint32_t crc32_nibble(uint32_t crc, uint32_t bits) {
#pragma HLS INLINE
  static const uint32_t kTable[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
                                      0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                      0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
  return kTable[(crc ^ bits) & 15] ^ (crc >> 4);
}

inline uint32_t crc32_of_beats(const beat_t *in, uint32_t begin, uint32_t end) {
  uint32_t crc = 0xFFFFFFFF;
  beat_t beat = beat_t(uint8_t(0));
  crc_bytes: for (uint32_t n = 0; n < (end - begin) * (kBeatBytes / 2); ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=65536
    const int place = n % (kBeatBytes / 2) * 2;
    if (place == 0) beat = in[begin + n / (kBeatBytes / 2)];
    crc_two: for (int i = 0; i < 2; ++i) {
#pragma HLS UNROLL
      crc = crc32_nibble(crc32_nibble(crc, beat[place + i]), beat[place + i] >> 4);
    }
  }
  return ~crc;
}
