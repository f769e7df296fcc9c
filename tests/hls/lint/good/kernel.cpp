// A kernel in the form of svd_lstm, small: sequential top, dataflow of three, dataflow in a loop with feedback.
#include "parts/region.h"

static void read_memory(const beat_t *gmem0, uint32_t steps, hls::stream<Call> &calls, hls::stream<beat_t> &beats) {
  read_calls: for (uint32_t n = 0; n < steps; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1000
    calls.write(Call{Kind::kStep, 8, 4});
    read_beats: for (int i = 0; i < InputPart::kTiles; ++i) {
#pragma HLS PIPELINE II=1
      beats.write(gmem0[n * InputPart::kTiles + i]);
    }
  }
}

static void waves(int count, hls::stream<Call> &calls, hls::stream<beat_t> &beats, hls::stream<beat_t> &out) {
  hls::stream<Tile> feedback("feedback");
#pragma HLS STREAM variable=feedback depth=kFeedbackDepth
  steps(count, calls, beats, out, feedback);
}

static void write_memory(uint32_t tiles, hls::stream<beat_t> &out, beat_t *gmem1) {
  write_beats: for (uint32_t n = 0; n < tiles; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=4 max=4000
    gmem1[n] = out.read();
  }
}

static void execute(const beat_t *gmem0, beat_t *gmem1, uint32_t count, uint32_t tiles) {
#pragma HLS DATAFLOW
  hls::stream<Call> calls("calls");
#pragma HLS STREAM variable=calls depth=4
  hls::stream<beat_t> beats("beats");
#pragma HLS STREAM variable=beats depth=64
  hls::stream<beat_t> out("out");
#pragma HLS STREAM variable=out depth=64
  read_memory(gmem0, count, calls, beats);
  waves(count, calls, beats, out);
  write_memory(tiles, out, gmem1);
}

static uint32_t check(const beat_t *gmem0, uint32_t count) {
  uint32_t sum = 0;
  check_beats: for (uint32_t n = 0; n < count; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=1000
    sum += gmem0[n][0];
  }
  return sum;
}

extern "C" void sample(const beat_t *in, beat_t *out, uint32_t count, uint32_t *status) {
#pragma HLS INTERFACE m_axi port=in bundle=gmem0 offset=slave depth=8192 max_read_burst_length=64
#pragma HLS INTERFACE m_axi port=out bundle=gmem1 offset=slave depth=4096
#pragma HLS INTERFACE s_axilite port=in
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=count
#pragma HLS INTERFACE s_axilite port=status
#pragma HLS INTERFACE s_axilite port=return
  *status = check(in, count);
  execute(in, out, count, count * 4);
}
