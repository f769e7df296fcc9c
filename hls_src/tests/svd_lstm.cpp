// SPDX-License-Identifier: Apache-2.0
// The test bench of svd_lstm.
#include "svd_lstm/svd_lstm.h"

#include "testbench.h"

int main(int argc, char **argv) { return testbench::run(svd_lstm, argc, argv); }
