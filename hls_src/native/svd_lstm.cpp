// SPDX-License-Identifier: Apache-2.0
// The native kernel of svd_lstm.
#include "svd_lstm/svd_lstm.cpp"

#include "native/start.h"

extern "C" const char *kernel_start(const uint32_t *registers, const void *in, void *out, uint32_t *results) {
  return start(svd_lstm, registers, in, out, results);
}
