// Joins both parts; h goes out and, but in the last step, back.
#pragma once
#include "../config.h"

namespace mini {

inline void sigma(hls::stream<Command> &commands, hls::stream<Token> &input,
                  hls::stream<Token> &hidden, hls::stream<Token> &feedback,
                  hls::stream<Token> &out) {
  const Command command = commands.read();
  tiles: for (int t = 0; t < kTurns * command.tiles; ++t) {
#pragma HLS PIPELINE II=1 style=frp
    const Token a = input.read();
    const Token b = hidden.read();
    Token h;
    for (int u = 0; u < kUnits; ++u) {
#pragma HLS UNROLL
      h.v[u] = (a.v[u] + b.v[u] + u + t % kTiles) >> 2;
    }
    out.write(h);
    if (!command.last || t < (kTurns - 1) * kTiles) feedback.write(h);
  }
}

} // namespace mini
