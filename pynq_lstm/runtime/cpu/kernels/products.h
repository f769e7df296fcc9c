/* SPDX-License-Identifier: Apache-2.0 */
/* Products of a packed matrix with columns (docs/numerics.md, section 4): panels of 2 to 8 vectors
 * of rows, up to COLUMNS columns at once, every weight loaded once for them. What becomes of the
 * sums is the product's kind. Included once for each instruction set. */

/* d to p, stored as codes; sums stored; sums rounded to pre. Direct parts scale d to p first. */
enum NAME(kind) {
    NAME(to_codes),
    NAME(to_sums),
    NAME(to_pre),
    NAME(direct_to_sums),
    NAME(direct_to_pre)
};

struct NAME(product) {
    const struct lstm_matrix *matrix;
    const uint8_t *in; /* the first column's words */
    size_t in_stride;
    uint8_t *out; /* the first column's */
    size_t out_stride;
    const int32_t *start;               /* (rows,): what d begins with */
    const int32_t *const *base;         /* (columns,): what is added to the sums, in rows */
    size_t base_offset;                 /* in elements, the same for all columns */
    const int32_t *const *scale;        /* (columns,): multipliers of d, in rows */
    const int32_t *s_shift, *pre_shift; /* (columns,) */
    int32_t exact, clip_first, p_wide, low, high; /* see kernel.h; limits of p */
    int32_t rank, sum_shift;                      /* of block-diagonal parts */
    int32_t tiles;                                /* many columns may be multiplied in tiles */
    int32_t first_panel, last_panel;
};

/* Values that a product clipped. */
struct NAME(clipped) {
    int64_t p, pre;
};

#define IS_DIRECT(kind) ((kind) == NAME(direct_to_sums) || (kind) == NAME(direct_to_pre))

/* Functions for 1, 2 and 4 columns, then in tiles. */
enum NAME(limits) { NAME(long_run) = 16, NAME(weight_bytes) = LSTM_WORD * LANES };
#define IN_TILES 3
#define TILE_COLUMNS 16

#include "outcomes.h"
#include "sums.h"

/* Some rows with `columns` columns from `first` on; `partial`, where given, has (columns,
 * LSTM_MOST_VECTORS) vectors of what tiles have summed. */
INLINE void NAME(tile)(const struct NAME(product) *product, const struct NAME(rows) *rows,
                       int first, const int vectors, const int columns, const int wide,
                       const int kind, const int32_t *partial, struct NAME(clipped) *clipped)
{
    sums_t sums[COLUMNS][LSTM_MOST_VECTORS];
    const int to_codes = kind == NAME(to_codes), scaled = to_codes || IS_DIRECT(kind);
    for (int c = 0; c < columns; c++) {
        const int32_t *from = (scaled ? product->start
                                      : product->base[first + c] + product->base_offset) +
                              rows->row;
        for (int v = 0; v < vectors; v++) {
            sums[c][v] = load_sums(from + v * LANES);
            if (partial)
                sums[c][v] = add_sums(sums[c][v],
                                      load_sums(partial + (c * LSTM_MOST_VECTORS + v) * LANES));
        }
    }
    NAME(accumulate)(sums, vectors, columns, wide, product, rows,
                     product->in + (size_t)first * product->in_stride, partial != NULL);
    for (int c = 0; c < columns; c++) {
        const int column = first + c;
        uint8_t *out = product->out + (size_t)column * product->out_stride;
        if (scaled)
            for (int v = 0; v < vectors; v++)
                sums[c][v] = NAME(p_of)(product, sums[c][v], column, rows->row + v * LANES,
                                        IS_DIRECT(kind) || product->high == INT16_MAX, &clipped->p);
        if (IS_DIRECT(kind))
            for (int v = 0; v < vectors; v++)
                sums[c][v] = add_sums(sums[c][v],
                                      load_sums(product->base[column] + product->base_offset +
                                                rows->row + v * LANES));
        if (to_codes)
            NAME(store_p)(product, sums[c], vectors, out + ((size_t)rows->row << product->p_wide),
                          &clipped->p);
        else if (kind == NAME(to_pre) || kind == NAME(direct_to_pre))
            NAME(store_pre)(product, sums[c], vectors, product->pre_shift[column],
                            (int16_t *)out + rows->row, &clipped->pre);
        else
            for (int v = 0; v < vectors; v++)
                store_sums((int32_t *)out + rows->row + v * LANES, sums[c][v]);
    }
}

