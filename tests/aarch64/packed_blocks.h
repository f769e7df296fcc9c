/* A random block-diagonal part packed for any kernel, as kernel.h and blocks.h describe it. */
#ifndef PACKED_BLOCKS_H
#define PACKED_BLOCKS_H

#include "packed_matrices.h"

enum { kTogether = 64, kPerWord = 4, kHalf = INT16_MAX, kMostRank = 16 }; /* kTogether: codes */

/* The column in a row of the table in which column k stands at (k / rank, k mod rank), that the
 * units of one residue keep: (i + floor(k / rank)) mod rank = k mod rank. */
static int32_t column_of(int32_t rank, int32_t residue, int32_t row)
{
    return rank * row + (residue + row) % rank;
}

static int32_t padded_codes(const struct random_part *part)
{
    return padded(part->inputs, kTogether);
}

/* Words that the rows of one residue have. */
static int32_t own_words(const struct random_part *part)
{
    return padded_codes(part) / (kPerWord * part->rank);
}

/* The sum of the weights of a gate output that are present, in units of the accumulator. */
static int32_t block_sum(const struct random_part *part, int32_t row, int32_t unit, int absolute)
{
    int32_t sum = 0;
    for (int32_t k = 0; k < own_words(part) * kPerWord; k++) {
        int32_t column = column_of(part->rank, unit % part->rank, k);
        if (column < part->inputs)
            sum += absolute ? abs(part->u[row][column]) : part->u[row][column];
    }
    return sum * (1 << part->sum_shift);
}

/* Residues in the order in which their words stand side by side: that of a pair's rows. */
static void order_residues(const struct lstm_layout *layout, int32_t rank, int32_t *order)
{
    int32_t found = 0, seen[kMostRank] = {0};
    for (int32_t k = 0; k < 2 * layout->lanes + rank; k++) {
        int32_t residue = (k < 2 * layout->lanes ? layout->pair_order[k] : k) % rank;
        if (!seen[residue])
            order[found++] = residue;
        seen[residue] = 1;
    }
}

static struct lstm_operands pack_operands(const struct lstm_layout *layout,
                                          const struct random_part *part)
{
    int32_t codes = padded_codes(part), rank = part->rank, lanes = layout->lanes;
    int32_t adjacent = layout->adjacent16, block = 4 * lanes, order[kMostRank], plain = 0;
    uint16_t *multiplier = room((size_t)codes, sizeof *multiplier);
    int16_t *halves = room((size_t)codes, LSTM_WORD);
    int32_t *start = room((size_t)codes, sizeof *start);
    uint8_t *index = room((size_t)codes, 1);
    memcpy(multiplier, part->m, (size_t)part->inputs * sizeof *multiplier);
    order_residues(layout, rank, order);
    for (int32_t place = 0; place < codes; place++) {
        int32_t m = multiplier[place / block * block + layout->quad_order[place % block]];
        start[place] = (part->m_shift ? 1 << (part->m_shift - 1) : 0) - layout->offset * m;
        plain |= m > 2 * kHalf;
        for (int32_t n = 0; n < 2; n++) {
            int32_t half = n ? m / 2 : m - m / 2, lane = place % lanes;
            int32_t at = n / adjacent * lanes * adjacent + lane * adjacent + n % adjacent;
            halves[place / lanes * 2 * lanes + at] = (int16_t)(half < kHalf ? half : kHalf);
        }
        index[place] = (uint8_t)(column_of(rank, order[place / kPerWord % rank],
                                           place / (kPerWord * rank) * kPerWord +
                                               place % kPerWord) %
                                 kTogether);
    }
    return (struct lstm_operands){
        .rank = rank,
        .codes = codes,
        .multiplier = multiplier,
        .halves = (const uint8_t *)halves,
        .start = start,
        .index = index,
        .shift = part->m_shift,
        .sum_shift = part->sum_shift,
        .plain = plain,
    };
}

/* Without its matrix; scales and starts of components are not looked at. */
static struct lstm_part pack_block_part(const struct lstm_layout *layout,
                                        const struct random_group *g,
                                        const struct random_part *part)
{
    int32_t *none = room(1, sizeof *none), per_word = g->wide ? 2 : kPerWord;
    return (struct lstm_part){
        .u = {.rows = padded_codes(part)},
        .start = none,
        .scale = none,
        .s_shift = none,
        .words = (part->inputs + per_word - 1) / per_word,
        .operands = pack_operands(layout, part),
    };
}

/* The present weights of parts side by side: rows keep the columns of their own residue. */
static struct lstm_matrix pack_blocks(const struct lstm_layout *layout,
                                      const struct random_group *g,
                                      const struct random_part *const *parts, int32_t count)
{
    int32_t units = padded_units(layout, g->size), width = 0, first = 0;
    for (int32_t n = 0; n < count; n++)
        width += own_words(parts[n]) * kPerWord;
    struct codes v = {4 * units, width, room((size_t)(4 * units * width), 1)};
    for (int32_t n = 0; n < count; first += own_words(parts[n++]) * kPerWord)
        for (int32_t row = 0; row < 4 * g->size; row++)
            for (int32_t k = 0; k < own_words(parts[n]) * kPerWord; k++) {
                int32_t unit = row % g->size;
                int32_t column = column_of(parts[n]->rank, unit % parts[n]->rank, k);
                if (column < parts[n]->inputs)
                    v.at[row_of(layout, row / g->size, unit, units) * width + first + k] =
                        parts[n]->u[row][column];
            }
    return pack_matrix(layout, 0, 2, &v);
}

#endif
