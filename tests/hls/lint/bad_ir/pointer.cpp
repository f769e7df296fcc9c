// A function that is known at run time only.
// expect: indirect_calls
static int twice(int n) { return 2 * n; }
static int half(int n) { return n / 2; }
extern "C" void top(int n, int *out) {
  static int (*const table[2])(int) = {twice, half};
  *out = table[n & 1](n);
}
