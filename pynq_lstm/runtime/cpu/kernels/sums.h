/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of products: some vectors of a panel with some columns. Included once for each instruction
 * set, by products.h. */

/* sums += the products of `words` words with `vectors` vectors and `columns` columns; weights of a
 * word stand `step` bytes behind those of the one before */
INLINE void NAME(add_products)(sums_t (*sums)[LSTM_MOST_VECTORS], const int vectors,
                               const int columns, const int wide, const uint8_t *x, size_t stride,
                               const uint8_t *weights, size_t step, int32_t words)
{
#pragma GCC unroll 1
    for (; words > 0; words--, x += LSTM_WORD, weights += step) {
        word_t word[COLUMNS];
        for (int c = 0; c < columns; c++)
            word[c] = load_word(x + c * stride, wide);
        for (int v = 0; v < vectors; v++) {
            weights_t w = load_weights(weights + v * NAME(weight_bytes));
            if (columns > 1)
                HOLD(w);
            for (int c = 0; c < columns; c++)
                sums[c][v] = multiply(sums[c][v], w, word[c], wide);
        }
    }
}

/* The same where few sums over many words would be chains of dependent additions: even and odd
 * words have sums of their own. */
INLINE void NAME(add_two_by_two)(sums_t (*sums)[LSTM_MOST_VECTORS], const int vectors,
                                 const int columns, const int wide, const uint8_t *x, size_t stride,
                                 const uint8_t *weights, size_t step, int32_t words)
{
    sums_t more[COLUMNS][LSTM_MOST_VECTORS];
    for (int c = 0; c < columns; c++)
        for (int v = 0; v < vectors; v++)
            more[c][v] = zero_sums();
#pragma GCC unroll 1
    for (; words >= 2; words -= 2, x += 2 * LSTM_WORD, weights += 2 * step) {
        word_t even[COLUMNS];
        word_t odd[COLUMNS];
        for (int c = 0; c < columns; c++) {
            even[c] = load_word(x + c * stride, wide);
            odd[c] = load_word(x + c * stride + LSTM_WORD, wide);
        }
        for (int v = 0; v < vectors; v++) {
            weights_t w = load_weights(weights + v * NAME(weight_bytes));
            if (columns > 1)
                HOLD(w);
            for (int c = 0; c < columns; c++)
                sums[c][v] = multiply(sums[c][v], w, even[c], wide);
            w = load_weights(weights + step + v * NAME(weight_bytes));
            if (columns > 1)
                HOLD(w);
            for (int c = 0; c < columns; c++)
                more[c][v] = multiply(more[c][v], w, odd[c], wide);
        }
    }
    for (int c = 0; c < columns; c++)
        for (int v = 0; v < vectors; v++)
            sums[c][v] = add_sums(sums[c][v], more[c][v]);
    NAME(add_products)(sums, vectors, columns, wide, x, stride, weights, step, words);
}

/* Some vectors of a panel. */
struct NAME(rows) {
    const struct lstm_panel *panel;
    int32_t row;
    const uint8_t *weights;
};

/* sums over the runs of a panel, but for the words that tiles have taken */
INLINE void NAME(accumulate)(sums_t (*sums)[LSTM_MOST_VECTORS], const int vectors,
                             const int columns, const int wide, const struct NAME(product) *product,
                             const struct NAME(rows) *rows, const uint8_t *in, int tiled)
{
    const struct lstm_panel *panel = rows->panel;
    const struct lstm_run *run = product->matrix->run + panel->first_run, *end = run + panel->runs;
    const size_t step = (size_t)NAME(weight_bytes) * panel->vectors, stride = product->in_stride;
    const uint8_t *weights = rows->weights;
    for (; run < end; run++) {
        const uint8_t *x = in + (size_t)run->word * LSTM_WORD;
        int32_t words = run->words;
#if defined(TILES_NAME)
        if (tiled) {
            words -= in_tiles(run);
            x += (size_t)in_tiles(run) * LSTM_WORD;
            weights += in_tiles(run) * step;
        }
#endif
        (void)tiled;
        if (vectors * columns <= VECTORS && words >= NAME(long_run))
            NAME(add_two_by_two)(sums, vectors, columns, wide, x, stride, weights, step, words);
        else
            NAME(add_products)(sums, vectors, columns, wide, x, stride, weights, step, words);
        weights += words * step;
    }
}
