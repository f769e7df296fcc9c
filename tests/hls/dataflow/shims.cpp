// Functions over the native stand-ins of hls_stream.h and hls_vector.h, for test_dataflow_shims.py.
#include <cstdint>
#include <hls_stream.h>
#include <hls_vector.h>

struct Token {
  int32_t v[5];
};
static hls::stream<Token> kept("kept");

extern "C" {

// Writes and reads in bursts that make the ring turn and grow; the sum of all that was read, in order.
int64_t in_order(int bursts, int longest) {
  hls::stream<int> s("s");
  int64_t written = 0, sum = 0, next = 0;
  for (int b = 0; b < bursts; ++b) {
    for (int i = 0; i < b % longest + 1; ++i) s.write(int(written++));
    for (int i = 0; i < b % longest; ++i)
      if (s.read() != next++) return -1;
  }
  while (next < written) {
    int token;
    s >> token;
    if (token != next++) return -1;
    sum += token;
  }
  return sum;
}

int read_empty() {
  return hls::guarded([] {
    hls::stream<Token> s("nothing");
    s.read();
  });
}

int leave(int tokens) {
  return hls::guarded([=] {
    hls::stream<int> s("left");
    for (int i = 0; i < tokens; ++i) s << i;
  });
}

void keep() { kept.write(Token{{1, 2, 3, 4, 5}}); }

int throws() {
  return hls::guarded([] { hls::vector<int, 4> v{1, 2}; });
}

// Layout: sizes and alignments of some vectors.
int layout(int which) {
  switch (which) {
  case 0: return sizeof(hls::vector<uint8_t, 16>);
  case 1: return alignof(hls::vector<uint8_t, 16>);
  case 2: return sizeof(hls::vector<int8_t, 4>);
  case 3: return alignof(hls::vector<int8_t, 4>);
  case 4: return sizeof(hls::vector<int64_t, 16>);
  default: return alignof(hls::vector<int64_t, 16>);
  }
}

void arithmetic(const int16_t *a, const int16_t *b, int16_t *out) {
  using Vector = hls::vector<int16_t, 8>;
  Vector x, y;
  for (int i = 0; i < 8; ++i) x[i] = a[i], y[i] = b[i];
  const Vector results[] = {x + y, x - y, x * y, x & y, x | y, x ^ y, Vector(7)};
  for (const Vector &r : results)
    for (const int16_t v : r) *out++ = v;
  *out++ = x.reduce_add();
  *out++ = x == x && x != y;
}
}
