// Pragmas in the wrong place, or naming what is not there.
#include "minimal.h"

#pragma HLS INLINE // expect: pragma-position

struct Pair {
  int low, high;
};
static int outer[8];

static void inner(int n, int *out) {
  int sum = 0;
#pragma HLS INLINE // expect: pragma-position
  int late[8] = {};
  sum += n;
#pragma HLS ARRAY_PARTITION variable=late complete // expect: pragma-position
#pragma HLS ARRAY_PARTITION variable=absent complete // expect: pragma-variable
#pragma HLS ARRAY_PARTITION variable=later complete // expect: pragma-variable
  int later[8] = {};
  Pair pairs[8] = {};
#pragma HLS ARRAY_PARTITION variable=pairs.middle complete // expect: pragma-variable
  if (n > 3) {
#pragma HLS PIPELINE II=1 // expect: pragma-position
#pragma HLS UNROLL // expect: pragma-position
    sum -= 1;
  }
  words: for (int i = 0; i < 8; ++i) {
    sum += i;
#pragma HLS PIPELINE II=1 // expect: pragma-position
#pragma HLS ARRAY_PARTITION variable=later complete // expect: pragma-position
#pragma HLS ARRAY_PARTITION variable=outer complete // expect: pragma-position
    int hidden = 0;
    late[i] = hidden + later[i] + pairs[i].low + outer[i];
  }
#pragma HLS LOOP_TRIPCOUNT min=1 max=8 // expect: pragma-position
#pragma HLS STREAM variable=hidden depth=4 // expect: pragma-variable
  unbraced: for (int i = 0; i < 8; ++i)
#pragma HLS UNROLL // expect: pragma-position
    sum += late[i];
  *out = sum;
}

extern "C" void top(int n, int *out) {
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
#pragma HLS INTERFACE s_axilite port=missing // expect: pragma-variable
  inner(n, out);
}
