// Arguments without an interface.
#include "minimal.h"

static int other(int n) {
#pragma HLS INTERFACE s_axilite port=n // expect: interface
  return n;
}

extern "C" void top(int n, // expect: interface
                    int *out, // expect: interface
                    int by_value, // expect: interface
                    stream_t &tokens, // expect: interface
                    int status) { // expect: nothing
#pragma HLS INTERFACE m_axi port=by_value bundle=gmem0 offset=slave depth=16
#pragma HLS INTERFACE s_axilite port=status bundle=control
#pragma HLS INTERFACE s_axilite port=by_value bundle=other
  *out = other(n) + by_value + tokens.read() + status;
}
