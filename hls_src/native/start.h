// SPDX-License-Identifier: Apache-2.0
// How native simulation starts a kernel: stream errors and tokens left over become a text, never an abort.
#pragma once
#include "common/beats.h"
#include <hls_stream.h>

template <class Top>
const char *start(Top top, const uint32_t *registers, const void *in, void *out, uint32_t *results) {
  hls_stream_clear();
  const uint32_t *r = registers;
  uint32_t *o = results;
  const bool clean = hls::guarded([&] {
    top(r[0], r[1], r[2], r[3], static_cast<const beat_t *>(in), r[4], static_cast<beat_t *>(out), r[5], o, o + 1,
        o + 2, o + 3, o + 4, o + 5, o + 6, o + 7, o + 8, o + 9, o + 10, o + 11, o + 12);
  });
  const char *name = nullptr;
  if (clean && hls_stream_leftovers(&name) != 0) return name;
  return hls_stream_error();
}
