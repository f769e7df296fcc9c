// SPDX-License-Identifier: Apache-2.0
// What is wrong in the records of an image.
#pragma once
#include "common/beats.h"
#include "common/status.h"

// The first beat in which something is wrong; loops go on, so that they have one exit.
struct Fault {
  bool found;
  uint32_t beat;
  void note(bool wrong, uint32_t at) {
#pragma HLS INLINE
    if (wrong && !found) beat = at;
    found = found || wrong;
  }
};

inline Verdict verdict_of(const Fault &fault) {
#pragma HLS INLINE
  return {fault.found ? kBadRecord : kDone, fault.found ? fault.beat : 0};
}
