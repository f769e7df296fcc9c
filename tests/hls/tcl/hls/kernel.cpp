#include <cstdint>
extern "C" void adder(const uint32_t *in, uint32_t *out, uint32_t count) {
#pragma HLS INTERFACE m_axi port=in bundle=gmem0 offset=slave depth=16
#pragma HLS INTERFACE m_axi port=out bundle=gmem1 offset=slave depth=16
#pragma HLS INTERFACE s_axilite port=return
  add: for (uint32_t i = 0; i < count; ++i) out[i] = in[i] + 1;
}
