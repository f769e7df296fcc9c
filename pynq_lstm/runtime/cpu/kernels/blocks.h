/* SPDX-License-Identifier: Apache-2.0 */
/* Products of block-diagonal matrices (docs/numerics.md, section 4): what products.h does for full
 * ones. Row i multiplies the words of its residue i mod rank. Words of all residues stand side by
 * side, and a vector loads them as its lanes want them: rows stay in the order of the units.
 * Included once for each instruction set. */

/* A pair of vectors has its rows in quarters by turns, or one row behind the other (pair_order). */
#define BY_TURNS (NAME(layout).pair_order[4] != 4)
/* Words that one vector takes, and how many words behind are those of the second of a pair. */
#define OWN_WORDS(rank) ((rank) == 8 && BY_TURNS ? 4 : (rank) > 8 ? 8 : (rank))
#define NEXT_WORDS(rank) ((rank) > OWN_WORDS(rank) ? OWN_WORDS(rank) : 0)

INLINE void NAME(add_blocks)(sums_t (*sums)[LSTM_MOST_VECTORS], const int vectors,
                             const int columns, const int rank, const struct NAME(product) *product,
                             const struct NAME(rows) *rows, const uint8_t *in)
{
    const struct lstm_panel *panel = rows->panel;
    const struct lstm_run *run = product->matrix->run + panel->first_run, *end = run + panel->runs;
    const size_t step = (size_t)NAME(weight_bytes) * panel->vectors, stride = product->in_stride;
    const uint8_t *weights = rows->weights;
    for (; run < end; run++) {
        const uint8_t *x = in + (size_t)run->word * rank * LSTM_WORD;
#pragma GCC unroll 1
        for (int32_t k = 0; k < run->words; k++, x += rank * LSTM_WORD, weights += step) {
            words_t words[COLUMNS][2];
            for (int c = 0; c < columns; c++) {
                words[c][0] = words[c][1] = load_words(x + c * stride, OWN_WORDS(rank));
                if (NEXT_WORDS(rank))
                    words[c][1] = load_words(x + c * stride + NEXT_WORDS(rank) * LSTM_WORD,
                                             OWN_WORDS(rank));
            }
            for (int v = 0; v < vectors; v++) {
                weights_t w = load_weights(weights + v * NAME(weight_bytes));
                if (columns > 1)
                    HOLD(w);
                for (int c = 0; c < columns; c++)
                    sums[c][v] = multiply_words(sums[c][v], w, words[c][v & 1]);
            }
        }
    }
}

/* Some rows with `columns` columns from `first` on: sums of the input part, which may be shifted,
 * or pre. For pre a shift is rare, so that its function serves all ranks: rank 0. */
INLINE void NAME(block_rows)(const struct NAME(product) *product, const struct NAME(rows) *rows,
                             int first, const int vectors, const int columns, const int rank,
                             const int to_pre, struct NAME(clipped) *clipped)
{
    sums_t sums[COLUMNS][LSTM_MOST_VECTORS];
    const int shifted = !to_pre || rank == 0;
    for (int c = 0; c < columns; c++) {
        const int32_t *base = product->base[first + c] + product->base_offset + rows->row;
        for (int v = 0; v < vectors; v++)
            sums[c][v] = shifted ? zero_sums() : load_sums(base + v * LANES);
    }
    NAME(add_blocks)(sums, vectors, columns, rank ? rank : product->rank, product, rows,
                     product->in + (size_t)first * product->in_stride);
    for (int c = 0; c < columns; c++) {
        const int32_t *base = product->base[first + c] + product->base_offset + rows->row;
        uint8_t *out = product->out + (size_t)(first + c) * product->out_stride;
        for (int v = 0; shifted && v < vectors; v++)
            sums[c][v] = add_sums(shift_left(sums[c][v], product->sum_shift),
                                  load_sums(base + v * LANES));
        if (to_pre)
            NAME(store_pre)(product, sums[c], vectors, product->pre_shift[first + c],
                            (int16_t *)out + rows->row, &clipped->pre);
        else
            for (int v = 0; v < vectors; v++)
                store_sums((int32_t *)out + rows->row + v * LANES, sums[c][v]);
    }
}

