// One step as a dataflow region in a loop; h comes back through a stream that the caller owns.
#pragma once
#include "parts/unit.h"

static const int32_t kKnots[5] = {0, 10, 18, 24, 28};

template <class Streams> void send_call(const Call &call, Streams &calls) {
#pragma HLS INLINE
  calls.input.write(call);
  calls.hidden.write(call);
  calls.join.write(call);
}

struct CallStreams {
  hls::stream<Call> input, hidden, join;
};

inline void dispatch(int n, hls::stream<Call> &steps, CallStreams &calls) {
  Call call = steps.read();
  call.words += n & 0;
  send_call(call, calls);
}

inline void route(hls::stream<beat_t> &beats, hls::stream<beat_t> (&images)[2], hls::stream<Tile> &tiles) {
  routes: for (int i = 0; i < InputPart::kTiles; ++i) {
#pragma HLS PIPELINE II=1
    const beat_t beat = beats.read();
    Tile tile;
    route_models: for (int m = 0; m < kModels; ++m) {
#pragma HLS UNROLL
      route_elements: for (int k = 0; k < kTile; ++k) {
#pragma HLS UNROLL
        tile.value[m][k] = sint<8>(int8_t(beat[m * kTile + k]));
      }
    }
    tiles.write(tile);
    route_images: for (int part = 0; part < 2; ++part) {
#pragma HLS UNROLL
      images[part].write(beat);
    }
  }
}

inline void feed(hls::stream<Tile> &feedback, hls::stream<Tile> &tiles) {
  feed_tiles: for (int i = 0; i < HiddenPart::kTiles; ++i) {
#pragma HLS PIPELINE II=1 style=frp
    tiles.write(feedback.read());
  }
}

inline void join(hls::stream<Call> &calls, hls::stream<Sums<InputPart>> &input,
                 hls::stream<Sums<HiddenPart>> &hidden, hls::stream<Tile> &feedback,
                 hls::stream<beat_t> &out) {
  const Call call = calls.read();
  joins: for (int slot = 0; slot < call.slots; ++slot) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=4
    const Sums<InputPart> a = input.read();
    const Sums<HiddenPart> b = hidden.read();
    Tile tile;
    beat_t beat;
    join_models: for (int m = 0; m < kModels; ++m) {
#pragma HLS UNROLL
      join_elements: for (int k = 0; k < kTile; ++k) {
#pragma HLS UNROLL
        const sint<32> sum = a.value[k % InputPart::kLanes][m] + b.value[k % HiddenPart::kLanes][m];
        tile.value[m][k] = sint<8>(sum >> 8) + sint<8>(kKnots[int(sum) & 3]);
        beat[m * kTile + k] = uint8_t(int(tile.value[m][k]));
      }
    }
    feedback.write(tile);
    out.write(beat);
  }
}

inline void steps(int count, hls::stream<Call> &step_calls, hls::stream<beat_t> &beats, hls::stream<beat_t> &out,
                  hls::stream<Tile> &feedback) {
  step_loop: for (int n = 0; n < count; ++n) {
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=1000
    CallStreams calls;
    hls::stream<beat_t> images[2];
#pragma HLS STREAM variable=images depth=4
    hls::stream<Tile> x_tiles("x_tiles");
#pragma HLS STREAM variable=x_tiles depth=kTile
    hls::stream<Tile> h_tiles("h_tiles");
    hls::stream<Sums<InputPart>> input_sums("input_sums");
#pragma HLS STREAM variable=input_sums depth=kTile
    hls::stream<Sums<HiddenPart>> hidden_sums("hidden_sums");
    dispatch(n, step_calls, calls);
    route(beats, images, x_tiles);
    feed(feedback, h_tiles);
    unit<InputPart>(calls.input, images[0], x_tiles, input_sums);
    unit<HiddenPart>(calls.hidden, images[1], h_tiles, hidden_sums);
    join(calls.join, input_sums, hidden_sums, feedback, out);
  }
}
