// The SVD engine, once for the input and once for the hidden state: U, S and V units that own their memories. The two
// instances differ in lanes, depths and storage only; the input's longer lists are in URAM, the hidden part's in BRAM.
#pragma once
#include "svd_lstm/s_unit.h"
#include "svd_lstm/u_unit.h"
#include "svd_lstm/v_unit.h"

using design::Hidden;
using design::Input;

inline void input_u(hls::stream<UCall> &calls, hls::stream<beat_t> &image, hls::stream<XTile> &tiles,
                    hls::stream<Dots<Input>> &dots) {
  static ULane words[Input::kULanes][Input::kUWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS BIND_STORAGE variable=words type=ram_2p impl=uram
  static bool takes[Input::kUWords];
  static XTile x[Input::kULanes][Input::kXTiles];
#pragma HLS AGGREGATE variable=x compact=bit
#pragma HLS ARRAY_PARTITION variable=x complete dim=1
#pragma HLS BIND_STORAGE variable=x type=ram_2p impl=lutram
  const UCall call = calls.read();
  if (call.kind == Kind::kLoad) load_u<Input>(call.words, image, words, takes);
  if (call.kind == Kind::kStep) run_u<Input>(call, tiles, dots, words, takes, x);
}

inline void hidden_u(hls::stream<UCall> &calls, hls::stream<beat_t> &image, hls::stream<XTile> &tiles,
                     hls::stream<Dots<Hidden>> &dots) {
  static ULane words[Hidden::kULanes][Hidden::kUWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS BIND_STORAGE variable=words type=ram_2p impl=bram
  static bool takes[Hidden::kUWords];
  static XTile x[Hidden::kULanes][Hidden::kXTiles];
#pragma HLS AGGREGATE variable=x compact=bit
#pragma HLS ARRAY_PARTITION variable=x complete dim=1
#pragma HLS BIND_STORAGE variable=x type=ram_2p impl=lutram
  const UCall call = calls.read();
  if (call.kind == Kind::kLoad) load_u<Hidden>(call.words, image, words, takes);
  if (call.kind == Kind::kStep) run_u<Hidden>(call, tiles, dots, words, takes, x);
}

template <class Part>
void part_s(hls::stream<SCall> &calls, hls::stream<beat_t> &image, hls::stream<Dots<Part>> &dots,
            hls::stream<Ps<Part>> &ps, hls::stream<int32_t> &clips) {
  static Scalar scalars[Part::kULanes][Part::kSWords];
#pragma HLS AGGREGATE variable=scalars compact=bit
#pragma HLS ARRAY_PARTITION variable=scalars complete dim=1
  const SCall call = calls.read();
  if (call.kind == Kind::kLoad) load_s<Part>(call.slots, image, scalars);
  if (call.kind == Kind::kStep) run_s<Part>(call, dots, ps, clips, scalars);
}

inline void input_v(hls::stream<VCall> &calls, hls::stream<beat_t> &image, hls::stream<Ps<Input>> &ps,
                    hls::stream<Sums> &sums) {
  static VLane words[kGates][Input::kVLanes][Input::kVWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS ARRAY_PARTITION variable=words complete dim=2
#pragma HLS BIND_STORAGE variable=words type=ram_2p impl=uram
  static bool lasts[Input::kVWords];
  static PPair p[kGates][Input::kVLanes][Input::kULanes][design::kMaxSlots];
#pragma HLS AGGREGATE variable=p compact=bit
#pragma HLS ARRAY_PARTITION variable=p complete dim=1
#pragma HLS ARRAY_PARTITION variable=p complete dim=2
#pragma HLS ARRAY_PARTITION variable=p complete dim=3
#pragma HLS BIND_STORAGE variable=p type=ram_2p impl=lutram
  const VCall call = calls.read();
  if (call.kind == Kind::kLoad) load_v<Input>(call.words, image, words, lasts);
  if (call.kind == Kind::kStep) run_v<Input>(call, ps, sums, words, lasts, p);
}

inline void hidden_v(hls::stream<VCall> &calls, hls::stream<beat_t> &image, hls::stream<Ps<Hidden>> &ps,
                     hls::stream<Sums> &sums) {
  static VLane words[kGates][Hidden::kVLanes][Hidden::kVWords];
#pragma HLS AGGREGATE variable=words compact=bit
#pragma HLS ARRAY_PARTITION variable=words complete dim=1
#pragma HLS ARRAY_PARTITION variable=words complete dim=2
#pragma HLS BIND_STORAGE variable=words type=ram_2p impl=bram
  static bool lasts[Hidden::kVWords];
  static PPair p[kGates][Hidden::kVLanes][Hidden::kULanes][design::kMaxSlots];
#pragma HLS AGGREGATE variable=p compact=bit
#pragma HLS ARRAY_PARTITION variable=p complete dim=1
#pragma HLS ARRAY_PARTITION variable=p complete dim=2
#pragma HLS ARRAY_PARTITION variable=p complete dim=3
#pragma HLS BIND_STORAGE variable=p type=ram_2p impl=lutram
  const VCall call = calls.read();
  if (call.kind == Kind::kLoad) load_v<Hidden>(call.words, image, words, lasts);
  if (call.kind == Kind::kStep) run_v<Hidden>(call, ps, sums, words, lasts, p);
}
