// malloc, which is allowed within the model of wide products in ap_types only.
// expect: foreign malloc
// expect: foreign free
#include <cstdlib>
extern "C" void top(int n, int *out) {
  int *values = static_cast<int *>(std::malloc(n * sizeof(int)));
  for (int i = 0; i < n; ++i) values[i] = out[i];
  *out = values[n - 1] + values[n / 2];
  std::free(values);
}
