/* SPDX-License-Identifier: Apache-2.0 */
/* Where a run of some columns keeps what it works on: rows of columns, each on cache lines. */
#ifndef PYNQ_LSTM_SCRATCH_H
#define PYNQ_LSTM_SCRATCH_H

#include <stddef.h>

#include "../kernel.h"

enum { LINE = 64 };

/* Bytes of one row each; rows of x, p and sums are (columns, chunk), the others (columns,). A row
 * of p holds those of the input part, and from byte p_h on those of the hidden part. */
struct rows {
    size_t x, p, p_h, sums, h, c, pre;
};

struct scratch {
    uint8_t *x, *p, *sums, *h, *c, *pre;
    const int32_t **base, **bias, **x_scale, **h_scale; /* (columns * chunk,); scales of columns */
    int32_t *pre_shift, *cell_fraction, *x_shift, *h_shift;
    int64_t *out; /* where a column's output begins, in elements */
};

static inline size_t lines(size_t bytes) { return (bytes + LINE - 1) / LINE * LINE; }

static inline size_t input_row(const struct lstm_part *part)
{
    return lines((size_t)part->words * LSTM_WORD + LINE); /* whole vectors are stored at its end */
}

static inline struct rows rows_of(const struct lstm_group *g)
{
    size_t p_h = (size_t)g->input.u.rows << g->p_wide;
    size_t p = lines(p_h + ((size_t)g->hidden.u.rows << g->p_wide));
    size_t h = lines((size_t)g->units << g->wide), words = input_row(&g->hidden);
    return (struct rows){
        .x = input_row(&g->input),
        .p = g->direct ? 0 : p,
        .p_h = p_h,
        .sums = g->joined ? 0 : sizeof(int32_t) * 4 * (size_t)g->units,
        .h = h > words ? h : words,
        .c = lines(sizeof(int16_t) * (size_t)g->units),
        .pre = lines(sizeof(int16_t) * 4 * (size_t)g->units),
    };
}

static inline uint8_t *take(uint8_t **at, size_t bytes)
{
    uint8_t *taken = *at;
    *at += lines(bytes);
    return taken;
}

/* Divides the memory at `at`, which begins a line; returns the first byte behind it. */
static inline uint8_t *lay_out(struct scratch *s, const struct rows *row, int32_t columns,
                               int32_t chunk, uint8_t *at)
{
    size_t one = (size_t)columns, all = one * (size_t)chunk;
    s->x = take(&at, all * row->x);
    s->p = take(&at, all * row->p);
    s->sums = take(&at, all * row->sums);
    s->h = take(&at, one * row->h);
    s->c = take(&at, one * row->c);
    s->pre = take(&at, one * row->pre);
    s->base = (const int32_t **)take(&at, one * sizeof *s->base);
    s->bias = (const int32_t **)take(&at, all * sizeof *s->bias);
    s->x_scale = (const int32_t **)take(&at, all * sizeof *s->x_scale);
    s->h_scale = (const int32_t **)take(&at, one * sizeof *s->h_scale);
    s->x_shift = (int32_t *)take(&at, all * sizeof *s->x_shift);
    s->h_shift = (int32_t *)take(&at, one * sizeof *s->h_shift);
    s->pre_shift = (int32_t *)take(&at, one * sizeof *s->pre_shift);
    s->cell_fraction = (int32_t *)take(&at, one * sizeof *s->cell_fraction);
    s->out = (int64_t *)take(&at, one * sizeof *s->out);
    return at;
}

#endif
