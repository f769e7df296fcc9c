// SPDX-License-Identifier: Apache-2.0
// Route: puts the tiles of x together, from memory and from the h of other LSTMs after the previous wave.
#pragma once
#include "common/rounding.h"
#include "common/tokens.h"
#include <hls_stream.h>

enum class Source : uint8_t { kNothing, kMemory, kHidden };

struct Term {
  Source kind;
  uint8_t pair, lane, tile;
  int8_t shift;
};
struct RouteWord {
  bool last; // the tile of x is complete
  Term term[kLanes];
};

constexpr int kHeldTiles = design::Hidden::kXTiles;

inline void load_route(int records, hls::stream<beat_t> &image, RouteWord (&words)[design::kMaxRouteWords]) {
#pragma HLS INLINE
  load_route_words: for (int n = 0; n < records; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=512
    const beat_t beat = image.read();
    RouteWord word;
    word.last = beat[0] & 1;
    load_route_terms: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
      Term &term = word.term[m];
      const int first = 2 + 5 * m;
      term.kind = Source(uint8_t(beat[first]));
      term.pair = beat[first + 1];
      term.lane = beat[first + 2];
      term.tile = beat[first + 3];
      term.shift = int8_t(beat[first + 4]);
    }
    words[n] = word;
  }
}

// As many terms as there are records, each of 24 bits, fit exactly.
using route_t = sint<34>;
static_assert(design::kMaxRouteWords <= 512, "the sum of a tile of x fits route_t");

// round(v / 2^shift), also for shifts below zero
inline route_t rescale(act_t v, int shift) {
#pragma HLS INLINE
  const sint<64> wide = v;
  return route_t(shift < 0 ? sint<64>(wide * (sint<64>(1) << -shift)) : round_shift(wide, shift));
}

// A tile of h is a tile of x or half of it; the first half clears the second, which may not come.
inline void join(const HTile &h, bool second, XTile &joined) {
#pragma HLS INLINE
  join_models: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
    join_units: for (int i = 0; i < kVTile; ++i) {
#pragma HLS UNROLL
      if (!second) joined.lane[m].value[i] = h.value[m][i];
      if (kJoined == 2) joined.lane[m].value[kUTile - kVTile + i] = second ? h.value[m][i] : act_t(0);
    }
  }
}

// Takes over the h of the pairs that routes read, one pair after another.
inline void collect_h(const RouteCall &call, hls::stream<HTile> &from_sigma,
                      XTile (&held)[design::kMaxPairs][kHeldTiles]) {
#pragma HLS INLINE
  int k = 0, tile = 0;
  XTile joined = zero_x();
  collect_tiles: for (int n = 0; n < call.collect; ++n) {
#pragma HLS PIPELINE II=1 style=frp
#pragma HLS LOOP_TRIPCOUNT min=1 max=256
    const HTile h = from_sigma.read();
    join(h, tile % kJoined == 1, joined);
    held[call.from[k].pair][tile / kJoined] = joined;
    const bool complete = tile + 1 == call.from[k].tiles;
    tile = complete ? 0 : tile + 1;
    k += complete && k + 1 < design::kMaxPairs;
  }
}

inline void route(int count, hls::stream<RouteCall> &calls, hls::stream<beat_t> &image, hls::stream<XTile> &from_memory,
                  hls::stream<HTile> &from_sigma, hls::stream<XTile> &tiles) {
  static RouteWord words[design::kMaxRouteWords];
#pragma HLS AGGREGATE variable=words compact=bit
  static XTile held[design::kMaxPairs][kHeldTiles];
#pragma HLS AGGREGATE variable=held compact=bit
#pragma HLS BIND_STORAGE variable=held type=ram_2p impl=lutram
  each_call: for (int n = 0; n < count; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const RouteCall call = calls.read();
    if (call.kind == Kind::kLoad) load_route(call.records, image, words);
    if (call.kind == Kind::kStep) {
      collect_h(call, from_sigma, held);
      route_t sums[kLanes][kUTile];
#pragma HLS ARRAY_PARTITION variable=sums complete dim=0
      clear(sums);
      route_words: for (int n = 0; n < call.words; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=512
        const RouteWord word = words[call.start + n];
        XTile external = zero_x(), tile = zero_x();
        bool takes = false;
        route_takes: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
          takes = takes || word.term[m].kind == Source::kMemory;
        }
        if (takes) external = from_memory.read();
        route_models: for (int m = 0; m < kLanes; ++m) {
#pragma HLS UNROLL
          const Term term = word.term[m];
          const XLane other = held[term.pair][term.tile].lane[term.lane];
          route_elements: for (int i = 0; i < kUTile; ++i) {
#pragma HLS UNROLL
            const act_t value = term.kind == Source::kMemory   ? external.lane[m].value[i]
                                : term.kind == Source::kHidden ? other.value[i]
                                                               : act_t(0);
            const route_t sum = sums[m][i] + rescale(value, term.shift);
            tile.lane[m].value[i] = saturate<design::kActivationBits>(sum).value;
            sums[m][i] = word.last ? route_t(0) : sum;
          }
        }
        if (word.last) tiles.write(tile);
      }
    }
  }
}
