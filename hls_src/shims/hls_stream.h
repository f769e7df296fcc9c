// SPDX-License-Identifier: Apache-2.0
// Stand-in for Vitis' hls_stream.h in native simulation: unbounded, untimed, fast.
//
// Only what runs the same in every order of execution: blocking read() and write(). There is no
// empty(), full() or read_nb() on purpose, so a kernel that depends on timing does not compile.
//
// A read of an empty stream throws hls::stream_error; `hls::guarded` is the caller's way to turn
// that into a status. Tokens left behind are an error too: at the end of life of a local stream, and
// for static ones through hls_stream_leftovers(). Errors stick until hls_stream_clear().
#pragma once
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace hls {

/// A kernel read a stream that was empty.
struct stream_error : std::exception {
  std::string what_;
  explicit stream_error(const std::string &what) : what_(what) {}
  const char *what() const noexcept override { return what_.c_str(); }
};

namespace detail {

/// What all streams have in common: a name, a count of tokens, a place in the list of live ones.
class stream_base {
public:
  explicit stream_base(const char *name) : name_(name), next_(head()), link_(&head()) {
    if (next_) next_->link_ = &next_;
    *link_ = this;
  }
  stream_base(const stream_base &) = delete;
  stream_base &operator=(const stream_base &) = delete;

  static stream_base *&head() {
    static stream_base *first = nullptr;
    return first;
  }
  static std::string &error() {
    static std::string *text = new std::string; // outlives static streams
    return *text;
  }
  /// The first error is the cause of the later ones, so it stays.
  static void report(const std::string &text) {
    if (error().empty()) error() = text;
  }

  std::string name_;
  std::size_t count_ = 0, first_ = 0;
  stream_base *next_;

protected:
  ~stream_base() {
    if (count_) report("stream " + name_ + ": " + std::to_string(count_) + " tokens left over");
    *link_ = next_;
    if (next_) next_->link_ = link_;
  }
  [[noreturn]] void fail_empty() const {
    report("stream " + name_ + ": read while empty");
    throw stream_error(error());
  }

private:
  stream_base **link_;
};

} // namespace detail

/// FIFO of tokens T in a ring that doubles when full. DEPTH is for synthesis only.
template <class T, int DEPTH = 0> class stream : public detail::stream_base {
public:
  explicit stream(const char *name = "unnamed") : stream_base(name) {}

  void write(const T &token) {
    if (count_ == capacity_) grow();
    ring_[(first_ + count_++) & (capacity_ - 1)] = token;
  }
  T read() {
    if (!count_) fail_empty();
    const std::size_t at = first_;
    first_ = (first_ + 1) & (capacity_ - 1);
    --count_;
    return ring_[at];
  }
  void read(T &token) { token = read(); }
  void operator<<(const T &token) { write(token); }
  void operator>>(T &token) { token = read(); }

private:
  void grow() {
    const std::size_t larger = capacity_ ? 2 * capacity_ : 16;
    std::unique_ptr<T[]> ring(new T[larger]);
    for (std::size_t i = 0; i < count_; ++i) ring[i] = ring_[(first_ + i) & (capacity_ - 1)];
    ring_ = std::move(ring);
    first_ = 0;
    capacity_ = larger;
  }
  std::unique_ptr<T[]> ring_;
  std::size_t capacity_ = 0; // zero or a power of two
};

/// Run `call`, which calls a kernel; false if a stream failed, then hls_stream_error() says why.
template <class Call> bool guarded(Call &&call) noexcept {
  try {
    call();
  } catch (const stream_error &) {
  } catch (const std::exception &other) {
    detail::stream_base::report(other.what());
  } catch (...) {
    detail::stream_base::report("an exception of unknown type");
  }
  return detail::stream_base::error().empty();
}

} // namespace hls

extern "C" {
/// The first error since the last hls_stream_clear(), or an empty text.
__attribute__((used)) inline const char *hls_stream_error() { return hls::detail::stream_base::error().c_str(); }
/// Tokens in all live streams, static ones included; `name` is set to one that holds some, or null.
__attribute__((used)) inline std::size_t hls_stream_leftovers(const char **name) {
  std::size_t tokens = 0;
  if (name) *name = nullptr;
  for (auto *s = hls::detail::stream_base::head(); s; s = s->next_) {
    tokens += s->count_;
    if (name && s->count_) *name = s->name_.c_str();
  }
  return tokens;
}
/// Empty all live streams and forget the error.
__attribute__((used)) inline void hls_stream_clear() {
  for (auto *s = hls::detail::stream_base::head(); s; s = s->next_) s->count_ = 0;
  hls::detail::stream_base::error().clear();
}
}
