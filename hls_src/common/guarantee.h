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
  int written[N];
  WriteLog() {
    for (int i = 0; i < N; ++i) written[i] = 1 << 30; // not yet
  }
#endif
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
