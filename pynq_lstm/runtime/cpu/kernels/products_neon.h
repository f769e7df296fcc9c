/* SPDX-License-Identifier: Apache-2.0 */
/* Products of 8-bit codes in NEON: the panels of a share with some columns. */
#include "sums_neon.h"

#include "outcomes_neon.h"

/* The products that are made here; all others are those of products.h. */
INLINE int NAME(of_bytes)(const struct NAME(product) *product, const int wide, const int kind)
{
    if (kind == NAME(to_codes))
        return !wide && !product->exact && !product->p_wide;
    return !wide && !IS_DIRECT(kind);
}

/* The panels from `panel` to `end` with the columns from `first` on. Panels adjoin: what a pointer
 * has passed when one is done is where the next one begins. */
INLINE void NAME(byte_panels)(const struct NAME(product) *product, const struct lstm_panel *panel,
                              const struct lstm_panel *end, int first, const int columns,
                              const int kind, struct NAME(clipped) *clipped)
{
    sums_t sums[COLUMNS][LSTM_MOST_VECTORS];
    const int to_codes = kind == NAME(to_codes);
    struct NAME(source) source = {
        .weights = product->matrix->weights + panel->weights,
        .run = product->matrix->run + panel->first_run,
    };
    struct NAME(target) to[COLUMNS];
#pragma GCC unroll 2
    for (int c = 0; c < COLUMNS; c++) {
        size_t column = (size_t)first + (c < columns ? c : 0);
        source.from[c] = panel->row +
                         (to_codes ? product->start : product->base[column] + product->base_offset);
        source.in[c] = product->in + column * product->in_stride;
        to[c].out = product->out + column * product->out_stride +
                    NAME(bytes_of)(kind) * (size_t)panel->row;
        to[c].scale = to_codes ? product->scale[column] + panel->row : NULL;
        to[c].shift = to_codes               ? __builtin_clz((uint32_t)product->high) - 17
                      : kind == NAME(to_pre) ? product->pre_shift[column]
                                             : 0;
    }
    for (; panel < end; panel++)
        if (panel->vectors == 4) {
            NAME(sum_bytes)(sums, 4, columns, &source, panel->runs);
            NAME(put)(product, sums, to, 4, columns, kind, clipped);
        } else {
            NAME(sum_bytes)(sums, 2, columns, &source, panel->runs);
            NAME(put)(product, sums, to, 2, columns, kind, clipped);
        }
}

/* As NAME(columns). A panel's weights are used for all columns before those of the next. */
INLINE struct NAME(clipped) NAME(byte_columns)(const struct NAME(product) *product,
                                               const int columns, const int kind, int first,
                                               int last)
{
    struct NAME(clipped) clipped = {0, 0};
    const struct lstm_panel *panel = product->matrix->panel + product->first_panel, *until;
    const struct lstm_panel *end = product->matrix->panel + product->last_panel;
    for (; panel < end; panel = until) {
        until = last - first == columns ? end : panel + 1;
        for (int column = first; column < last; column += columns)
            NAME(byte_panels)(product, panel, until, column, columns, kind, &clipped);
    }
    return clipped;
}