/* All rows of a panel: at once where registers hold them, else four vectors at a time. */
INLINE void NAME(panel)(const struct NAME(product) *product, const struct lstm_panel *panel,
                        int first, const int columns, const int wide, const int kind,
                        const int32_t *partial, struct NAME(clipped) *clipped)
{
    const uint8_t *weights = product->matrix->weights + panel->weights;
    const struct NAME(rows) all = {panel, panel->row, weights};
    if (panel->vectors == 2)
        NAME(tile)(product, &all, first, 2, columns, wide, kind, partial, clipped);
    else if (VECTORS == 8 && columns <= 2 && panel->vectors == 8)
        NAME(tile)(product, &all, first, 8, columns, wide, kind, partial, clipped);
    else if (VECTORS == 8 && columns <= 2 && panel->vectors == 6)
        NAME(tile)(product, &all, first, 6, columns, wide, kind, partial, clipped);
    else
        for (int v = 0; v < panel->vectors; v += 4) {
            const struct NAME(rows) rows = {panel, panel->row + v * LANES,
                                            weights + v * NAME(weight_bytes)};
            const int32_t *own = partial ? partial + v * LANES : NULL;
            if (VECTORS == 8 && panel->vectors - v == 2)
                NAME(tile)(product, &rows, first, 2, columns, wide, kind, own, clipped);
            else
                NAME(tile)(product, &rows, first, 4, columns, wide, kind, own, clipped);
        }
}

#if defined(TILES_NAME)
/* Blocks of 16 or 32 columns in tiles; what is left of the words, and what becomes of the sums, is
 * the vectors'. */
INLINE void NAME(tiled)(const struct NAME(product) *product, const struct lstm_panel *panel,
                        const int kind, int first, int last, struct NAME(clipped) *clipped)
{
    int32_t sums[2 * TILE * LSTM_MOST_VECTORS * TILE] __attribute__((aligned(64)));
    const uint8_t *weights = product->matrix->weights + panel->weights;
    for (int count; first < last; first += count) {
        count = last - first >= 2 * TILE ? 2 * TILE : TILE;
        tiles_multiply(sums, product->in + (size_t)first * product->in_stride, product->in_stride,
                       weights, product->matrix->run + panel->first_run, panel, count);
        for (int c = 0; c < count; c += COLUMNS)
            NAME(panel)(product, panel, first + c, COLUMNS, 0, kind,
                        sums + c * LSTM_MOST_VECTORS * LANES, clipped);
    }
}
#endif

#if defined(BYTE_PRODUCTS)
#include BYTE_PRODUCTS
#endif

/* The panels of a share with the columns from `first` to `last`, `columns` at a time. A function of
 * its own for each number of columns and kind: the compiler keeps all sums in registers only in
 * small ones. */
INLINE struct NAME(clipped) NAME(columns)(const struct NAME(product) *product, const int columns,
                                          const int wide, const int kind, const int in_tiles,
                                          int first, int last)
{
    struct NAME(clipped) clipped = {0, 0};
#if defined(BYTE_PRODUCTS)
    if (NAME(of_bytes)(product, wide, kind))
        return NAME(byte_columns)(product, columns, kind, first, last);
#endif
    const struct lstm_panel *panel = product->matrix->panel + product->first_panel;
    const struct lstm_panel *end = product->matrix->panel + product->last_panel;
    for (; panel < end; panel++) {
#if defined(TILES_NAME)
        if (in_tiles) {
            NAME(tiled)(product, panel, kind, first, last, &clipped);
            continue;
        }
#endif
        (void)in_tiles;
        for (int column = first; column < last; column += columns)
            NAME(panel)(product, panel, column, columns, wide, kind, NULL, &clipped);
    }
    return clipped;
}

