// SPDX-License-Identifier: Apache-2.0
// Columns: the elements of a part's input, scaled by their columns' m and put where the multipliers take them.
// docs/accelerator_block_diagonal.md, "Columns".
#pragma once
#include "block_diagonal_lstm/tokens.h"
#include "common/product.h"
#include "common/rounding.h"
#include <hls_stream.h>

constexpr int kNoBank = 255; // of an element that the part does not use

struct ColumnTile {
  uint_of<16> m[kUTile];
  uint_of<8> bank[kUTile], row[kUTile];
};

template <class Part> void load_columns(int records, hls::stream<beat_t> &image, ColumnTile (&columns)[Part::kTiles]) {
#pragma HLS INLINE
  constexpr int kPerBeat = kBeatBytes / 4;
  ColumnTile gathered; // a record is written at once
#pragma HLS ARRAY_PARTITION variable=gathered.m complete
#pragma HLS ARRAY_PARTITION variable=gathered.bank complete
#pragma HLS ARRAY_PARTITION variable=gathered.row complete
  int record = 0, place = 0;
  load_column_beats: for (int n = 0; n < records * kColumnBeats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=4096
    const beat_t beat = image.read();
    load_column_elements: for (int i = 0; i < kUTile; ++i) {
#pragma HLS UNROLL
      const int first = i % kPerBeat * 4;
      if (place == i / kPerBeat) {
        gathered.m[i] = take_u16(beat, first);
        gathered.bank[i] = beat[first + 2];
        gathered.row[i] = beat[first + 3];
      }
    }
    const bool complete = place == kColumnBeats - 1;
    if (complete) columns[record] = gathered;
    place = complete ? 0 : place + 1;
    record += complete;
  }
}

inline act_t element(const XTile &tile, int i) {
#pragma HLS INLINE
  return tile.lane[0].value[i];
}
inline act_t element(const HTile &tile, int i) {
#pragma HLS INLINE
  return tile.value[0][i];
}

// x' = sat(round(x m / 2^m_shift)), a tile a cycle; every element of a tile goes to a bank of its own. Returns how many
// saturated.
template <class Part, class Tile>
int32_t fill(const PartCall &call, hls::stream<Tile> &tiles, const ColumnTile (&columns)[Part::kTiles],
             p_t (&x)[kColumns][Part::kRows]) {
#pragma HLS INLINE
  int32_t clipped = 0;
  fill_tiles: for (int tile = 0; tile < call.tiles; ++tile) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=192
    const Tile token = tiles.read();
    const ColumnTile column = columns[call.column_start + tile];
    p_t value[kUTile];
#pragma HLS ARRAY_PARTITION variable=value complete
    int32_t clipped_here = 0;
    fill_elements: for (int i = 0; i < kUTile; ++i) {
#pragma HLS UNROLL
      const sint<64> scaled = product<design::kActivationBits, 17>(element(token, i), column.m[i]);
      const Clipped<sint<64>> p = clip(round_shift(scaled, call.m_shift), call.limit);
      value[i] = p_t(p.value);
      clipped_here += call.valid && p.clipped;
    }
    clipped += clipped_here;
    fill_banks: for (int bank = 0; bank < kColumns; ++bank) {
#pragma HLS UNROLL
      bool taken = false;
      p_t chosen = 0;
      uint_of<8> row = 0;
      fill_choices: for (int i = 0; i < kUTile; ++i) {
#pragma HLS UNROLL
        if (column.bank[i] == bank) {
          taken = true;
          chosen = value[i];
          row = column.row[i];
        }
      }
      if (taken) x[bank][row] = chosen;
    }
  }
  return clipped;
}
