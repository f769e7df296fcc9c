// SPDX-License-Identifier: Apache-2.0
// The SVD engine, once for the input and once for the hidden state: U, S and V units that own their memories. The two
// instances differ in lanes, depths and storage only: the input's longer lists are in URAM, the hidden part's in BRAM.
// A storage pragma takes no template argument, hence a function each.
#pragma once
#include "svd_lstm/s_unit.h"
#include "svd_lstm/u_unit.h"
#include "svd_lstm/v_unit.h"

using design::Hidden;
using design::Input;

inline void input_u(int count, hls::stream<UCall> &calls, hls::stream<beat_t> &image, hls::stream<XTile> &tiles,
                    hls::stream<Dots<Input>> &dots) {
  static ULane words[Input::kULanes][Input::kUWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS BIND_STORAGE variable=words type=ram_s2p impl=uram
  static bool takes[Input::kUWords];
  static XTile x[Input::kULanes][Input::kXTiles];
#pragma HLS AGGREGATE variable=x compact=bit
#pragma HLS ARRAY_PARTITION variable=x complete dim=1
#pragma HLS BIND_STORAGE variable=x type=ram_s2p impl=lutram
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const UCall call = calls.read();
    if (call.kind == Kind::kLoad) load_u<Input>(call.records, image, words, takes);
    if (call.kind == Kind::kStep) run_u<Input>(call, tiles, dots, words, takes, x);
  }
}

inline void hidden_u(int count, hls::stream<UCall> &calls, hls::stream<beat_t> &image, hls::stream<XTile> &tiles,
                     hls::stream<Dots<Hidden>> &dots) {
  static ULane words[Hidden::kULanes][Hidden::kUWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS BIND_STORAGE variable=words type=ram_s2p impl=bram
  static bool takes[Hidden::kUWords];
  static XTile x[Hidden::kULanes][Hidden::kXTiles];
#pragma HLS AGGREGATE variable=x compact=bit
#pragma HLS ARRAY_PARTITION variable=x complete dim=1
#pragma HLS BIND_STORAGE variable=x type=ram_s2p impl=lutram
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const UCall call = calls.read();
    if (call.kind == Kind::kLoad) load_u<Hidden>(call.records, image, words, takes);
    if (call.kind == Kind::kStep) run_u<Hidden>(call, tiles, dots, words, takes, x);
  }
}

inline void input_s(int count, hls::stream<SCall> &calls, hls::stream<beat_t> &image, hls::stream<Dots<Input>> &dots,
                    hls::stream<Ps<Input>> &ps, hls::stream<int32_t> &clips) {
  static Scalar scalars[Input::kULanes][Input::kSWords];
#pragma HLS AGGREGATE variable=scalars compact=bit
#pragma HLS ARRAY_PARTITION variable=scalars complete dim=1
#pragma HLS BIND_STORAGE variable=scalars type=ram_s2p impl=uram
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const SCall call = calls.read();
    if (call.kind == Kind::kLoad) load_s<Input>(call.records, image, scalars);
    if (call.kind == Kind::kStep) run_s<Input>(call, dots, ps, clips, scalars);
  }
}

inline void hidden_s(int count, hls::stream<SCall> &calls, hls::stream<beat_t> &image, hls::stream<Dots<Hidden>> &dots,
                     hls::stream<Ps<Hidden>> &ps, hls::stream<int32_t> &clips) {
  static Scalar scalars[Hidden::kULanes][Hidden::kSWords];
#pragma HLS AGGREGATE variable=scalars compact=bit
#pragma HLS ARRAY_PARTITION variable=scalars complete dim=1
#pragma HLS BIND_STORAGE variable=scalars type=ram_s2p impl=bram
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const SCall call = calls.read();
    if (call.kind == Kind::kLoad) load_s<Hidden>(call.records, image, scalars);
    if (call.kind == Kind::kStep) run_s<Hidden>(call, dots, ps, clips, scalars);
  }
}

inline void input_v(int count, hls::stream<VCall> &calls, hls::stream<beat_t> &image, hls::stream<Ps<Input>> &ps,
                    hls::stream<Sums> &sums) {
  static VLane words[kGates][Input::kVLanes][Input::kVWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS ARRAY_PARTITION variable=words complete dim=2
#pragma HLS BIND_STORAGE variable=words type=ram_s2p impl=uram
  static bool lasts[Input::kVWords];
  static PPair p[kGates][Input::kVLanes][Input::kULanes][design::kMaxSlots];
#pragma HLS AGGREGATE variable=p compact=bit
#pragma HLS ARRAY_PARTITION variable=p complete dim=1
#pragma HLS ARRAY_PARTITION variable=p complete dim=2
#pragma HLS ARRAY_PARTITION variable=p complete dim=3
#pragma HLS BIND_STORAGE variable=p type=ram_s2p impl=lutram
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const VCall call = calls.read();
    if (call.kind == Kind::kLoad) load_v<Input>(call.records, image, words, lasts);
    if (call.kind == Kind::kStep) run_v<Input>(call, ps, sums, words, lasts, p);
  }
}

inline void hidden_v(int count, hls::stream<VCall> &calls, hls::stream<beat_t> &image, hls::stream<Ps<Hidden>> &ps,
                     hls::stream<Sums> &sums) {
  static VLane words[kGates][Hidden::kVLanes][Hidden::kVWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS ARRAY_PARTITION variable=words complete dim=2
#pragma HLS BIND_STORAGE variable=words type=ram_s2p impl=bram
  static bool lasts[Hidden::kVWords];
  static PPair p[kGates][Hidden::kVLanes][Hidden::kULanes][design::kMaxSlots];
#pragma HLS AGGREGATE variable=p compact=bit
#pragma HLS ARRAY_PARTITION variable=p complete dim=1
#pragma HLS ARRAY_PARTITION variable=p complete dim=2
#pragma HLS ARRAY_PARTITION variable=p complete dim=3
#pragma HLS BIND_STORAGE variable=p type=ram_s2p impl=lutram
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const VCall call = calls.read();
    if (call.kind == Kind::kLoad) load_v<Hidden>(call.records, image, words, lasts);
    if (call.kind == Kind::kStep) run_v<Hidden>(call, ps, sums, words, lasts, p);
  }
}
