// A unit like those of the kernel: owns static memories, branches on a call token, runs merged loops.
#pragma once
#include "parts/tokens.h"

struct Lane {
  sint<8> code[kTile];
  uint8_t slot, tile;
};

inline sint<32> dot(const Lane &word, const sint<8> (&x)[kTile]) {
#pragma HLS INLINE
  sint<32> sum = 0;
  products: for (int i = 0; i < kTile; ++i) {
#pragma HLS UNROLL
    sum += sint<32>(word.code[i]) * x[i];
  }
  return sum;
}

template <class Part>
void load_unit(int records, hls::stream<beat_t> &image, Lane (&words)[Part::kLanes][Part::kWords]) {
  constexpr int kBeats = Part::kLanes;
  int record = 0, place = 0;
  load_beats: for (int n = 0; n < records * kBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const beat_t beat = image.read();
    load_lanes: for (int lane = 0; lane < Part::kLanes; ++lane) {
#pragma HLS UNROLL
      const int half = lane % 2;
      Lane &word = words[lane][record];
      if (place == lane / 2 * 2 + half) {
        load_codes: for (int i = 0; i < kTile && i < 2 * kTile; ++i) {
#pragma HLS UNROLL
          word.code[i] = sint<8>(int8_t(beat[i]));
        }
        word.slot = beat[8] & 3;
        word.tile = beat[9] & 7;
      }
    }
    const bool complete = place == kBeats - 1;
    place = complete ? 0 : place + 1;
    record += complete;
  }
}

template <class Part>
void run_unit(const Call &call, hls::stream<Tile> &tiles, hls::stream<Sums<Part>> &out,
              Lane (&words)[Part::kLanes][Part::kWords], Tile (&x)[Part::kLanes][Part::kTiles]) {
#pragma HLS INLINE
  sint<32> sums[Part::kMaxSlots][Part::kLanes][kModels];
#pragma HLS ARRAY_PARTITION variable=sums complete dim=0
  clear: for (int slot = 0; slot < Part::kMaxSlots; ++slot) {
#pragma HLS UNROLL
    clear_lanes: for (int lane = 0; lane < Part::kLanes; ++lane) {
#pragma HLS UNROLL
      sums[slot][lane][0] = 0;
      sums[slot][lane][1] = 0;
    }
  }
  run_words: for (int n = 0; n < call.words; ++n) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=8 max=256
// guarantee: a word uses a tile at least four words after it was taken; the packer sees to it
#pragma HLS DEPENDENCE variable=x inter false
    if (n < Part::kTiles) {
      const Tile tile = tiles.read();
      copies: for (int lane = 0; lane < Part::kLanes; ++lane) {
#pragma HLS UNROLL
        x[lane][n] = tile;
      }
    }
    lanes: for (int lane = 0; lane < Part::kLanes; ++lane) {
#pragma HLS UNROLL
      const Lane word = words[lane][n];
      const Tile tile = x[lane][word.tile];
      models: for (int m = 0; m < kModels; ++m) {
#pragma HLS UNROLL
        sums[word.slot][lane][m] += dot(word, tile.value[m]);
      }
    }
  }
  emit: for (int slot = 0; slot < call.slots; ++slot) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=4
    Sums<Part> token;
    emit_lanes: for (int lane = 0; lane < Part::kLanes; ++lane) {
#pragma HLS UNROLL
      token.value[lane][0] = sums[slot][lane][0];
      token.value[lane][1] = sums[slot][lane][1];
    }
    out.write(token);
  }
}

// The process: one token, then one of its two works.
template <class Part>
void unit(hls::stream<Call> &calls, hls::stream<beat_t> &image, hls::stream<Tile> &tiles,
          hls::stream<Sums<Part>> &out) {
  static Lane words[Part::kLanes][Part::kWords];
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS BIND_STORAGE variable=words type=ram_2p impl=uram
  static Tile x[Part::kLanes][Part::kTiles];
#pragma HLS ARRAY_PARTITION variable=x complete dim=1
#pragma HLS BIND_STORAGE variable=x type=ram_s2p impl=lutram
  const Call call = calls.read();
  if (call.kind == Kind::kLoad) {
    load_unit<Part>(call.words, image, words);
  } else {
    run_unit<Part>(call, tiles, out, words, x);
  }
}
