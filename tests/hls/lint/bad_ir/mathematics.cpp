// tanh of the C library, and floating-point instructions around it.
// expect: foreign tanh
// expect: floating
#include <cmath>
extern "C" void top(int n, int *out) { *out = int(std::tanh(n * 0.125) * 128); }
