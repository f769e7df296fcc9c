// What the compiler rejects is one finding; no rule is tried.
#include "minimal.h"

extern "C" void top(int n, int *out) {
#pragma HLS NONSENSE
  *out = undeclared + n; // expect: parse
}
