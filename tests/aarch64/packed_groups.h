/* A random group packed for any kernel, as kernel.h describes it: written from that description, not
 * from the packer in Python. */
#ifndef PACKED_GROUPS_H
#define PACKED_GROUPS_H

#include "packed_blocks.h"

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
        width = first[k] + parts[k]->components; /* NOLINT: there are `count` of them */
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
    int64_t sum = g->blocks ? block_sum(part, gate * g->size + unit, unit, 1) : g->direct;
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
            int64_t reach = reach_of(g, &g->input, gate, unit) +
                            reach_of(g, &g->hidden, gate, unit);
            if ((reach + abs(g->bias[j][gate][unit])) << -g->pre_shift[j] > INT32_MAX)
                return 1;
        }
    return 0;
}

static struct lstm_group pack_group(const struct lstm_layout *layout, const struct random_group *g)
{
    int32_t units = padded_units(layout, g->size),
            offset = g->p_wide || g->direct ? 0 : layout->offset;
    int32_t *bias = room((size_t)(g->models * 4 * units), sizeof *bias);
    for (int32_t j = 0; j < g->models; j++)
        for (int32_t k = 0; k < 4 * g->size; k++) {
            int32_t gate = k / g->size, unit = k % g->size, shift = g->pre_shift[j];
            int32_t sums = g->blocks ? block_sum(&g->input, k, unit, 0) +
                                           block_sum(&g->hidden, k, unit, 0)
                                     : v_sum(&g->input, gate, unit) + v_sum(&g->hidden, gate, unit);
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
        .blocks = g->blocks,
        .gate_shift = g->gate_shift,
        .cell_shift = g->cell_shift,
        .joined = g->joined,
        .clip_first = clips_first(g),
        .input_sizes = g->input_sizes,
        .pre_shift = g->pre_shift,
        .cell_fraction_bits = g->cell_fraction_bits,
        .x_inverse_scale = g->x_inverse_scale,
        .bias = bias,
        .input = g->blocks ? pack_block_part(layout, g, &g->input)
                           : pack_part(layout, g, &g->input),
        .hidden = g->blocks ? pack_block_part(layout, g, &g->hidden)
                            : pack_part(layout, g, &g->hidden),
    };
    if (g->direct)
        return packed;
    const struct random_part *parts[] = {&g->input, &g->hidden};
    if (g->blocks) {
        if (!g->joined)
            packed.input.v = pack_blocks(layout, g, parts, 1);
        packed.hidden.v = pack_blocks(layout, g, parts + !g->joined, 1 + g->joined);
        return packed;
    }
    const int32_t first[] = {0, packed.input.u.rows}; /* of the row of p that both parts share */
    if (!g->joined)
        packed.input.v = pack_v(layout, g, parts, first, 1);
    packed.hidden.v = pack_v(layout, g, parts + !g->joined, first + !g->joined, 1 + g->joined);
    return packed;
}

#endif
