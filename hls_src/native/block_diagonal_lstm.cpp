// SPDX-License-Identifier: Apache-2.0
// The native kernel of block_diagonal_lstm.
#include "block_diagonal_lstm/block_diagonal_lstm.cpp"

#include "native/start.h"

extern "C" const char *kernel_start(const uint32_t *registers, const void *in, void *out, uint32_t *results) {
  return start(block_diagonal_lstm, registers, in, out, results);
}
