/* Matrices of codes packed for any kernel, as kernel.h describes them. What is packed is never freed;
 * the program is short. */
#ifndef PACKED_MATRICES_H
#define PACKED_MATRICES_H

#include <string.h>

#include "random_groups.h"

/* Rows of codes, (rows, inputs). */
struct codes {
    int32_t rows, inputs;
    int8_t *at;
};

static void *room(size_t count, size_t size)
{
    size_t line = 64, bytes = (count * size + line) / line * line;
    void *made = aligned_alloc(line, bytes);
    if (!made)
        abort();
    return memset(made, 0, bytes);
}

static int32_t padded(int32_t rows, int32_t block) { return (rows + block - 1) / block * block; }

static int32_t padded_units(const struct lstm_layout *layout, int32_t size)
{
    return padded(size, 2 * layout->lanes);
}

/* Where the kernel has a row, of blocks whose places are ordered. */
static int32_t place_of(const uint8_t *order, int32_t block, int32_t row)
{
    int32_t place = 0;
    while (order[place] != row % block)
        place++;
    return row / block * block + place;
}

/* The row of a gate output. */
static int32_t row_of(const struct lstm_layout *layout, int32_t gate, int32_t unit, int32_t units)
{
    return gate * units + place_of(layout->pair_order, 2 * layout->lanes, unit);
}

static int8_t code_at(const struct codes *codes, int32_t row, int32_t input)
{
    return input < codes->inputs ? codes->at[row * codes->inputs + input] : 0;
}

/* The weights of one vector for one word; returns whether one is not zero. */
static int pack_word(const struct lstm_layout *layout, int wide, const struct codes *codes,
                     int32_t row, int32_t word, uint8_t *weights)
{
    int32_t per_word = wide ? 2 : 4, adjacent = wide ? layout->adjacent16 : layout->adjacent8;
    int32_t any = 0, k = 0;
    for (int32_t first = 0; first < per_word; first += adjacent)
        for (int32_t lane = 0; lane < layout->lanes; lane++)
            for (int32_t input = first; input < first + adjacent; input++, k++) {
                int8_t code = code_at(codes, row + lane, word * per_word + input);
                if (wide)
                    ((int16_t *)weights)[k] = code;
                else
                    ((int8_t *)weights)[k] = code;
                any |= code;
            }
    return any != 0;
}

/* Vectors of the next panel: a multiple of `least`, no more than a whole panel or than are left. */
static int32_t some_vectors(const struct lstm_layout *layout, int32_t least, int32_t left)
{
    int32_t most = left < layout->panel_vectors ? left : layout->panel_vectors;
    return least * (sometimes(2) ? most / least : between(1, most / least));
}

/* Panels as they come, without the words that hold only zeros. */
static struct lstm_matrix pack_matrix(const struct lstm_layout *layout, int wide, int32_t least,
                                      const struct codes *codes)
{
    int32_t words = (codes->inputs + (wide ? 1 : 3)) / (wide ? 2 : 4), lanes = layout->lanes;
    size_t bytes = LSTM_WORD * (size_t)lanes, most = (size_t)codes->rows / (2 * (size_t)lanes);
    struct lstm_panel *panels = room(most, sizeof *panels);
    struct lstm_run *runs = room(most * (size_t)words, sizeof *runs);
    /* one word more, since a word that turns out to be zero is written too */
    uint8_t *weights = room((size_t)codes->rows * (size_t)(words + 1), LSTM_WORD);
    struct lstm_matrix matrix = {0, codes->rows, panels, runs, weights};
    struct lstm_run *run = runs;
    int64_t size = 0;
    for (int32_t row = 0, vectors; row < codes->rows; row += vectors * lanes) {
        vectors = some_vectors(layout, least, (codes->rows - row) / lanes);
        int32_t first_run = (int32_t)(run - runs);
        int64_t begin = size;
        for (int32_t word = 0, adjoins = 0; word < words; word++) {
            int any = 0;
            for (int32_t v = 0; v < vectors; v++)
                any |= pack_word(layout, wide, codes, row + v * lanes, word,
                                 weights + size + v * (int64_t)bytes);
            if (any) {
                if (!adjoins || sometimes(9))
                    *run++ = (struct lstm_run){word, 0};
                run[-1].words++;
                size += vectors * (int64_t)bytes;
            }
            adjoins = any;
        }
        panels[matrix.panels++] = (struct lstm_panel){
            row, vectors, first_run, (int32_t)(run - runs) - first_run, begin,
        };
    }
    return matrix;
}

#endif
