// What the subset leaves out.
#include "minimal.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <typeinfo>
#include <vector>

struct Shape {
  virtual int area() const { return 1; } // expect: virtual
};
struct Square : Shape {
  int area() const override { return 2; } // expect: virtual, unreached
};
struct Left : virtual Shape {}; // expect: virtual

static int recurse(int n) { return n > 0 ? recurse(n - 1) : 0; } // expect: recursion
static int ping(int n);
static int pong(int n) { return n > 0 ? ping(n - 1) : 0; } // expect: recursion
static int ping(int n) { return pong(n); } // expect: recursion
int elsewhere(int n);
using Step = int (*)(int); // the alias alone does no harm
template <class T> static T half(T v) { return v / 2; } // expect: float

struct Table {
  float scale; // expect: float
  Step step; // expect: function-pointer
};

extern "C" void top(int n, volatile int *out) { // expect: volatile
#pragma HLS INTERFACE s_axilite port=n
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=return
  int *heap = new int[4]; // expect: heap
  delete[] heap; // expect: heap
  void *raw = std::malloc(8); // expect: heap
  free(raw); // expect: heap
  int sum = recurse(n) + ping(n);
  sum += elsewhere(n); // expect: call
  sum += std::max(n, 3); // expect: std
  sum += std::abs(n); // expect: call
  sum += std::numeric_limits<int8_t>::max();
  std::vector<int> values(4); // expect: std
  sum += values[0]; // expect: std
  std::array<int, 4> fixed = {}; // expect: std
  sum += fixed[1]; // expect: std
  std::printf("%d", n); // expect: call
  sum += rand(); // expect: call
  int sized[n]; // expect: vla
  sum += sized[0];
  double real = 0.5; // expect: float
  sum += int(half(real)); // expect: float
  Step step = n > 2 ? recurse : ping; // expect: function-pointer
  sum += step(n); // expect: function-pointer
  int (Square::*member)() const = &Square::area; // expect: function-pointer
  Square square;
  Shape &shape = square;
  sum += shape.area(); // expect: virtual
  sum += dynamic_cast<Square *>(&shape) != nullptr; // expect: rtti
  sum += typeid(shape) == typeid(square); // expect: rtti, std
  try { // expect: exception
    if (n == 7) throw 1; // expect: exception
  } catch (int) {
    goto end; // expect: goto
  }
  asm("nop"); // expect: goto
end:
  *out = sum + (member != nullptr);
}
