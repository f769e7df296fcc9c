// SPDX-License-Identifier: Apache-2.0
// Zeros for arrays of any depth. An initialiser {} would do for native types, but leaves an ap_int as it is.
#pragma once

template <class T> void clear(T &value) {
#pragma HLS INLINE
  value = T(0);
}

template <class T, int N> void clear(T (&values)[N]) {
#pragma HLS INLINE
  clear_elements: for (int i = 0; i < N; ++i) {
#pragma HLS UNROLL
    clear(values[i]);
  }
}