typedef struct NAME(clipped) NAME(columns_function)(const struct NAME(product) *, int first,
                                                    int last);

#define OF_COLUMNS(name, count, wide, kind, in_tiles)                                              \
    static __attribute__((noinline)) struct NAME(clipped)                                          \
        NAME(name)(const struct NAME(product) *restrict product, int first, int last)              \
    {                                                                                              \
        return NAME(columns)(product, count, wide, NAME(kind), in_tiles, first, last);             \
    }
#if COLUMNS >= 4
#define FOUR_COLUMNS(kind, wide) OF_COLUMNS(kind##_4_##wide, 4, wide, kind, 0)
#define FOUR(kind, wide) NAME(kind##_4_##wide)
#else
#define FOUR_COLUMNS(kind, wide)
#define FOUR(kind, wide) NULL
#endif
#if defined(TILES_NAME)
#define TILED_COLUMNS(kind) OF_COLUMNS(kind##_tiled, COLUMNS, 0, kind, 1)
#define TILED(kind) NAME(kind##_tiled)
#else
#define TILED_COLUMNS(kind)
#define TILED(kind) NULL
#endif
#define KIND(kind)                            \
    OF_COLUMNS(kind##_1_0, 1, 0, kind, 0)     \
    OF_COLUMNS(kind##_1_1, 1, 1, kind, 0)     \
    OF_COLUMNS(kind##_2_0, 2, 0, kind, 0)     \
    OF_COLUMNS(kind##_2_1, 2, 1, kind, 0)     \
    FOUR_COLUMNS(kind, 0)                     \
    FOUR_COLUMNS(kind, 1)                     \
    TILED_COLUMNS(kind)
KIND(to_codes)
KIND(to_sums)
KIND(to_pre)
KIND(direct_to_sums)
KIND(direct_to_pre)

#define WIDTHS(kind)                                                   \
    {                                                                  \
        {NAME(kind##_1_0), NAME(kind##_2_0), FOUR(kind, 0), TILED(kind)}, \
        {NAME(kind##_1_1), NAME(kind##_2_1), FOUR(kind, 1), NULL},     \
    }
/* (kinds, wide, columns 1, 2, 4 and in tiles) */
static NAME(columns_function) *const NAME(functions)[5][2][4] = {
    WIDTHS(to_codes),       WIDTHS(to_sums),       WIDTHS(to_pre),
    WIDTHS(direct_to_sums), WIDTHS(direct_to_pre),
};

/* Columns from `first` to `last`; what is clipped is added to counts. */
static void NAME(multiply_all)(const struct NAME(product) *product, enum NAME(kind) kind, int wide,
                               int first, int last, int64_t *counts)
{
    NAME(columns_function) *const *of = NAME(functions)[kind][wide];
    struct NAME(clipped) clipped;
    for (int k = IN_TILES; k >= 0; k--) {
        int columns = k == IN_TILES ? TILE_COLUMNS : 1 << k;
        int until = first + (last - first) / columns * columns;
        if (until == first || !of[k] || (k == IN_TILES && !product->tiles))
            continue;
        clipped = of[k](product, first, until);
        counts[LSTM_P] += clipped.p;
        counts[LSTM_PRE] += clipped.pre;
        first = until;
    }
}

#undef IS_DIRECT
#undef IN_TILES
#undef TILE_COLUMNS
#undef OF_COLUMNS
#undef FOUR_COLUMNS
#undef FOUR
#undef TILED_COLUMNS
#undef TILED
#undef KIND
#undef WIDTHS
