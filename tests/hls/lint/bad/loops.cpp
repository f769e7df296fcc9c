// Loops without labels, bounds or ends, and what may not be in them.
#include "minimal.h"

static int helper(int n, int d) { return n % d; } // expect: loop-divide
static int inner(int n) {
  int sum = 0;
  for (int i = 0; i < 4; ++i) sum += i * n; // expect: loop-inner
  return sum;
}
template <int N> static int repeated(int n) {
  int sum = 0;
  for (int i = 0; i < N; ++i) { // constant, once instantiated
#pragma HLS UNROLL
    for (int k = i; k < 2 * N && k < 99; ++k) {
#pragma HLS UNROLL
      sum += n / (i + 1) / N;
    }
  }
  return sum;
}

extern "C" void top(int n, int *out) {
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
  int memory[8] = {}, sum = repeated<4>(n);
  for (int i = 0; i < 8; ++i) { // expect: loop-label
#pragma HLS PIPELINE II=1
    memory[i] = inner(n);
  }
  for (int i = 0; i < n; ++i) sum += i; // expect: loop-bound
  for (int i = n; i < 8; ++i) sum += i; // expect: loop-bound
  for (int i = 0; i < 8; i += n) sum += i; // expect: loop-bound
  for (int i = 0; i < 8; ++i) i += 2; // expect: loop-bound
  while (sum > n) --sum; // expect: loop-bound
  do --sum; // expect: loop-bound
  while (sum > n);
  while (true) { // expect: loop-forever
    if (--sum < 0) break;
  }
  for (;;) { // expect: loop-forever
    if (++sum > 9) break;
  }
  do { // expect: loop-forever
    if (++sum > 9) break;
  } while (1);
  for (int i = 0; i < n; ++i) { // expect: loop-unroll
#pragma HLS UNROLL
#pragma HLS LOOP_TRIPCOUNT min=1 max=8
    sum += helper(i, n);
  }
  outer: for (int i = 0; i < 8; ++i) {
#pragma HLS PIPELINE II=1
    sum /= n; // expect: loop-divide
    sum %= i; // expect: loop-divide
    for (int k = 0; k < 4; ++k) sum += k; // expect: loop-inner
    for (int k = 0; k < 4; ++k) {
#pragma HLS UNROLL
      sum += i / (k + 1) + memory[i] / 3;
    }
  }
  sum += n / sum; // outside of loops it is one divider
  *out = sum;
}
