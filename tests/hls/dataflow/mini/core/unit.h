// A part of the sum: reads all tiles, works through its words, emits a sum for each tile.
#pragma once
#include "../config.h"

namespace mini {

template <class P> int32_t weighted(int32_t x) {
#pragma HLS INLINE
  return x * P::kWeight;
}

template <class P>
void unit(hls::stream<Command> &commands, hls::stream<Token> &in, hls::stream<Token> &out) {
  static int32_t sums[kTiles][kUnits];
#pragma HLS ARRAY_PARTITION variable=sums complete dim=2
  const Command command = commands.read();
  turns: for (int turn = 0; turn < kTurns; ++turn) {
    words: for (int w = 0; w < P::kWords; ++w) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=8 max=16
      const bool take = w < command.tiles;
      const Token x = take ? in.read() : Token{};
      for (int u = 0; u < kUnits; ++u) {
#pragma HLS UNROLL
        if (take) sums[w][u] = weighted<P>(x.v[u]);
      }
    }
    emit: for (int t = 0; t < command.tiles; ++t) {
#pragma HLS PIPELINE II=1 style=frp
      Token sum;
      for (int u = 0; u < kUnits; ++u) {
#pragma HLS UNROLL
        sum.v[u] = sums[t][u];
      }
      out.write(sum);
    }
  }
}

} // namespace mini
