/* The integer model of docs/numerics.md, sections 4, 7 and 8, for any N, sizes, tiles and widths.
 * Sums stay within int32 in any order: pynq_lstm/overflow.py proves it of every model. */
#include "kernel.h"

#include <string.h>

#include "arithmetic.h"

/* One build serves every x86-64: the loader picks the clone. Needs glibc's ifunc. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define VECTOR_CLONES __attribute__((target_clones("default", "avx2")))
#else
#define VECTOR_CLONES
#endif

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static inline int64_t blocks_of(int64_t size) { return (size + LSTM_BLOCK - 1) / LSTM_BLOCK; }

/* d = u . x over the leading `blocks` (section 4.1). */
static inline int32_t dot(const struct lstm_vectors *u, int64_t r, const int16_t *x, int64_t blocks)
{
    int32_t d = 0;
    for (int64_t i = u->first[r]; i < u->first[r + 1]; i++) {
        const struct lstm_run *run = &u->runs[i];
        const int8_t *codes = u->codes + run->code * LSTM_BLOCK;
        const int16_t *values = x + run->start * LSTM_BLOCK;
        int64_t length = smaller(run->blocks, blocks - run->start) * LSTM_BLOCK;
        for (int64_t k = 0; k < length; k++)
            d += codes[k] * values[k];
    }
    return d;
}

/* p = sat(round(d s / 2^shift)), the product in int64 (section 4.2). */
static inline int32_t scale(int32_t d, int32_t s, int32_t shift, int32_t bits, int64_t *clipped)
{
    int64_t product = (int64_t)d * s;
    int64_t scaled = shift > 0 ? ((product >> (shift - 1)) + 1) >> 1 : product;
    int64_t high = (1 << (bits - 1)) - 1;
    int64_t p = scaled > high ? high : scaled < -high - 1 ? -high - 1 : scaled;
    *clipped += p != scaled;
    return (int32_t)p;
}

/* acc += v p over the leading `blocks` of each gate (section 4.3). Elements of v beyond the size of
 * a model meet a bias of zero, so what bounds the largest model's sums bounds them too. */
static inline void accumulate(const struct lstm_vectors *v, int64_t r, int32_t p, int32_t *acc,
                              int64_t gate, int64_t blocks)
{
    for (int64_t i = v->first[r]; i < v->first[r + 1]; i++) {
        const struct lstm_run *run = &v->runs[i];
        const int8_t *codes = v->codes + run->code * LSTM_BLOCK;
        int32_t *sums = acc + run->row * gate + run->start * LSTM_BLOCK;
        int64_t length = smaller(run->blocks, blocks - run->start) * LSTM_BLOCK;
        for (int64_t k = 0; k < length; k++)
            sums[k] += codes[k] * p;
    }
}

/* Add one part to the accumulators of every model, a component after the other, so that its
 * weights are read once. Model j multiplies the vector at x + j * stride. */
VECTOR_CLONES
static void add_part(const struct lstm_model *model, const struct lstm_part *part,
                     int64_t components, const int64_t *sizes, const int16_t *x, int64_t stride,
                     int32_t *acc, int64_t *clipped)
{
    int64_t gate = model->hidden_blocks * LSTM_BLOCK;
    for (int64_t r = 0; r < components; r++)
        for (int64_t j = 0; j < model->models; j++) {
            int32_t d = dot(&part->u, r, x + j * stride, blocks_of(sizes[j]));
            int32_t p = scale(d, part->s[r * model->models + j], part->s_shift[j], model->p_bits,
                              clipped);
            accumulate(&part->v, r, p, acc + j * 4 * gate, gate, blocks_of(model->hidden_sizes[j]));
        }
}

/* pre = sat(round(acc / 2^shift)) (section 4.4). */
static inline int32_t pre_activation(int32_t acc, int32_t shift, int32_t *clipped)
{
    if (shift <= 0) /* what lies beyond these limits saturates all the same, and the product fits */
        acc = clamp(acc, 2 * INT16_MIN, 2 * INT16_MAX);
    int32_t scaled = round_shift(acc, shift);
    int32_t pre = saturate16(scaled);
    *clipped += pre != scaled;
    return pre;
}

