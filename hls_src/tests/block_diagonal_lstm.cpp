// SPDX-License-Identifier: Apache-2.0
// The test bench of block_diagonal_lstm.
#include "block_diagonal_lstm/block_diagonal_lstm.h"

#include "testbench.h"

int main(int argc, char **argv) { return testbench::run(block_diagonal_lstm, argc, argv); }
