// SPDX-License-Identifier: Apache-2.0
// Test bench for csim and cosim: plays a file of commands, with what each must answer, and returns how many differ.
// hls_src/tests/make_vectors.py writes the file; its expectations come from the naive model, not from this kernel.
#pragma once
#include "common/beats.h"
#include <cstdio>
#include <cstring>
#include <vector>

namespace testbench {
constexpr uint32_t kVectorMagic = 0x54434556; // "VECT"
constexpr int kRegisters = 6, kResults = 13;
constexpr size_t kPortDepth = 65536; // of the ports' pragmas: cosim copies as many beats

inline bool read_words(std::FILE *file, uint32_t *words, size_t count) {
  return std::fread(words, sizeof(uint32_t), count, file) == count;
}

inline bool read_beats(std::FILE *file, std::vector<beat_t> &beats, size_t count) {
  std::vector<uint8_t> bytes(count * kBeatBytes);
  if (std::fread(bytes.data(), 1, bytes.size(), file) != bytes.size()) return false;
  beats.resize(count < kPortDepth ? kPortDepth : count);
  for (size_t n = 0; n < count; ++n) {
    for (int i = 0; i < kBeatBytes; ++i) beats[n][i] = bytes[n * kBeatBytes + i];
  }
  return true;
}

inline int compare(uint32_t command, const uint32_t *results, const uint32_t *wanted, const std::vector<beat_t> &out,
                   const std::vector<beat_t> &expected, size_t count) {
  int wrong = 0;
  for (int i = 0; i < kResults; ++i) {
    if (results[i] == wanted[i]) continue;
    std::printf("command %u: result %d is %u, not %u\n", command, i, results[i], wanted[i]);
    ++wrong;
  }
  for (size_t n = 0; n < count; ++n) {
    bool same = true;
    for (int i = 0; i < kBeatBytes; ++i) same = same && out[n][i] == expected[n][i];
    if (!same && ++wrong < 20) std::printf("command %u: beat %zu differs\n", command, n);
  }
  return wrong;
}

template <class Top> int play(Top top, std::FILE *file) {
  uint32_t header[2];
  if (!read_words(file, header, 2) || header[0] != kVectorMagic) return std::printf("not a file of vectors\n"), 1;
  int wrong = 0;
  for (uint32_t command = 0; command < header[1]; ++command) {
    uint32_t r[kRegisters], wanted[kResults], o[kResults] = {};
    std::vector<beat_t> in, expected;
    const bool whole = read_words(file, r, kRegisters) && read_words(file, wanted, kResults) &&
                       read_beats(file, in, r[4]) && read_beats(file, expected, r[5]);
    if (!whole) return std::printf("the file ends within command %u\n", command), 1;
    std::vector<beat_t> out(expected.size(), beat_t(uint8_t(0)));
    top(r[0], r[1], r[2], r[3], in.data(), r[4], out.data(), r[5], o, o + 1, o + 2, o + 3, o + 4, o + 5, o + 6, o + 7,
        o + 8, o + 9, o + 10, o + 11, o + 12);
    wrong += compare(command, o, wanted, out, expected, r[5]);
  }
  std::printf("%u commands, %d differences\n", header[1], wrong);
  return wrong;
}

template <class Top> int run(Top top, int argc, char **argv) {
  std::FILE *file = argc == 2 ? std::fopen(argv[1], "rb") : nullptr;
  if (!file) return std::printf("usage: testbench VECTORS\n"), 2;
  const int wrong = play(top, file);
  std::fclose(file);
  return wrong != 0;
}
} // namespace testbench
