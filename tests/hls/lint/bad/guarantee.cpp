// Dependences denied without saying why, and initial values in URAM.
#include "minimal.h"

extern "C" void top(int n, int *out) {
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
  static int memory[64] = {1, 2};
#pragma HLS BIND_STORAGE variable=memory type=ram_2p impl=uram // expect: storage
  bare: for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=memory inter false // expect: guarantee
    memory[i] += n;
  }
  vague: for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II=1
// it is all right
#pragma HLS DEPENDENCE variable=memory inter RAW false // expect: guarantee
    memory[i] += n;
  }
  empty: for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II=1
// guarantee:
#pragma HLS DEPENDENCE variable=memory inter WAR false // expect: guarantee
    memory[i] += n;
  }
  far: for (int i = 0; i < 64; ++i) {
// guarantee: the next line is another pragma's
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=memory intra false // expect: guarantee
    memory[i] += n;
  }
  stated: for (int i = 0; i < 64; ++i) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=memory inter true distance=4
    memory[i] += n;
  }
  *out = memory[n];
}
