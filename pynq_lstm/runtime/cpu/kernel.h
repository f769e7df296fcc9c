/* Interface of the C kernels; build.py declares it to cffi, so: no macros, fixed-width types.
 * Symbols and sections are those of docs/numerics.md. */
#ifndef PYNQ_LSTM_KERNEL_H
#define PYNQ_LSTM_KERNEL_H

#include <stdint.h>

/* Every vector is padded with zeros to whole blocks: 32 codes are one register of AVX2, two of NEON. */
enum { LSTM_BLOCK = 32 };

/* Adjacent blocks of one vector that hold elements of present tiles. */
struct lstm_run {
    int64_t row;    /* gate of v; 0 for u */
    int64_t start;  /* first block within the row */
    int64_t blocks;
    int64_t code;   /* place of its first block among the codes */
};

/* The u or v vectors of a part. */
struct lstm_vectors {
    const int8_t *codes;         /* blocks of these runs, component after component */
    const struct lstm_run *runs; /* ascending within a component */
    const int64_t *first;        /* (components + 1,): run that each component begins with */
};

struct lstm_part {
    struct lstm_vectors u, v;
    const int16_t *s;       /* (components, models) */
    const int32_t *s_shift; /* (models,) */
};

struct lstm_model {
    int64_t models;
    int64_t input_blocks, hidden_blocks; /* of the largest model: what vectors are padded to */
    int32_t activation_bits, p_bits;
    const int64_t *input_sizes, *hidden_sizes;     /* (models,) */
    const int32_t *pre_shift, *cell_fraction_bits; /* (models,) */
    const int32_t *bias;                           /* (models, 4, hidden) */
    struct lstm_part input, hidden;
};

struct lstm_batch {
    int64_t batch, time;
    int64_t input_components, hidden_components; /* those of the prefix */
    const int64_t *lengths;                      /* (batch,) */
    const int16_t *x;                            /* (models, batch, time, input) */
    int16_t *h, *c;                              /* (models, batch, hidden), updated */
    int16_t *out;                                /* (models, batch, time, hidden), valid steps written */
    int32_t *acc;                                /* (models, 4, hidden), scratch */
    int64_t p_saturated, pre_saturated, c_saturated; /* counted up */
};

void lstm_run_batch(const struct lstm_model *model, struct lstm_batch *batch);

/* The sigma functions of section 6 on `count` codes, for tests. */
void lstm_sigmoid(const int16_t *pre, int32_t *y, int64_t count);
void lstm_tanh(const int16_t *pre, int32_t *y, int64_t count);

#endif
