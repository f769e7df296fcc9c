// The block diagram: one call of the region for each pair of LSTMs and wave. The h of a call goes back through a
// stream that a later call reads, so the region has no cycle within a call and C simulation may run the processes one
// after another, as Vitis does. docs/accelerator.md, "Form".
#pragma once
#include "svd_lstm/collect.h"
#include "svd_lstm/dispatch.h"
#include "svd_lstm/engine.h"
#include "svd_lstm/route.h"
#include "svd_lstm/sigma_unit.h"

constexpr int kCallDepth = 4;                                          // calls that dispatch may be ahead
constexpr int kFeedbackDepth = design::kMaxPairs * design::kMaxHTiles; // a wave's h, so that sigma never waits for it
constexpr int kXDepth = 2 * design::kMaxXTiles;                        // x of two steps
constexpr int kInputDepth = 2 * design::kMaxHTiles;                    // the input part runs two steps ahead
constexpr int kSlotDepth = design::kMaxSlots;
constexpr int kHDepth = design::kMaxHTiles;

inline void each_call(int count, const Order order, hls::stream<beat_t> &memory, hls::stream<beat_t> &out,
                      hls::stream<Report> &reports, hls::stream<HTile> &feedback, hls::stream<HTile> &to_route) {
  region: for (int n = 0; n < count; ++n) {
#pragma HLS DATAFLOW
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
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
    dispatch(n, order, memory, input_u_calls, input_s_calls, input_v_calls, hidden_u_calls, hidden_s_calls,
             hidden_v_calls, route_calls, h_tiles_calls, sigma_calls, collect_calls, image, x_external, primed);
    route(route_calls, image[kRoute], x_external, to_route, x);
    input_u(input_u_calls, image[kInputU], x, input_dots);
    input_s(input_s_calls, image[kInputS], input_dots, input_ps, input_clips);
    input_v(input_v_calls, image[kInputV], input_ps, input_sums);
    h_tiles(h_tiles_calls, feedback, h);
    hidden_u(hidden_u_calls, image[kHiddenU], h, hidden_dots);
    hidden_s(hidden_s_calls, image[kHiddenS], hidden_dots, hidden_ps, hidden_clips);
    hidden_v(hidden_v_calls, image[kHiddenV], hidden_ps, hidden_sums);
    sigma_unit(sigma_calls, image[kBias], primed, input_sums, hidden_sums, input_clips, hidden_clips, shown, feedback,
               to_route, reports);
    collect(collect_calls, shown, out);
  }
}

// The streams that outlive a call are declared outside the function whose only statement is the loop, as Vitis asks.
inline void waves(int count, const Order order, hls::stream<beat_t> &memory, hls::stream<beat_t> &out,
                  hls::stream<Report> &reports) {
  hls::stream<HTile> feedback("feedback"), to_route("to_route");
#pragma HLS STREAM variable=feedback depth=kFeedbackDepth
#pragma HLS BIND_STORAGE variable=feedback type=fifo impl=bram
#pragma HLS STREAM variable=to_route depth=kFeedbackDepth
#pragma HLS BIND_STORAGE variable=to_route type=fifo impl=bram
  each_call(count, order, memory, out, reports, feedback, to_route);
}
