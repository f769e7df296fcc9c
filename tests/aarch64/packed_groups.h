/* A random group packed for any kernel, as kernel.h describes it: written from that description, not
 * from the packer in Python. What is packed is never freed; the program is short. */
#ifndef PACKED_GROUPS_H
#define PACKED_GROUPS_H

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

static struct lstm_part pack_part(const struct lstm_layout *layout, const struct random_group *g,
                                  const struct random_part *part)
{
    int32_t units = padded_units(layout, g->size);
    int32_t one_pair = part->components <= 2 * layout->lanes && sometimes(2);
    int32_t pairs = g->direct || g->p_wide || one_pair, least = pairs ? 2 : 4;
    const uint8_t *order = pairs ? layout->pair_order : layout->quad_order;
    int32_t block = least * layout->lanes;
    int32_t rows = g->direct ? 4 * units : padded(part->components, block);
    int32_t own = g->direct ? 4 * g->size : part->components;
    struct codes u = {rows, part->inputs, room((size_t)rows * (size_t)part->inputs, 1)};
    int32_t *start = room((size_t)rows, sizeof *start);
    int32_t *scale = room((size_t)(rows * g->models), sizeof *scale);
    for (int32_t r = 0; r < own; r++) {
        int32_t row = g->direct ? row_of(layout, r / g->size, r % g->size, units)
                                : place_of(order, block, r);
        memcpy(u.at + row * part->inputs, part->u[r], (size_t)part->inputs);
        for (int32_t k = 0; k < part->inputs && !g->wide; k++)
            start[row] -= layout->offset * part->u[r][k];
        for (int32_t j = 0; j < g->models; j++) {
            int32_t shift = part->exact ? 0 : layout->scale_bits - part->s_shift[j];
            scale[j * rows + row] = part->s[j][r] * (1 << shift);
        }
    }
    return (struct lstm_part){
        .u = pack_matrix(layout, g->wide, least, &u),
        .start = start,
        .scale = scale,
        .s_shift = part->s_shift,
        .exact = part->exact,
        .words = (part->inputs + (g->wide ? 1 : 3)) / (g->wide ? 2 : 4),
    };
}

/* v of parts side by side, the p of each from its `first` on. */
static struct lstm_matrix pack_v(const struct lstm_layout *layout, const struct random_group *g,
                                 const struct random_part *const *parts, const int32_t *first,
                                 int32_t count)
{
    int32_t units = padded_units(layout, g->size), width = 0;
    for (int32_t k = 0; k < count; k++)
        width = first[k] + parts[k]->components;
    struct codes v = {4 * units, width, room((size_t)(4 * units * width), 1)};
    for (int32_t k = 0; k < count; k++)
        for (int32_t gate = 0; gate < 4; gate++)
            for (int32_t unit = 0; unit < g->size; unit++)
                for (int32_t r = 0; r < parts[k]->components; r++)
                    v.at[row_of(layout, gate, unit, units) * width + first[k] + r] =
                        parts[k]->v[gate][r][unit];
    return pack_matrix(layout, g->p_wide, 2, &v);
}

static int32_t v_sum(const struct random_part *part, int32_t gate, int32_t unit)
{
    int32_t sum = 0;
    for (int32_t r = 0; r < part->components; r++)
        sum += part->v[gate][r][unit];
    return sum;
}

/* The largest that a sum of a gate output can be, without its bias. */
static int64_t reach_of(const struct random_group *g, const struct random_part *part, int32_t gate,
                        int32_t unit)
{
    int64_t sum = g->direct;
    for (int32_t r = 0; r < part->components; r++)
        sum += abs(part->v[gate][r][unit]);
    return sum << (g->p_bits - 1);
}

/* Whether a sum of a model could pass int32 when it is shifted left. */
static int32_t clips_first(const struct random_group *g)
{
    for (int32_t j = 0; j < g->models; j++)
        for (int32_t k = 0; k < 4 * g->size && g->pre_shift[j] < 0; k++) {
            int32_t gate = k / g->size, unit = k % g->size;
            int64_t reach = reach_of(g, &g->input, gate, unit) + reach_of(g, &g->hidden, gate, unit);
            if ((reach + abs(g->bias[j][gate][unit])) << -g->pre_shift[j] > INT32_MAX)
                return 1;
        }
    return 0;
}

static struct lstm_group pack_group(const struct lstm_layout *layout, const struct random_group *g)
{
    int32_t units = padded_units(layout, g->size), offset = g->p_wide || g->direct ? 0 : layout->offset;
    int32_t *bias = room((size_t)(g->models * 4 * units), sizeof *bias);
    for (int32_t j = 0; j < g->models; j++)
        for (int32_t k = 0; k < 4 * g->size; k++) {
            int32_t gate = k / g->size, unit = k % g->size, shift = g->pre_shift[j];
            int32_t sums = v_sum(&g->input, gate, unit) + v_sum(&g->hidden, gate, unit);
            bias[j * 4 * units + row_of(layout, gate, unit, units)] =
                g->bias[j][gate][unit] - offset * sums + (shift > 0 ? 1 << (shift - 1) : 0);
        }
    struct lstm_group packed = {
        .models = g->models,
        .size = g->size,
        .units = units,
        .wide = g->wide,
        .p_wide = g->p_wide,
        .p_bits = g->p_bits,
        .direct = g->direct,
        .joined = g->joined,
        .clip_first = clips_first(g),
        .input_sizes = g->input_sizes,
        .pre_shift = g->pre_shift,
        .cell_fraction_bits = g->cell_fraction_bits,
        .x_inverse_scale = g->x_inverse_scale,
        .bias = bias,
        .input = pack_part(layout, g, &g->input),
        .hidden = pack_part(layout, g, &g->hidden),
    };
    if (g->direct)
        return packed;
    const struct random_part *parts[] = {&g->input, &g->hidden};
    const int32_t first[] = {0, packed.input.u.rows}; /* of the row of p that both parts share */
    if (!g->joined)
        packed.input.v = pack_v(layout, g, parts, first, 1);
    packed.hidden.v = pack_v(layout, g, parts + !g->joined, first + !g->joined, 1 + g->joined);
    return packed;
}

#endif
