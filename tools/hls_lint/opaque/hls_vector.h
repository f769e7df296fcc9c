// hls::vector for the lint and the LLVM IR check: inline, no exceptions, nothing of the standard library
// but initializer_list. Layout as in Vitis for powers of two.
#pragma once
#include <cstddef>
#include <initializer_list>

namespace hls {
namespace detail {
// the power of two in a size, up to the 16 bytes that operator new and numpy give
constexpr std::size_t alignment(std::size_t size) { return size % 16 ? size & (~size + 1) : 16; }
} // namespace detail

template <class T, std::size_t N> class alignas(detail::alignment(sizeof(T) * N)) vector {
  T data_[N];

public:
  using value_type = T;
  static constexpr std::size_t width = N;
  static constexpr std::size_t size() { return N; }

  vector() = default;
  vector(const T &value) {
    for (std::size_t i = 0; i < N; ++i) data_[i] = value;
  }
  vector(std::initializer_list<T> values) {
    std::size_t i = 0;
    for (const T &value : values) data_[i++] = value;
  }
  T &operator[](std::size_t i) { return data_[i]; }
  constexpr const T &operator[](std::size_t i) const { return data_[i]; }
  T *begin() { return data_; }
  T *end() { return data_ + N; }
  const T *begin() const { return data_; }
  const T *end() const { return data_ + N; }

#define HLS_VECTOR_OPERATOR(op)                                                                     \
  vector &operator op##=(const vector &o) {                                                         \
    for (std::size_t i = 0; i < N; ++i) data_[i] = T(data_[i] op o.data_[i]);                       \
    return *this;                                                                                   \
  }                                                                                                 \
  friend vector operator op(vector a, const vector &b) { return a op##= b; }
  HLS_VECTOR_OPERATOR(+)
  HLS_VECTOR_OPERATOR(-)
  HLS_VECTOR_OPERATOR(*)
  HLS_VECTOR_OPERATOR(&)
  HLS_VECTOR_OPERATOR(|)
  HLS_VECTOR_OPERATOR(^)
#undef HLS_VECTOR_OPERATOR

  friend bool operator==(const vector &a, const vector &b) {
    bool same = true;
    for (std::size_t i = 0; i < N; ++i) same &= a.data_[i] == b.data_[i];
    return same;
  }
  friend bool operator!=(const vector &a, const vector &b) { return !(a == b); }
  T reduce_add() const {
    T sum = data_[0];
    for (std::size_t i = 1; i < N; ++i) sum = T(sum + data_[i]);
    return sum;
  }
};
} // namespace hls
