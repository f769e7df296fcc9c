// SPDX-License-Identifier: Apache-2.0
// The block-diagonal engine, once for the input and once for the hidden state (data_x_w and h_x_w of Zheng et al.):
// each part owns its weights and its operands. The instances differ in depths and storage only: the input's weights are
// in URAM, the hidden part's in BRAM. A storage pragma takes no template argument, hence a function each.
#pragma once
#include "block_diagonal_lstm/columns.h"
#include "block_diagonal_lstm/multipliers.h"

using design::Hidden;
using design::Input;

inline void input_part(int count, hls::stream<PartCall> &calls, hls::stream<beat_t> &column_image,
                       hls::stream<beat_t> &weight_image, hls::stream<XTile> &tiles, hls::stream<Sums> &sums,
                       hls::stream<int32_t> &clips) {
  static Slice words[kSlices][Input::kWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS BIND_STORAGE variable=words type=ram_s2p impl=uram
  static ColumnTile columns[Input::kTiles];
#pragma HLS AGGREGATE variable=columns compact=bit
#pragma HLS BIND_STORAGE variable=columns type=ram_s2p impl=bram
  static p_t x[kColumns][Input::kRows];
#pragma HLS ARRAY_PARTITION variable=x complete dim=1
#pragma HLS BIND_STORAGE variable=x type=ram_s2p impl=lutram
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const PartCall call = calls.read();
    if (call.kind == Kind::kLoad) {
      load_columns<Input>(call.columns, column_image, columns);
      load_weights<Input>(call.weights, weight_image, words);
    }
    if (call.kind == Kind::kStep) {
      clips.write(fill<Input>(call, tiles, columns, x));
      multiply_all<Input>(call, x, words, sums);
    }
  }
}

inline void hidden_part(int count, hls::stream<PartCall> &calls, hls::stream<beat_t> &column_image,
                        hls::stream<beat_t> &weight_image, hls::stream<HTile> &tiles, hls::stream<Sums> &sums,
                        hls::stream<int32_t> &clips) {
  static Slice words[kSlices][Hidden::kWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS BIND_STORAGE variable=words type=ram_s2p impl=bram
  static ColumnTile columns[Hidden::kTiles];
#pragma HLS AGGREGATE variable=columns compact=bit
#pragma HLS BIND_STORAGE variable=columns type=ram_s2p impl=bram
  static p_t x[kColumns][Hidden::kRows];
#pragma HLS ARRAY_PARTITION variable=x complete dim=1
#pragma HLS BIND_STORAGE variable=x type=ram_s2p impl=lutram
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const PartCall call = calls.read();
    if (call.kind == Kind::kLoad) {
      load_columns<Hidden>(call.columns, column_image, columns);
      load_weights<Hidden>(call.weights, weight_image, words);
    }
    if (call.kind == Kind::kStep) {
      clips.write(fill<Hidden>(call, tiles, columns, x));
      multiply_all<Hidden>(call, x, words, sums);
    }
  }
}
