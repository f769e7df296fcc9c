// SPDX-License-Identifier: Apache-2.0
// The block diagram. A call is the work of every process on one LSTM in one wave; each process goes through its calls
// at its own pace, and the h of a call goes back through a stream to a later one. docs/accelerator.md, "Form".
#pragma once
#include "block_diagonal_lstm/dispatch.h"
#include "block_diagonal_lstm/engine.h"
#include "common/collect.h"
#include "common/route.h"
#include "common/sigma_unit.h"

constexpr int kCallDepth = 4;                                          // calls that dispatch may be ahead
constexpr int kFeedbackDepth = design::kMaxPairs * design::kMaxHTiles; // a wave's h, so that sigma never waits for it
constexpr int kXDepth = 2 * design::kMaxXTiles;                        // x of two steps
constexpr int kInputDepth = 2 * design::kMaxHTiles;                    // the input part runs two steps ahead
constexpr int kHDepth = design::kMaxHTiles;

inline void region(int begin, int count, const Order order, hls::stream<beat_t> &memory, hls::stream<beat_t> &out,
                   hls::stream<Report> &reports) {
#pragma HLS DATAFLOW
  static hls::stream<HTile> feedback("feedback"), to_route("to_route");
#pragma HLS STREAM variable=feedback depth=kFeedbackDepth
#pragma HLS BIND_STORAGE variable=feedback type=fifo impl=bram
#pragma HLS STREAM variable=to_route depth=kFeedbackDepth
#pragma HLS BIND_STORAGE variable=to_route type=fifo impl=bram
  hls::stream<PartCall> input_calls("input_calls"), hidden_calls("hidden_calls");
  hls::stream<RouteCall> route_calls("route_calls");
  hls::stream<SigmaCall> sigma_calls("sigma_calls");
  hls::stream<CollectCall> collect_calls("collect_calls");
#pragma HLS STREAM variable=input_calls depth=kCallDepth
#pragma HLS STREAM variable=hidden_calls depth=kCallDepth
#pragma HLS STREAM variable=route_calls depth=kCallDepth
#pragma HLS STREAM variable=sigma_calls depth=kCallDepth
#pragma HLS STREAM variable=collect_calls depth=kCallDepth
  hls::stream<beat_t> image[kSections];
  hls::stream<XTile> x_external("x_external"), x("x");
  hls::stream<State> primed("primed"), shown("shown");
  hls::stream<Sums> input_sums("input_sums"), hidden_sums("hidden_sums");
  hls::stream<int32_t> input_clips("input_clips"), hidden_clips("hidden_clips");
#pragma HLS STREAM variable=x_external depth=kXDepth
#pragma HLS BIND_STORAGE variable=x_external type=fifo impl=lutram
#pragma HLS STREAM variable=x depth=kXDepth
#pragma HLS BIND_STORAGE variable=x type=fifo impl=lutram
#pragma HLS STREAM variable=shown depth=kHDepth
#pragma HLS BIND_STORAGE variable=shown type=fifo impl=lutram
#pragma HLS STREAM variable=input_sums depth=kInputDepth
#pragma HLS BIND_STORAGE variable=input_sums type=fifo impl=lutram
#pragma HLS STREAM variable=hidden_sums depth=4
#pragma HLS BIND_STORAGE variable=hidden_sums type=fifo impl=lutram
#pragma HLS STREAM variable=input_clips depth=kCallDepth
#pragma HLS STREAM variable=hidden_clips depth=kCallDepth
  dispatch(begin, count, order, memory, input_calls, hidden_calls, route_calls, sigma_calls, collect_calls, image,
           x_external, primed);
  route(count, route_calls, image[kRoute], x_external, to_route, x);
  input_part(count, input_calls, image[kInputColumns], image[kInputWeights], x, input_sums, input_clips);
  hidden_part(count, hidden_calls, image[kHiddenColumns], image[kHiddenWeights], feedback, hidden_sums, hidden_clips);
  sigma_unit(count, sigma_calls, image[kBias], primed, input_sums, hidden_sums, input_clips, hidden_clips, shown,
             feedback, to_route, reports);
  collect(count, collect_calls, shown, out);
}

// Hardware runs the processes side by side, each through all calls. C simulation runs one after another, so it takes
// a call at a time: within one, data only flow forward, and `feedback` keeps h for the next. The order of execution
// means nothing to processes that only wait for tokens, so both compute the same.
inline void waves(int count, const Order order, hls::stream<beat_t> &memory, hls::stream<beat_t> &out,
                  hls::stream<Report> &reports) {
#if defined(__SYNTHESIS__) || defined(HLS_CONCURRENT)
  region(0, count, order, memory, out, reports);
#else
  for (int n = 0; n < count; ++n) region(n, 1, order, memory, out, reports);
#endif
}
