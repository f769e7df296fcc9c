// std::vector: its heap and its exceptions.
// expect: foreign operator new
#include <vector>
extern "C" void top(int n, int *out) {
  std::vector<int> values(n);
  for (int i = 0; i < n; ++i) values[i] = i * out[0];
  *out = values[n - 1];
}
