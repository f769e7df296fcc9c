// A top with C++ linkage that returns a value, and code that nothing reaches.
#include "minimal.h"

template <class T> T unused(T v) { return v; } // expect: unreached
constexpr int kept(int n) { return n; }

int top(int n) { // expect: top-linkage
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=return
  return n + kept(1);
}
