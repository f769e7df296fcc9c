// An array of variable size.
// expect: variable_allocas
extern "C" void top(int n, int *out) {
  volatile int values[n];
  for (int i = 0; i < n; ++i) values[i] = i;
  *out = values[n - 1];
}
