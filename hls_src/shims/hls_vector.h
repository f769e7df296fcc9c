// SPDX-License-Identifier: Apache-2.0
// Stand-in for Vitis' hls_vector.h in simulation: the element-wise subset that kernels need.
//
// Vitis aligns and pads a vector to a power of two, so only powers of two have the same layout here
// and there. Alignment is capped at 16 bytes, which is what operator new and numpy give.
#pragma once
#include <cstddef>
#include <initializer_list>
#include <stdexcept>

namespace hls {

template <class T, std::size_t N>
class alignas(sizeof(T) * N < 16 && sizeof(T) * N >= alignof(T) ? sizeof(T) * N : 16) vector {
  static_assert(N > 0 && (N & (N - 1)) == 0, "hls::vector: N must be a power of two");
  static_assert((sizeof(T) & (sizeof(T) - 1)) == 0, "hls::vector: the element's size must be a power of two");
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
    if (values.size() != N) throw std::length_error("hls::vector: one value for each element");
    std::size_t i = 0;
    for (const T &value : values) data_[i++] = value;
  }

  T &operator[](std::size_t i) { return data_[i]; }
  constexpr const T &operator[](std::size_t i) const { return data_[i]; }
  T *begin() { return data_; }
  T *end() { return data_ + N; }
  const T *begin() const { return data_; }
  const T *end() const { return data_ + N; }

  vector &operator+=(const vector &o) {
    return each(o, [](T &a, const T &b) { a = T(a + b); });
  }
  vector &operator-=(const vector &o) {
    return each(o, [](T &a, const T &b) { a = T(a - b); });
  }
  vector &operator*=(const vector &o) {
    return each(o, [](T &a, const T &b) { a = T(a * b); });
  }
  vector &operator&=(const vector &o) {
    return each(o, [](T &a, const T &b) { a = T(a & b); });
  }
  vector &operator|=(const vector &o) {
    return each(o, [](T &a, const T &b) { a = T(a | b); });
  }
  vector &operator^=(const vector &o) {
    return each(o, [](T &a, const T &b) { a = T(a ^ b); });
  }

  friend vector operator+(vector a, const vector &b) { return a += b; }
  friend vector operator-(vector a, const vector &b) { return a -= b; }
  friend vector operator*(vector a, const vector &b) { return a *= b; }
  friend vector operator&(vector a, const vector &b) { return a &= b; }
  friend vector operator|(vector a, const vector &b) { return a |= b; }
  friend vector operator^(vector a, const vector &b) { return a ^= b; }
  friend bool operator==(const vector &a, const vector &b) {
    for (std::size_t i = 0; i < N; ++i)
      if (!(a.data_[i] == b.data_[i])) return false;
    return true;
  }
  friend bool operator!=(const vector &a, const vector &b) { return !(a == b); }

  T reduce_add() const {
    T sum = data_[0];
    for (std::size_t i = 1; i < N; ++i) sum = T(sum + data_[i]);
    return sum;
  }

private:
  template <class F> vector &each(const vector &o, F f) {
    for (std::size_t i = 0; i < N; ++i) f(data_[i], o.data_[i]);
    return *this;
  }
};

} // namespace hls
