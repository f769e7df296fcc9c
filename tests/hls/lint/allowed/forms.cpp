// Forms that are right, and that a lint of template patterns or of single functions would trip over.
#include <cstdint>
#include <hls_stream.h>
#include <hls_vector.h>
#include <limits>
#include <type_traits>
#define DEPTH 8
using stream_t = hls::stream<int32_t>;

namespace sizes {
constexpr int up(int bits, int by) { return (bits + by - 1) / by; }
enum { kSlots = 4 };
template <int N> struct Sized {
  static constexpr int kDepth = 2 * N;
  static const int kTable[N];
};
template <int N> const int Sized<N>::kTable[N] = {1, 2, 3, 4};
} // namespace sizes

// static members, a nested type, an overload chosen by a tag
template <class Design, int Part> struct Unit {
  struct Word {
    int32_t value[Design::kDepth];
  };
  static int32_t sum(const Word &word, std::true_type) {
    int32_t total = 0;
    for (int i = 0; i < sizes::up(Design::kDepth, 2); ++i) {
#pragma HLS UNROLL
      total += word.value[i] * Design::kTable[i % sizes::kSlots] / Design::kDepth;
    }
    return total;
  }
  static int32_t sum(const Word &, std::false_type) { return 0; }
  static void run(stream_t &in, stream_t &out) {
    static Word word;
#pragma HLS ARRAY_PARTITION variable=word.value complete
    const auto &alias = word;
    stream_t &input = in, *output = &out;
    words: for (int i = 0; i < Design::kDepth; ++i) {
#pragma HLS PIPELINE II=1 rewind
      word.value[i] = input.read();
    }
    output->write(sum(alias, std::integral_constant<bool, Part == 0>()));
  }
};

// an object with methods, local to a process
struct Counter {
  int32_t count = 0;
  void step(int32_t by) {
#pragma HLS INLINE
    count += by > std::numeric_limits<int8_t>::max() ? 1 : by;
  }
};

static void spread(int n, stream_t (&out)[2]) {
  Counter counter;
  auto twice = [&](int32_t v) { return counter.count + 2 * v; };
  tokens: for (int i = 0; i < 2 * sizes::Sized<4>::kDepth; ++i) {
#pragma HLS PIPELINE II=1
#pragma HLS LATENCY min=1 max=4
    counter.step(n);
    out[i & 1].write(twice(i));
  }
}

template <int Lane> static void halve(stream_t (&in)[2], stream_t &out) {
#pragma HLS FUNCTION_INSTANTIATE variable=in
  halves: for (int i = 0; i < sizes::Sized<4>::kDepth; ++i) {
#pragma HLS PIPELINE II=1
    out << in[Lane].read() / 2;
  }
}

// an array and a scalar as channels
static void gather(stream_t &a, stream_t &b, int32_t (&buffer)[DEPTH], int32_t &last) {
  int32_t value = 0;
  gathers: for (int i = 0; i < DEPTH; ++i) {
#pragma HLS PIPELINE II=1
    b.read(value);
    buffer[i] = value;
  }
  a >> value;
  last = value;
}
static void scatter(const int32_t (&buffer)[DEPTH], int32_t last, stream_t &out) {
  for (const int32_t value : buffer) out.write(value + last);
}
static void finish(int32_t last, stream_t &in, int32_t *out) {
  int32_t total = last;
  totals: for (int i = 0; i < DEPTH; ++i) {
#pragma HLS PIPELINE II=1
    total += in.read();
  }
  *out += total;
}

static void inner(stream_t &in, stream_t &out) {
#pragma HLS DATAFLOW
  stream_t middle("middle");
#pragma HLS STREAM variable=middle depth=DEPTH
  Unit<sizes::Sized<4>, 0>::run(in, middle);
  Unit<sizes::Sized<1>, 1>::run(middle, out);
}

static void region(int n, int32_t *out) {
#pragma HLS DATAFLOW
  constexpr int kDeep = 16;
  using local_t = stream_t;
  local_t pair[2], halves("halves"), one("one"), sums("sums");
#pragma HLS STREAM variable=pair depth=kDeep
#pragma HLS STREAM variable=halves depth=kDeep
  int32_t buffer[DEPTH];
#pragma HLS ARRAY_PARTITION variable=buffer cyclic factor=2 dim=1
  int32_t last;
  spread(n, pair);
  halve<0>(pair, halves);
  inner(halves, one);
  gather(one, pair[1], buffer, last);
  scatter(buffer, last, sums);
  finish(last, sums, out);
}

// a feedback stream that is static in the region, a loop with a constant end
static void start(int n, stream_t &back, stream_t &out) { out.write(n ? back.read() : 0); }
static void turn(int n, stream_t &in, stream_t &back) {
  const int32_t value = in.read();
  if (n < DEPTH - 1) back.write(value);
}
static void rounds() {
  calls: for (int n = 0; n < DEPTH; ++n) {
#pragma HLS DATAFLOW
    static stream_t back("back");
#pragma HLS STREAM variable=back depth=2
    stream_t forward("forward");
    start(n, back, forward);
    turn(n, forward, back);
  }
}

extern "C" void top(int n, int32_t *out, hls::vector<int32_t, 4> *memory) {
#pragma HLS INTERFACE s_axilite port=n bundle=control
#pragma HLS INTERFACE m_axi port=out bundle=gmem0 offset=slave depth=DEPTH
#pragma HLS INTERFACE m_axi port=memory bundle=gmem1 offset=slave depth=1 num_read_outstanding=4
#pragma HLS INTERFACE s_axilite port=return bundle=control
#pragma HLS ALLOCATION operation instances=mul limit=8
  const int product = n * 3;
#pragma HLS BIND_OP variable=product op=mul impl=dsp latency=2
  int spared = product;
  descend: for (int i = n; i > 0; i >>= 1) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=31 avg=16
    spared -= i;
  }
  region(spared, out);
  rounds();
  memory[0] += memory[0];
}
