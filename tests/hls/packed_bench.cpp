// Compares common/packed.h with plain products: `packed_bench CHECK` prints how many were compared and how many differ.
#include "common/packed.h"
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace {
struct Range {
  int low, high;
};
constexpr Range kActivation = {-128, 127}, kCode = {-127, 127}, kP = {-512, 511};
constexpr int kUSharedBits = 8, kVSharedBits = 10;

long compared = 0, different = 0;

struct Sum {
  packed::sum_t packed = 0;
  int high = 0, low = 0;

  template <int kSharedBits> void add(int one, int other, int shared, int times = 1) {
    const packed::pair_t pair = packed::pair(sint<16>(one), sint<16>(other));
    for (int n = 0; n < times; ++n)
      packed += multiply<packed::kPairBits, kSharedBits>(pair, sint<kSharedBits>(shared));
    high += times * one * shared;
    low += times * other * shared;
  }
  void compare() const {
    const packed::Products products = packed::split(packed);
    ++compared;
    different += products.high != high || products.low != low;
  }
};

template <int kSharedBits> void every_product(Range factors, Range shared) {
  for (int one = factors.low; one <= factors.high; ++one) {
    for (int other = factors.low; other <= factors.high; ++other) {
      for (int by = shared.low; by <= shared.high; ++by) {
        Sum sum;
        sum.add<kSharedBits>(one, other, by);
        sum.compare();
      }
    }
  }
}

// Every sum of `count` products of extremes: what is added for each of the 8 kinds of a product comes to `count`.
template <int kSharedBits>
void extreme_sums(Range factors, Range shared, int count, Sum sum = Sum(), int kind = 0) {
  if (kind == 8) return count == 0 ? sum.compare() : void();
  for (int times = 0; times <= count; ++times) {
    Sum more = sum;
    more.add<kSharedBits>(kind & 1 ? factors.high : factors.low,
                          kind & 2 ? factors.high : factors.low,
                          kind & 4 ? shared.high : shared.low, times);
    extreme_sums<kSharedBits>(factors, shared, count - times, more, kind + 1);
  }
}

template <int kSharedBits> void one_sum(int factor, int shared, int count) {
  Sum sum;
  sum.add<kSharedBits>(factor, factor, shared, count);
  sum.compare();
}

void refused(int one, int other, bool wanted) {
  bool found = false;
  try {
    packed::pair(sint<16>(one), sint<16>(other));
  } catch (const std::logic_error &) {
    found = true;
  }
  ++compared;
  different += found != wanted;
}

// The pair must fit 27 bits: factors of 8 bits always do.
void refusals() {
  for (const int other : {-128, -1, 0, 127}) {
    for (const int one : {-128, 0, 127}) refused(one, other, false);
    for (const int one : {-8191, -257, 257, 8191}) refused(one, other, true);
    refused(-256, other, other < 0);
    refused(255, other, false);
    refused(256, other, other >= 0);
  }
}
} // namespace

int main(int argc, char **argv) {
  const auto is = [&](const char *name) { return argc == 2 && std::strcmp(argv[1], name) == 0; };
  if (is("u_products")) every_product<kUSharedBits>(kActivation, kCode);
  else if (is("v_products")) every_product<kVSharedBits>(kCode, kP);
  else if (is("u_sums_of_8")) extreme_sums<kUSharedBits>(kActivation, kCode, 8);
  else if (is("v_sums_of_2")) extreme_sums<kVSharedBits>(kCode, kP, 2);
  else if (is("u_sum_of_9")) one_sum<kUSharedBits>(-128, 127, 9);
  else if (is("v_sum_of_3")) one_sum<kVSharedBits>(-127, -512, 3);
  else if (is("u_with_code_-128")) one_sum<kUSharedBits>(-128, -128, 8);
  else if (is("u_without_code_-128")) one_sum<kUSharedBits>(-128, -128, 7);
  else if (is("refusals")) refusals();
  else return 2;
  std::printf("%ld %ld\n", compared, different);
  return 0;
}