/* All rows of a panel: at once where registers hold them, else four vectors at a time. */
INLINE void NAME(block_panel)(const struct NAME(product) *product, const struct lstm_panel *panel,
                              int first, const int columns, const int rank, const int to_pre,
                              struct NAME(clipped) *clipped)
{
    const int most = VECTORS == 8 && columns <= 2 ? 8 : 4;
    for (int v = 0; v < panel->vectors; v += most) {
        const struct NAME(rows) rows = {panel, panel->row + v * LANES,
                                        product->matrix->weights + panel->weights +
                                            v * NAME(weight_bytes)};
        const int left = panel->vectors - v;
        if (left >= most)
            NAME(block_rows)(product, &rows, first, most, columns, rank, to_pre, clipped);
        else if (most == 8 && left == 6)
            NAME(block_rows)(product, &rows, first, 6, columns, rank, to_pre, clipped);
        else if (most == 8 && left == 4)
            NAME(block_rows)(product, &rows, first, 4, columns, rank, to_pre, clipped);
        else
            NAME(block_rows)(product, &rows, first, 2, columns, rank, to_pre, clipped);
    }
}

INLINE struct NAME(clipped) NAME(block_columns)(const struct NAME(product) *product,
                                                const int columns, const int rank, const int to_pre,
                                                int first, int last)
{
    struct NAME(clipped) clipped = {0, 0};
    const struct lstm_panel *panel = product->matrix->panel + product->first_panel;
    const struct lstm_panel *end = product->matrix->panel + product->last_panel;
    for (; panel < end; panel++)
        for (int column = first; column < last; column += columns)
            NAME(block_panel)(product, panel, column, columns, rank, to_pre, &clipped);
    return clipped;
}

#define BLOCKS(columns, rank, to_pre)                                                              \
    static __attribute__((noinline)) struct NAME(clipped)                                          \
        NAME(blocks_##columns##_##rank##_##to_pre)(const struct NAME(product) *restrict product,   \
                                                   int first, int last)                            \
    {                                                                                              \
        return NAME(block_columns)(product, columns, rank, to_pre, first, last);                   \
    }
#define RANKS(columns)                             \
    BLOCKS(columns, 2, 0) BLOCKS(columns, 2, 1)    \
    BLOCKS(columns, 4, 0) BLOCKS(columns, 4, 1)    \
    BLOCKS(columns, 8, 0) BLOCKS(columns, 8, 1)    \
    BLOCKS(columns, 16, 0) BLOCKS(columns, 16, 1)  \
    BLOCKS(columns, 0, 1)
#define OF_RANKS(columns, to_pre)                                                     \
    {                                                                                 \
        NAME(blocks_##columns##_0_1),                                                 \
        NAME(blocks_##columns##_2_##to_pre), NAME(blocks_##columns##_4_##to_pre),     \
        NAME(blocks_##columns##_8_##to_pre), NAME(blocks_##columns##_16_##to_pre),    \
    }
/* clang-format off */
RANKS(1) RANKS(2)
#if COLUMNS >= 4
RANKS(4)
#define OF_FOUR(to_pre) OF_RANKS(4, to_pre)
#else
#define OF_FOUR(to_pre) {NULL}
#endif

/* (to sums or to pre, columns 1, 2 and 4, shifted to pre, then ranks 2 to 16) */
static NAME(columns_function) *const NAME(block_functions)[2][3][5] = {
    {OF_RANKS(1, 0), OF_RANKS(2, 0), OF_FOUR(0)},
    {OF_RANKS(1, 1), OF_RANKS(2, 1), OF_FOUR(1)},
};
/* clang-format on */

/* As multiply_all of products.h. */
static void NAME(multiply_blocks)(const struct NAME(product) *product, int to_pre, int first,
                                  int last, int64_t *counts)
{
    const int shifted = to_pre && product->sum_shift;
    const int of_rank = shifted ? 0 : __builtin_ctz((unsigned)product->rank);
    for (int k = COLUMNS >= 4 ? 2 : 1; k >= 0; k--) {
        int until = first + ((last - first) >> k << k);
        if (until == first)
            continue;
        counts[LSTM_PRE] += NAME(block_functions)[to_pre][k][of_rank](product, first, until).pre;
        first = until;
    }
}

#undef BY_TURNS
#undef OWN_WORDS
#undef NEXT_WORDS
#undef BLOCKS
#undef RANKS
#undef OF_RANKS
#undef OF_FOUR
