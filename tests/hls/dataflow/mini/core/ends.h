// Where tokens come from and where they go: memory, commands, the loop of h.
#pragma once
#include "../config.h"

namespace mini {

inline void read_memory(const Beat *memory, int beats, hls::stream<Token> &out) {
  burst: for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=8 max=800
    Token t;
    const Beat beat = memory[i];
    for (int u = 0; u < kUnits; ++u) {
#pragma HLS UNROLL
      t.v[u] = beat[u];
    }
    out.write(t);
  }
}

inline void write_memory(hls::stream<Token> &in, int beats, Beat *memory) {
  burst: for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=8 max=800
    const Token t = in.read();
    Beat beat;
    for (int u = 0; u < kUnits; ++u) {
#pragma HLS UNROLL
      beat[u] = t.v[u];
    }
    memory[i] = beat;
  }
}

inline void dispatch(int step, int steps, hls::stream<Command> (&to)[3]) {
  Command command;
  command.tiles = kTiles;
  command.first = step == 0;
  command.last = step == steps / kTurns - 1;
  for (int i = 0; i < 3; ++i) {
#pragma HLS UNROLL
    to[i].write(command);
  }
}

inline void route(hls::stream<Token> &beats, hls::stream<Token> &x) {
  tiles: for (int t = 0; t < kTurns * kTiles; ++t) {
#pragma HLS PIPELINE II=1 style=frp
    x.write(beats.read());
  }
}

inline void h_tiles(int step, hls::stream<Token> &feedback, hls::stream<Token> &h) {
  tiles: for (int t = 0; t < kTurns * kTiles; ++t) {
#pragma HLS PIPELINE II=1 style=frp
    h.write(step == 0 && t < kTiles ? Token{} : feedback.read());
  }
}

inline void collect(hls::stream<Token> &h, hls::stream<Token> &out) {
  tiles: for (int t = 0; t < kTurns * kTiles; ++t) {
#pragma HLS PIPELINE II=1 style=frp
    out.write(h.read());
  }
}

} // namespace mini
