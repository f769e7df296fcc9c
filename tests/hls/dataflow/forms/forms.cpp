// Forms of HLS C++ that the instrumentation must cope with; every result is a sum that is easy to
// state. Umlauts shift bytes against characters: äöü.
#include "forms.h"

namespace forms {

static hls::stream<int> loop_back("loop_back"); // of the namespace, not of a function

// A loop that ends by break, one without any pragma, and three nested ones.
static void total(bool first, hls::stream<int> &in, hls::stream<int> &back, hls::stream<int> &carry,
                  hls::stream<int64_t> &out) {
  int64_t sum = first ? 0 : back.read();
  int got = 0;
  take: while (true) {
#pragma HLS PIPELINE II=1
    if (got == kSent) break;
    sum += in.read();
    ++got;
  }
  for (int i = 0; i < 3; ++i) {
    sum += i;
  }
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      count: for (int k = 0; k < 4; ++k) {
#pragma HLS PIPELINE II=1
        sum += i * j * k;
      }
    }
  }
  carry.write(int(sum % 1000));
  out.write(sum);
}

static void remember(hls::stream<int> &carry, bool last, hls::stream<int> &back) {
  const int value = carry.read();
  if (!last) back.write(value);
}

static void finish(hls::stream<int64_t> &in, int64_t *sums, int n) { sums[n] = in.read(); }

template <class P> void calls(int count, int64_t *sums) {
  turns: for (int n = 0; n < count; n += 1) {
#pragma HLS DATAFLOW
    constexpr int kSideDepth = 3;
    const int shifted = n + 1;
    hls::stream<int> sides[2][2], tripled("tripled"), // a comment, and names behind it
        merged("merged"), carry("carry");
#pragma HLS STREAM variable=sides depth=kSideDepth
#pragma HLS STREAM variable=tripled depth = P::kDepth
    hls::stream<int64_t> done("done");
#pragma HLS STREAM variable=loop_back depth=4
    feed<P>(n, shifted, 2, sides);
    merge<P>(n, sides, merged);
    P::run(merged, tripled);
    total(n == 0, tripled, loop_back, carry, done);
    remember(carry, n == count - 1, loop_back);
    finish(done, sums, n);
  }
}

static void many(int value, hls::stream<int> &out) {
  send: for (int i = 0; i < kSent; ++i) {
#pragma HLS PIPELINE II=1
    out.write(value + i);
  }
}

static void sum_up(hls::stream<int> &in, int64_t *sum) {
  int64_t all = 0;
  add: for (int i = 0; i < kSent; ++i) {
#pragma HLS PIPELINE II=1
    all += in.read();
  }
  sum[0] = all;
}

// A region that is called again and again, with two calls of one function.
static void nine_times(int value, int64_t *sum) {
#pragma HLS DATAFLOW
  hls::stream<int> a("a"), b("b"), c("c");
  many(value, a);
  Triple::run(a, b);
  Triple::run(b, c);
  sum_up(c, sum);
}

} // namespace forms

extern "C" void forms_top(int count, int64_t *sums) {
#pragma HLS INTERFACE m_axi port=sums bundle=gmem0 offset=slave depth=64
  forms::calls<forms::Triple>(count, sums);
  repeat: for (int i = 0; i < 3; ++i) {
    forms::nine_times(i, sums + count + i);
  }
  sums[count + 3] = forms::bonus(4);
}
