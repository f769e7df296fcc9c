// SPDX-License-Identifier: Apache-2.0
// The hidden part's engine alone, run sequentially: for measuring how fast C simulation is.
#include "svd_lstm/svd_lstm.cpp"

// Loads an image, then works `steps` times through the first pair's last program, each time on other tiles of x.
// Returns the sum of everything that the engine put out, so that builds can be compared.
extern "C" int64_t hidden_engine(const void *image, uint32_t beats, int32_t steps) {
  hls::stream<beat_t> memory("memory"), unused("unused"), u_image("u"), s_image("s"), v_image("v");
  hls::stream<UCall> u_calls("u_calls");
  hls::stream<SCall> s_calls("s_calls");
  hls::stream<VCall> v_calls("v_calls");
  hls::stream<XTile> tiles("tiles");
  hls::stream<Dots<Hidden>> dots("dots");
  hls::stream<Ps<Hidden>> ps("ps");
  hls::stream<Sums> sums("sums");
  hls::stream<int32_t> clips("clips");
  static Directory directory;
  static Program programs[design::kMaxPrograms];
  for (uint32_t n = 0; n < beats; ++n) memory.write(static_cast<const beat_t *>(image)[n]);
  read_directory(memory, directory, programs);
  choose_programs(directory, programs, 65535);
  for (int section = 0; section < kSections; ++section) {
    hls::stream<beat_t> &to = section == kHiddenU   ? u_image
                              : section == kHiddenS ? s_image
                              : section == kHiddenV ? v_image
                                                    : unused;
    forward(memory, to, directory.records[section] * record_beats(section));
    if (&to == &unused)
      for (int n = directory.records[section] * record_beats(section); n > 0; --n) unused.read();
  }
  const PartProgram program = programs[directory.chosen[0]].part[1];
  const bool valid[kLanes] = {true, true};
  int64_t total = 0;
  for (int step = -1; step < steps; ++step) {
    const Kind kind = step < 0 ? Kind::kLoad : Kind::kStep;
    u_calls.write(u_call(kind, program, directory.records[kHiddenU]));
    s_calls.write(s_call(kind, program, directory.records[kHiddenS], directory.pair[0], 1, 65535, valid));
    v_calls.write(v_call(kind, program, directory.records[kHiddenV]));
    const int count = step < 0 ? 0 : (directory.pair[0].h_tiles + 1) / 2;
    for (int tile = 0; tile < count; ++tile) {
      XTile x = zero_x();
      for (int i = 0; i < kUTile; ++i) {
        x.lane[0].value[i] = (step * 37 + tile * 11 + i * 5) % 255 - 127;
        x.lane[1].value[i] = (step * 13 + tile * 7 + i * 3) % 255 - 127;
      }
      tiles.write(x);
    }
    hidden_u(1, u_calls, u_image, tiles, dots);
    hidden_s(1, s_calls, s_image, dots, ps, clips);
    hidden_v(1, v_calls, v_image, ps, sums);
    if (step < 0) continue;
    total += clips.read();
    for (int tile = 0; tile < directory.pair[0].h_tiles; ++tile) {
      const Sums token = sums.read();
      for (int gate = 0; gate < kGates; ++gate) {
        for (int i = 0; i < kVTile; ++i) total += int64_t(token.value[gate][i][0]) + token.value[gate][i][1];
      }
    }
  }
  return total;
}
