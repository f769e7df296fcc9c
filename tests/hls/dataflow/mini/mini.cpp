// The small kernel's top: a sequential check, then three processes, one of them a dataflow loop.
#include "config.h"
#include "core/ends.h"
#include "core/sigma.h"
#include "core/unit.h"

namespace mini {

// One call of the region a step; h passes from a call to the next one through a static stream.
static void waves(hls::stream<Token> &beats, int steps, hls::stream<Token> &outputs) {
  calls: for (int step = 0; step < steps / kTurns; ++step) {
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=100
    static hls::stream<Token> feedback("feedback");
#pragma HLS STREAM variable=feedback depth=kFeedbackDepth
    hls::stream<Command> commands[3];
#pragma HLS STREAM variable=commands depth=2
    hls::stream<Token> x("x"), h("h");
#pragma HLS STREAM variable=x depth=4
#pragma HLS STREAM variable=h depth=4
    hls::stream<Token> input_sums("input_sums"), hidden_sums("hidden_sums"), out("out");
#pragma HLS STREAM variable=input_sums depth=kAheadDepth
#pragma HLS STREAM variable=hidden_sums depth=4
    dispatch(step, steps, commands);
    route(beats, x);
    unit<InputPart>(commands[0], x, input_sums);
    h_tiles(step, feedback, h);
    unit<HiddenPart>(commands[1], h, hidden_sums);
    sigma(commands[2], input_sums, hidden_sums, feedback, out);
    collect(out, outputs);
  }
}

static void execute(const Beat *in, int steps, Beat *out) {
#pragma HLS DATAFLOW
  hls::stream<Token> beats("beats"), outputs("outputs");
#pragma HLS STREAM variable=beats depth=32
#pragma HLS STREAM variable=outputs depth=32
  read_memory(in, steps * kTiles, beats);
  waves(beats, steps, outputs);
  write_memory(outputs, steps * kTiles, out);
}

// True if the first step's x is in range: a pass over memory before anything starts.
static bool check(const Beat *in) {
  bool good = true;
  scan: for (int t = 0; t < kTiles; ++t) {
#pragma HLS PIPELINE II=1
    const Beat beat = in[t];
    for (int u = 0; u < kUnits; ++u) {
#pragma HLS UNROLL
      good = good && beat[u] >= -1000 && beat[u] <= 1000;
    }
  }
  return good;
}

} // namespace mini

extern "C" void mini_top(const mini::Beat *in, int steps, mini::Beat *out, int *status) {
#pragma HLS INTERFACE m_axi port=in bundle=gmem0 offset=slave depth=800
#pragma HLS INTERFACE m_axi port=out bundle=gmem1 offset=slave depth=800
#pragma HLS INTERFACE s_axilite port=steps
#pragma HLS INTERFACE s_axilite port=status
#pragma HLS INTERFACE s_axilite port=return
  *status = 1;
  if (!mini::check(in)) return;
  mini::execute(in, steps, out);
  *status = 0;
}
