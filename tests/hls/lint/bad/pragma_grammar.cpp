// Pragmas that are wrong taken alone.
#include "minimal.h"

extern "C" void top(int n, int *out) {
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE mode=s_axilite port=out // expect: pragma-option
#pragma HLS INTERFACE m_axi port=out offset=slave bundle=gmem // expect: pragma-option
#pragma HLS INTERFACE s_axilite port=return clock=fast // expect: pragma-option
#pragma HLS ALLOCATION instances=mul limit=4 // expect: pragma-option
#pragma HLS PERFORMANCE target_ti=4 // expect: pragma-unknown
  static int memory[64];
#pragma HLS RESOURCE variable=memory core=RAM_2P_BRAM // expect: pragma-retired
#pragma HLS ARRAY_PARTITION variable=memory type=complete // expect: pragma-option
#pragma HLS ARRAY_PARTITION variable=memory complete factor=2 // expect: pragma-option
#pragma HLS ARRAY_RESHAPE variable=memory cyclic // expect: pragma-option
#pragma HLS ARRAY_RESHAPE variable=memory cyclic block factor=2 // expect: pragma-option
#pragma HLS BIND_STORAGE variable=memory impl=bram // expect: pragma-option
#pragma HLS BIND_STORAGE variable=memory type=rom_1p impl=uram // expect: pragma-option
#pragma HLS BIND_STORAGE variable=memory type=ram_3p // expect: pragma-option
#pragma HLS BIND_STORAGE variable=memory type=ram_2p imp=bram // expect: pragma-option
#pragma HLS AGGREGATE variable=memory compact=yes // expect: pragma-option
  int product = memory[0] * n;
#pragma HLS BIND_OP variable=product op=mul impl=lut // expect: pragma-option
#pragma HLS STABLE // expect: pragma-option
  stream_t tokens("tokens");
#pragma HLS STREAM variable=tokens depth=kDeep // expect: pragma-option
#pragma HLS STREAM variable=tokens depth=2*8 // expect: pragma-option
#pragma HLS STREAM variable=tokens // expect: pragma-option
#pragma hls STREAM variable=tokens depth=2 // expect: pragma-form
#pragma HLS STREAM variable=tokens /* expect: pragma-option */ \
    depth=4 kind=fifo // the line is where it starts
  _Pragma("HLS STREAM variable=tokens depth=2") // expect: pragma-form
  words: for (int i = 0; i < n; ++i) {
#pragma HLS pipeline II=fast style=slow // expect: pragma-option
#pragma HLS UNROLL factor=2 region // expect: pragma-option
#pragma HLS LOOP_TRIPCOUNT min=9 max=3 // expect: pragma-option
#pragma HLS LOOP_TRIPCOUNT max=3 // expect: pragma-option
#pragma HLS LOOP_FLATTEN on // expect: pragma-option
// guarantee: sample
#pragma HLS DEPENDENCE variable=memory inter distance=4 false // expect: pragma-option
// guarantee: sample
#pragma HLS DEPENDENCE variable=memory false // expect: pragma-option
    memory[i] += product;
  }
  *out = memory[n];
}
