// Output, assembly, a stream that does not wait, and a function from elsewhere.
// expect: foreign printf
// expect: foreign inline assembly
// expect: foreign empty
// expect: foreign elsewhere
#include <cstdio>
#include <hls_stream.h>
int elsewhere(int n);
extern "C" void top(int n, int *out) {
  hls::stream<int> tokens("tokens");
  tokens.write(n);
  if (!tokens.empty()) std::printf("%d", n);
  asm volatile("nop");
  *out = elsewhere(tokens.read());
}
