// Streams that depend on timing, and words that are too wide or of odd sizes.
#include "minimal.h"

struct Wide {
  int32_t value[129];
};
struct Odd {
  hls::vector<int16_t, 6> lanes; // expect: pack-vector
};
struct Beat {
  uint8_t byte[24];
};
using large_t = hls::vector<int32_t, 64>;

static void poll(stream_t &in, stream_t &out, hls::stream<Wide> &wide) { // expect: pack-stream
  int value = 0;
  if (!in.empty()) value = in.read(); // expect: stream-order
  if (in.read_nb(value)) out.write(value); // expect: stream-order
  out.write_nb(value); // expect: stream-order
  if (out.full()) value = in.size(); // expect: stream-order
  Odd odd = {}; // expect: pack-vector
  out.write(odd.lanes[0] + wide.read().value[0]);
}

extern "C" void top(const Beat *beats, large_t *large, int *out) { // expect: pack-maxi
#pragma HLS INTERFACE m_axi port=beats bundle=gmem0 offset=slave depth=16
#pragma HLS INTERFACE m_axi port=large bundle=gmem1 offset=slave depth=16
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
  stream_t a("a"), b("b");
  hls::stream<Wide> wide("wide"); // expect: pack-stream
  a.write(beats[0].byte[0] + large[0][0]);
  poll(a, b, wide);
  *out = b.read();
}
