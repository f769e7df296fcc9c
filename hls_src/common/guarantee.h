// SPDX-License-Identifier: Apache-2.0
// What the packer guarantees and C simulation asserts. Nothing of it is synthesised.
#pragma once
#ifndef __SYNTHESIS__
#include <stdexcept>
#endif

inline void guarantee(bool holds, const char *what) {
#pragma HLS INLINE
#ifndef __SYNTHESIS__
  if (!holds) throw std::logic_error(what);
#endif
}

// Remembers in which iteration each of N places was written, to assert the distance to a read.
template <int N> struct WriteLog {
#ifndef __SYNTHESIS__
  static constexpr int kNever = 1 << 30;
  int written[N];
  WriteLog() {
    for (int i = 0; i < N; ++i) written[i] = kNever;
  }
#endif
  // A place that no iteration may come back to.
  void once(int place, int iteration, const char *what) {
#pragma HLS INLINE
#ifndef __SYNTHESIS__
    guarantee(written[place] == int(kNever), what);
    written[place] = iteration;
#endif
  }
  void write(int place, int iteration) {
#pragma HLS INLINE
#ifndef __SYNTHESIS__
    written[place] = iteration;
#endif
  }
  void read(int place, int iteration, int distance, const char *what) const {
#pragma HLS INLINE
#ifndef __SYNTHESIS__
    guarantee(iteration - written[place] >= distance, what);
#endif
  }
};
