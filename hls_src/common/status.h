// SPDX-License-Identifier: Apache-2.0
// What a command may end in. docs/accelerator_image.md, section 6.
#pragma once
#include <cstdint>

enum Status : uint32_t {
  kDone,
  kBadCommand,
  kNotLoaded,
  kBadHeader,
  kBadCrc,
  kBadDirectory,
  kBadRecord,
  kShortInput,
  kShortOutput,
  kBadLength,
  kOtherEngine
};

struct Verdict {
  uint32_t status, detail;
};
