/* SPDX-License-Identifier: Apache-2.0 */
/* Interface of the C kernels; build.py declares it to cffi, so: no macros, fixed-width types.
 * Symbols and sections are those of docs/numerics.md. How the parts work together: docs/cpu.md.
 *
 * A column is one sequence of one model: what multiplies a matrix. Models that share u and v are
 * columns of the same products, so that weights are read once for all of them. */
#ifndef PYNQ_LSTM_KERNEL_H
#define PYNQ_LSTM_KERNEL_H

#include <stdint.h>

/* Inputs of a product come in words of 4 bytes: four 8-bit codes or two 16-bit ones. A vector holds
 * `lanes` rows; its weights for one word take 4 * lanes bytes. */
enum { LSTM_WORD = 4, LSTM_MOST_VECTORS = 8, LSTM_MOST_THREADS = 64 };

/* How a kernel wants its weights. The weights of a vector for one word are ordered as
 * (inputs of the word / adjacent, lanes, adjacent). */
struct lstm_layout {
    int32_t lanes;
    int32_t adjacent8, adjacent16; /* of 8-bit and of 16-bit weights */
    int32_t offset;                /* added to 8-bit inputs before a product, 0 or 128 */
    int32_t scale_bits;            /* multipliers of d are s << (scale_bits - shift) */
    int32_t panel_vectors;         /* of a whole panel: 4 or 8 */
    uint8_t pair_order[32]; /* row at each place of two vectors: of gate outputs, of 16-bit p */
    uint8_t quad_order[64]; /* row at each place of four vectors: of 8-bit p */
};

/* Rows of a matrix that are computed together: 2, 4, 6 or 8 vectors. Panels adjoin in their rows,
 * in their runs and in their weights. */
struct lstm_panel {
    int32_t row, vectors;
    int32_t first_run, runs;
    int64_t weights; /* byte at which its weights begin: (words of the runs, vectors, 4 * lanes) */
};

/* Adjacent words of the input in which a panel has weights. */
struct lstm_run {
    int32_t word, words;
};

struct lstm_matrix {
    int32_t panels, rows; /* rows padded to whole panels */
    const struct lstm_panel *panel;
    const struct lstm_run *run;
    const uint8_t *weights;
};

/* How a block-diagonal part makes its operands p of a row of codes of x or h: of every 64 codes 64
 * operands, in the words that blocks.h multiplies. */
struct lstm_operands {
    int32_t rank, codes;        /* codes: of a row, padded to a multiple of 64 */
    const uint16_t *multiplier; /* (codes,): zero for padding */
    const uint8_t *halves; /* (codes,): two 16-bit halves of each, as weights of a word of two */
    const int32_t *start;  /* (codes,): what x m starts with: rounding and offset; in quad_order */
    const uint8_t *index;  /* (codes,): which of its 64 codes each operand is made of */
    int32_t shift, sum_shift;
    int32_t plain; /* a multiplier is larger than its halves can be */
};

/* One side of the LSTMs. Factored: v diag(s) u, its rows the components. Direct (dense): u holds
 * the gate outputs themselves, and v is unused. Block-diagonal: v holds the present weights of the
 * gate outputs, and u has no panels, but as many rows as there are operands. */
struct lstm_part {
    struct lstm_matrix u, v;
    const int32_t *start;   /* (u.rows,): -offset times the sum of each row of u */
    const int32_t *scale;   /* (models, u.rows): see scale_bits; or s itself where exact is set */
    const int32_t *s_shift; /* (models,) */
    int32_t exact;          /* a shift is out of the multipliers' range: scale in int64 */
    int32_t words;          /* of an input row */
    struct lstm_operands operands;
};

/* Models of equal size, side by side. */
struct lstm_group {
    int32_t models, size, units; /* hidden units; padded to whole pairs of vectors */
    int32_t wide, p_wide;        /* 16-bit x and h; 16-bit p */
    int32_t p_bits, direct, blocks;
    int32_t gate_shift, cell_shift; /* bits that gates and c lack to 16 */
    int32_t joined;             /* hidden.v multiplies the p of both parts, and input.v is unused */
    int32_t clip_first;         /* a sum shifted left by -pre_shift could pass int32 */
    const int32_t *input_sizes; /* (models,) */
    const int32_t *pre_shift, *cell_fraction_bits; /* (models,) */
    const float *x_inverse_scale;                  /* (models,) */
    const int32_t *bias; /* (models, 4, units): with the offsets' terms and the rounding of pre */
    struct lstm_part input, hidden;
};

/* A batch of sequences of one shape; arrays are flat, a model's part begins at its offset. */
struct lstm_batch {
    int32_t batch, time, chunk; /* chunk: steps whose input part is computed at once */
    const int32_t *lengths;     /* (batch,), descending; null: all of `time` */
    const int32_t *order;       /* (batch,): the sequence of each length; null: as they come */
    const int64_t *x_offset, *out_offset, *state_offset; /* (models,): in elements */
    int32_t codes;   /* x, state and out are int16 codes instead of float32 */
    int32_t by_rows; /* threads divide the rows of its one column, instead of columns */
};

/* Columns of one thread, or the share of one thread in the rows of a column. */
struct lstm_share {
    int32_t first, last; /* columns */
    int32_t number, shares;
    void *meeting; /* of the shares; null where there is one */
    uint8_t *scratch;
    int64_t *counts;
};

/* Values clipped, by kind, in the order x, state, p, pre, c; then values that are not finite. */
enum { LSTM_X, LSTM_STATE, LSTM_P, LSTM_PRE, LSTM_C, LSTM_NOT_FINITE, LSTM_COUNTS };

/* A call's arrays: x, a state or null for zeros, out, and the new state: h of all models, then
 * c. */
struct lstm_arrays {
    const void *x, *h, *c;
    void *out, *h_out, *c_out;
};

struct lstm_kernel {
    const char *name;
    struct lstm_layout layout;
    void (*run)(const struct lstm_group *, const struct lstm_batch *, const struct lstm_arrays *,
                const struct lstm_share *);
    void (*sigmoid)(const int16_t *, int16_t *, int32_t); /* for tests: a multiple of 32 codes */
    void (*tanh)(const int16_t *, int16_t *, int32_t);
};

/* The kernels that this processor can run, the best first; null behind the last. */
const struct lstm_kernel *lstm_kernel_at(int32_t index);

/* A model and a shape. */
struct lstm_call {
    const struct lstm_kernel *kernel;
    int32_t groups, threads;
    const struct lstm_group *const *group;
    const struct lstm_batch *const *batch;
    uint8_t *const *scratch; /* of each group: lstm_scratch_bytes, from a cache line on */
    int64_t state_bytes;     /* of h of all models */
    int32_t *busy;           /* shared by the calls of a session: one at a time */
    int64_t check_first;     /* floats of x that must be finite for anything to be written */
    int64_t most[6];         /* of each kind, more of which is to be told of */
    int64_t counts[6];       /* LSTM_COUNTS */
    double seconds;          /* that the last run took */
};

/* Bytes of scratch memory of one group for `threads` threads. */
int64_t lstm_scratch_bytes(const struct lstm_group *, const struct lstm_batch *, int32_t threads);

/* Runs a call. h and c may be null: from zero. Returns -1 where another of the session runs, 2 where
 * a float is not finite, 1 where a count is larger than `most`, else 0. Only 0 and 1 change counts
 * and seconds. Where check_first found what is not finite, nothing else is written either. */
int32_t lstm_infer(struct lstm_call *, const void *x, const void *h, const void *c, void *out,
                   void *state);

#endif
