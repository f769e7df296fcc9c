// SPDX-License-Identifier: Apache-2.0
// The block-diagonal accelerator: LSTMs one after another, whose weights are pruned by permuted block-diagonal masks
// and normalised by column (Zheng et al.). docs/accelerator_block_diagonal.md
#include "block_diagonal_lstm/block_diagonal_lstm.h"

#include "block_diagonal_lstm/waves.h"

#include "block_diagonal_lstm/check_records.h"

#include "common/top.h"

void block_diagonal_lstm(uint32_t command, uint32_t sequences, uint32_t refinements, uint32_t state, const beat_t *in,
                         uint32_t in_beats, beat_t *out, uint32_t out_beats, uint32_t *status, uint32_t *detail,
                         uint32_t *magic, uint32_t *version, uint32_t *hash_low, uint32_t *hash_high, uint32_t *steps,
                         uint32_t *u_words, uint32_t *v_words, uint32_t *clipped_p, uint32_t *clipped_pre,
                         uint32_t *clipped_c, uint32_t *written) {
#pragma HLS INTERFACE m_axi port=in bundle=gmem0 offset=slave depth=65536
#pragma HLS INTERFACE m_axi port=out bundle=gmem1 offset=slave depth=65536
#pragma HLS INTERFACE s_axilite port=command
#pragma HLS INTERFACE s_axilite port=sequences
#pragma HLS INTERFACE s_axilite port=refinements
#pragma HLS INTERFACE s_axilite port=state
#pragma HLS INTERFACE s_axilite port=in
#pragma HLS INTERFACE s_axilite port=in_beats
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=out_beats
#pragma HLS INTERFACE s_axilite port=status
#pragma HLS INTERFACE s_axilite port=detail
#pragma HLS INTERFACE s_axilite port=magic
#pragma HLS INTERFACE s_axilite port=version
#pragma HLS INTERFACE s_axilite port=hash_low
#pragma HLS INTERFACE s_axilite port=hash_high
#pragma HLS INTERFACE s_axilite port=steps
#pragma HLS INTERFACE s_axilite port=u_words
#pragma HLS INTERFACE s_axilite port=v_words
#pragma HLS INTERFACE s_axilite port=clipped_p
#pragma HLS INTERFACE s_axilite port=clipped_pre
#pragma HLS INTERFACE s_axilite port=clipped_c
#pragma HLS INTERFACE s_axilite port=written
#pragma HLS INTERFACE s_axilite port=return
  const Results results = serve({command, sequences, refinements, state, in_beats, out_beats}, in, out);
  *status = results.status;
  *detail = results.detail;
  *magic = design::kMagic;
  *version = design::kVersion;
  *hash_low = uint32_t(design::kDesignHash);
  *hash_high = uint32_t(design::kDesignHash >> 32);
  *steps = results.steps;
  *u_words = results.u_words;
  *v_words = results.v_words;
  *clipped_p = results.clipped_p;
  *clipped_pre = results.clipped_pre;
  *clipped_c = results.clipped_c;
  *written = results.written;
}
