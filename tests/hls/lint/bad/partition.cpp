// Arrays that unrolled loops index in dimensions that are not partitioned.
#include "minimal.h"

struct Bank {
  int word[4][16];
};

template <int N> static int add(int (&rows)[N][16], int at) {
#pragma HLS INLINE
  int sum = 0;
  for (int i = 0; i < N; ++i) {
#pragma HLS UNROLL
    sum += rows[i][at];
  }
  return sum;
}

extern "C" void top(int n, int *out) {
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
  static int good[4][16];
#pragma HLS ARRAY_PARTITION variable=good complete dim=1
  static int whole[4][16];
#pragma HLS ARRAY_RESHAPE variable=whole complete dim=0
  static int wrong[4][16]; // expect: partition
#pragma HLS ARRAY_PARTITION variable=wrong complete dim=2
  static int bare[4][16]; // expect: partition
  static Bank bank; // expect: partition
  int registers[4] = {};
  int sum = 0;
  words: for (int n2 = 0; n2 < 16; ++n2) {
#pragma HLS PIPELINE II=1
    int inside[4][16] = {};
    for (int i = 0; i < 4; ++i) {
#pragma HLS UNROLL
      registers[i] += bare[i][n2] + bank.word[i][n2] + inside[i][n2];
    }
    sum += add<4>(good, n2) + add<4>(whole, n2) + add<4>(wrong, n2) + registers[3];
  }
  *out = sum + n;
}
