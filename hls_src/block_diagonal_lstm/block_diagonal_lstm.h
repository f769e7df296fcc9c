// SPDX-License-Identifier: Apache-2.0
// The top: registers and two memory ports. docs/accelerator_image.md, section 1.
#pragma once
#include "common/beats.h"

extern "C" void block_diagonal_lstm(uint32_t command, uint32_t sequences, uint32_t refinements, uint32_t state,
                                    const beat_t *in, uint32_t in_beats, beat_t *out, uint32_t out_beats,
                                    uint32_t *status, uint32_t *detail, uint32_t *magic, uint32_t *version,
                                    uint32_t *hash_low, uint32_t *hash_high, uint32_t *steps, uint32_t *u_words,
                                    uint32_t *v_words, uint32_t *clipped_p, uint32_t *clipped_pre, uint32_t *clipped_c,
                                    uint32_t *written);
