// SPDX-License-Identifier: Apache-2.0
// The block diagram. A call is the work of every process on one pair of LSTMs in one wave; each process goes through
// its calls at its own pace, and the h of a call goes back through a stream to a later one. docs/accelerator.md, "Form".
#pragma once
#include "common/collect.h"
#include "common/route.h"
#include "common/sigma_unit.h"
#include "svd_lstm/dispatch.h"
#include "svd_lstm/engine.h"
#include "svd_lstm/h_tiles.h"

constexpr int kCallDepth = 4;                                          // calls that dispatch may be ahead
constexpr int kFeedbackDepth = design::kMaxPairs * design::kMaxHTiles; // a wave's h, so that sigma never waits for it
constexpr int kXDepth = 2 * design::kMaxXTiles;                        // x of two steps
constexpr int kInputDepth = 2 * design::kMaxHTiles;                    // the input part runs two steps ahead
constexpr int kSlotDepth = design::kMaxSlots;
constexpr int kHDepth = design::kMaxHTiles;

inline void region(int begin, int count, const Order order, hls::stream<beat_t> &memory, hls::stream<beat_t> &out,
                   hls::stream<Report> &reports) {
#pragma HLS DATAFLOW
  static hls::stream<HTile> feedback("feedback"), to_route("to_route");
#pragma HLS STREAM variable=feedback depth=kFeedbackDepth
#pragma HLS BIND_STORAGE variable=feedback type=fifo impl=bram
#pragma HLS STREAM variable=to_route depth=kFeedbackDepth
#pragma HLS BIND_STORAGE variable=to_route type=fifo impl=bram
  hls::stream<UCall> input_u_calls("input_u_calls"), hidden_u_calls("hidden_u_calls");
  hls::stream<SCall> input_s_calls("input_s_calls"), hidden_s_calls("hidden_s_calls");
  hls::stream<VCall> input_v_calls("input_v_calls"), hidden_v_calls("hidden_v_calls");
  hls::stream<RouteCall> route_calls("route_calls");
  hls::stream<HTilesCall> h_tiles_calls("h_tiles_calls");
  hls::stream<SigmaCall> sigma_calls("sigma_calls");
  hls::stream<CollectCall> collect_calls("collect_calls");
#pragma HLS STREAM variable=input_u_calls depth=kCallDepth
#pragma HLS STREAM variable=hidden_u_calls depth=kCallDepth
#pragma HLS STREAM variable=input_s_calls depth=kCallDepth
#pragma HLS STREAM variable=hidden_s_calls depth=kCallDepth
#pragma HLS STREAM variable=input_v_calls depth=kCallDepth
#pragma HLS STREAM variable=hidden_v_calls depth=kCallDepth
#pragma HLS STREAM variable=route_calls depth=kCallDepth
#pragma HLS STREAM variable=h_tiles_calls depth=kCallDepth
#pragma HLS STREAM variable=sigma_calls depth=kCallDepth
#pragma HLS STREAM variable=collect_calls depth=kCallDepth
  hls::stream<beat_t> image[kSections];
  hls::stream<XTile> x_external("x_external"), x("x"), h("h");
  hls::stream<State> primed("primed"), shown("shown");
  hls::stream<Dots<Input>> input_dots("input_dots");
  hls::stream<Dots<Hidden>> hidden_dots("hidden_dots");
  hls::stream<Ps<Input>> input_ps("input_ps");
  hls::stream<Ps<Hidden>> hidden_ps("hidden_ps");
  hls::stream<Sums> input_sums("input_sums"), hidden_sums("hidden_sums");
  hls::stream<int32_t> input_clips("input_clips"), hidden_clips("hidden_clips");
#pragma HLS STREAM variable=x_external depth=kXDepth
#pragma HLS BIND_STORAGE variable=x_external type=fifo impl=lutram
#pragma HLS STREAM variable=x depth=kXDepth
#pragma HLS BIND_STORAGE variable=x type=fifo impl=lutram
#pragma HLS STREAM variable=h depth=kHDepth
#pragma HLS BIND_STORAGE variable=h type=fifo impl=lutram
#pragma HLS STREAM variable=shown depth=kHDepth
#pragma HLS BIND_STORAGE variable=shown type=fifo impl=lutram
#pragma HLS STREAM variable=input_dots depth=kSlotDepth
#pragma HLS BIND_STORAGE variable=input_dots type=fifo impl=lutram
#pragma HLS STREAM variable=hidden_dots depth=kSlotDepth
#pragma HLS BIND_STORAGE variable=hidden_dots type=fifo impl=lutram
#pragma HLS STREAM variable=input_ps depth=kSlotDepth
#pragma HLS BIND_STORAGE variable=input_ps type=fifo impl=lutram
#pragma HLS STREAM variable=hidden_ps depth=kSlotDepth
#pragma HLS BIND_STORAGE variable=hidden_ps type=fifo impl=lutram
#pragma HLS STREAM variable=input_sums depth=kInputDepth
#pragma HLS BIND_STORAGE variable=input_sums type=fifo impl=lutram
#pragma HLS STREAM variable=hidden_sums depth=4
#pragma HLS BIND_STORAGE variable=hidden_sums type=fifo impl=lutram
#pragma HLS STREAM variable=input_clips depth=kCallDepth
#pragma HLS STREAM variable=hidden_clips depth=kCallDepth
  dispatch(begin, count, order, memory, input_u_calls, input_s_calls, input_v_calls, hidden_u_calls, hidden_s_calls,
           hidden_v_calls, route_calls, h_tiles_calls, sigma_calls, collect_calls, image, x_external, primed);
  route(count, route_calls, image[kRoute], x_external, to_route, x);
  input_u(count, input_u_calls, image[kInputU], x, input_dots);
  input_s(count, input_s_calls, image[kInputS], input_dots, input_ps, input_clips);
  input_v(count, input_v_calls, image[kInputV], input_ps, input_sums);
  h_tiles(count, h_tiles_calls, feedback, h);
  hidden_u(count, hidden_u_calls, image[kHiddenU], h, hidden_dots);
  hidden_s(count, hidden_s_calls, image[kHiddenS], hidden_dots, hidden_ps, hidden_clips);
  hidden_v(count, hidden_v_calls, image[kHiddenV], hidden_ps, hidden_sums);
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
