// Bounded, timed stand-in for Vitis' hls_stream.h: the simulator of tools/dataflow.
//
// Used by sources that tools/dataflow has instrumented; has blocking read() and write() only.
#pragma once
#include "hlssim/api.h"

namespace hls {

/// FIFO of tokens T. Values live in a ring here, their cycles in hlssim::Channel.
template <class T, int DEPTH = 0> class stream : private hlssim::Channel {
public:
  explicit stream(const char *name = "unnamed") : Channel(name) {}

  void write(const T &token) {
    if (staged_ - popped_ > mask_) grow();
    ring_[staged_ & mask_] = token;
    hlssim::write(*this);
  }
  T read() {
    hlssim::read(*this);
    const T &token = ring_[popped_ & mask_];
    pop();
    return token;
  }
  void read(T &token) { token = read(); }
  void operator<<(const T &token) { write(token); }
  void operator>>(T &token) { token = read(); }

  void hlssim_declare(const std::string &name, int depth) { declare(name, depth); }

private:
  void grow() {
    const std::int64_t larger = mask_ < 0 ? 16 : 2 * (mask_ + 1);
    std::unique_ptr<T[]> ring(new T[larger]);
    for (std::int64_t i = popped_; i < staged_; ++i) ring[i & (larger - 1)] = ring_[i & mask_];
    ring_ = std::move(ring);
    mask_ = larger - 1;
  }
  std::unique_ptr<T[]> ring_;
  std::int64_t mask_ = -1; // size of the ring, a power of two, less one
};

} // namespace hls

namespace hlssim {

/// Give a stream, or each of an array of them, its name and its depth.
template <class T, int DEPTH>
void declare(hls::stream<T, DEPTH> &s, const std::string &name, int depth) {
  s.hlssim_declare(name, depth);
}
template <class S, std::size_t N> void declare(S (&array)[N], const std::string &name, int depth) {
  for (std::size_t i = 0; i < N; ++i) declare(array[i], name + "[" + std::to_string(i) + "]", depth);
}

} // namespace hlssim