/* Gates and state of model j (section 7). */
VECTOR_CLONES
static void update_state(const struct lstm_model *model, int64_t j, const int32_t *restrict acc,
                         int16_t *restrict h, int16_t *restrict c, struct lstm_batch *counts)
{
    int64_t gate = model->hidden_blocks * LSTM_BLOCK, size = model->hidden_sizes[j];
    int32_t pre_shift = model->pre_shift[j], fraction = model->cell_fraction_bits[j];
    int32_t bits = model->activation_bits, high = (1 << (bits - 1)) - 1;
    int32_t pre_clipped = 0, c_clipped = 0;
    for (int64_t e = 0; e < size; e++) {
        int32_t i = sigmoid(pre_activation(acc[e], pre_shift, &pre_clipped));
        int32_t f = sigmoid(pre_activation(acc[gate + e], pre_shift, &pre_clipped));
        int32_t g = hyperbolic_tangent(pre_activation(acc[2 * gate + e], pre_shift, &pre_clipped));
        int32_t o = sigmoid(pre_activation(acc[3 * gate + e], pre_shift, &pre_clipped));
        g = round_shift(g, kSigmaFractionBits - fraction);
        int32_t scaled = round_shift(f * c[e] + i * g, kSigmaFractionBits);
        int32_t cell = saturate16(scaled);
        c_clipped += cell != scaled;
        int32_t t = hyperbolic_tangent(saturate16(round_shift(cell, fraction - kPreFractionBits)));
        int32_t product = round_shift(o * t, kSigmaFractionBits);
        c[e] = (int16_t)cell;
        h[e] = (int16_t)clamp(round_shift(product, 16 - bits), -high - 1, high);
    }
    counts->pre_saturated += pre_clipped;
    counts->c_saturated += c_clipped;
}

/* Step t of one sequence, all models. */
static void step(const struct lstm_model *model, struct lstm_batch *b, int64_t sequence, int64_t t)
{
    int64_t input = model->input_blocks * LSTM_BLOCK, hidden = model->hidden_blocks * LSTM_BLOCK;
    const int16_t *x = b->x + (sequence * b->time + t) * input;
    int16_t *h = b->h + sequence * hidden;
    memcpy(b->acc, model->bias, sizeof(int32_t) * model->models * 4 * hidden);
    add_part(model, &model->input, b->input_components, model->input_sizes, x,
             b->batch * b->time * input, b->acc, &b->p_saturated);
    add_part(model, &model->hidden, b->hidden_components, model->hidden_sizes, h, b->batch * hidden,
             b->acc, &b->p_saturated);
    for (int64_t j = 0; j < model->models; j++) {
        int64_t row = j * b->batch + sequence;
        update_state(model, j, b->acc + j * 4 * hidden, b->h + row * hidden, b->c + row * hidden, b);
        memcpy(b->out + (row * b->time + t) * hidden, b->h + row * hidden, sizeof(int16_t) * hidden);
    }
}

void lstm_run_batch(const struct lstm_model *model, struct lstm_batch *batch)
{
    for (int64_t sequence = 0; sequence < batch->batch; sequence++)
        for (int64_t t = 0; t < smaller(batch->time, batch->lengths[sequence]); t++)
            step(model, batch, sequence, t);
}

VECTOR_CLONES
void lstm_sigmoid(const int16_t *pre, int32_t *y, int64_t count)
{
    for (int64_t k = 0; k < count; k++)
        y[k] = sigmoid(pre[k]);
}

VECTOR_CLONES
void lstm_tanh(const int16_t *pre, int32_t *y, int64_t count)
{
    for (int64_t k = 0; k < count; k++)
        y[k] = hyperbolic_tangent(pre[k]);
}
