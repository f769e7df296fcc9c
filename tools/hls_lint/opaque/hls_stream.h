// hls::stream with accesses that are declared and never defined: the lint tells readers from writers by
// them, and in LLVM IR every access stays visible as a call.
#pragma once

namespace hls {
template <class T, int DEPTH = 0> struct stream {
  constexpr explicit stream(const char * = "") {}
  stream(const stream &) = delete;
  stream &operator=(const stream &) = delete;
  T read();
  void read(T &token);
  void write(const T &token);
  void operator>>(T &token);
  void operator<<(const T &token);
  // what follows depends on timing: here so that the lint can say so
  bool empty() const;
  bool full() const;
  bool read_nb(T &token);
  bool write_nb(const T &token);
  unsigned size() const;
  unsigned capacity() const;
};
} // namespace hls
