// Plays commands from a file against a kernel built with sanitizers, and prints what each answers: status, detail, a
// sum of what was written, and the number of the run, which is no part of the sum; 0 where no RUN was done. Buffers
// have exactly the size that the registers claim, so that an access outside them ends the program. Commands are as in
// hls_src/tests/testbench.h, without expectations.
// The header of the kernel comes from the command line, and so does TOP, its function.
#include "common/beats.h"
#include <cstdio>
#include <cstring>
#include <memory>

constexpr uint32_t kRun = 2;

int main(int argc, char **argv) {
  std::FILE *file = argc == 2 ? std::fopen(argv[1], "rb") : nullptr;
  if (!file) return 2;
  uint32_t r[7]; // registers, and how many beats are really there
  while (std::fread(r, sizeof(r), 1, file) == 1) {
    std::unique_ptr<beat_t[]> in(new beat_t[r[6]]), out(new beat_t[r[5]]);
    for (uint32_t n = 0; n < r[6]; ++n) {
      uint8_t bytes[kBeatBytes];
      if (std::fread(bytes, 1, kBeatBytes, file) != kBeatBytes) return 3;
      for (int i = 0; i < kBeatBytes; ++i) in[n][i] = bytes[i];
    }
    uint32_t o[13] = {}, sum = 0;
    TOP(r[0], r[1], r[2], r[3], in.get(), r[4], out.get(), r[5], o, o + 1, o + 2, o + 3, o + 4,
        o + 5, o + 6, o + 7, o + 8, o + 9, o + 10, o + 11, o + 12);
    const bool ran = r[0] == kRun && o[0] == 0;
    const uint32_t run = ran ? take_u32(out[o[12] - 1], 0) : 0;
    if (ran) put<4>(out[o[12] - 1], 0, 0);
    for (uint32_t n = 0; n < o[12]; ++n) {
      for (int i = 0; i < kBeatBytes; ++i) sum = sum * 31 + out[n][i];
    }
    std::printf("%u %u %u %u\n", o[0], o[1], sum, run);
  }
  return std::fclose(file);
}
