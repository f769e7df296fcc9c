/* A random group of LSTMs (docs/numerics.md, sections 3 to 7), whatever kernel is to run it. */
#ifndef RANDOM_GROUPS_H
#define RANDOM_GROUPS_H

#include <stdint.h>
#include <stdlib.h>

#include "kernel.h"

enum { kModels = 3, kInputs = 70, kUnits = 70, kComponents = 20, kShifts = 48 };

static uint64_t state_of_random;

static uint64_t random_bits(void)
{
    state_of_random = state_of_random * UINT64_C(6364136223846793005) +
                      UINT64_C(1442695040888963407);
    return state_of_random >> 33;
}

static int32_t between(int32_t low, int32_t high)
{
    return low + (int32_t)(random_bits() % (uint64_t)(high - low + 1));
}

static int32_t sometimes(int32_t one_in) { return between(1, one_in) == 1; }

/* One part of a group: factored, or its matrix in `u` with a row for each gate output, of which a
 * block-diagonal part has the elements that its rank leaves. */
struct random_part {
    int32_t components, inputs, exact;
    int32_t rank, m_shift, sum_shift; /* of a block-diagonal part */
    uint16_t m[kInputs];
    int8_t u[4 * kUnits][kInputs]; /* (components or 4 size, inputs) */
    int8_t v[4][kComponents][kUnits];
    int32_t s[kModels][4 * kUnits], s_shift[kModels];
};

struct random_group {
    int32_t models, size, wide, p_wide, p_bits, direct, blocks, joined;
    int32_t gate_shift, cell_shift;
    int32_t input_sizes[kModels], pre_shift[kModels], cell_fraction_bits[kModels];
    float x_inverse_scale[kModels];
    int32_t bias[kModels][4][kUnits];
    struct random_part input, hidden;
};

/* Codes of up to 8 bits, in stretches of zeros now and then. */
static void random_codes(int8_t *codes, int32_t count)
{
    int32_t most = sometimes(3) ? 7 : 127, absent = 0;
    for (int32_t k = 0; k < count; k++) {
        absent = absent ? absent - 1 : sometimes(12) ? between(1, 24) : 0;
        codes[k] = (int8_t)(absent ? 0 : sometimes(6) ? most : between(-most, most));
    }
}

static void random_part(struct random_part *part, const struct random_group *g, int32_t inputs)
{
    int32_t rows;
    part->inputs = inputs;
    part->components = g->direct || g->blocks ? 0 : between(1, kComponents);
    part->exact = sometimes(4);
    rows = g->direct || g->blocks ? 4 * g->size : part->components;
    for (int32_t r = 0; r < rows; r++)
        random_codes(part->u[r], inputs);
    for (int32_t gate = 0; gate < 4; gate++)
        for (int32_t r = 0; r < part->components; r++)
            random_codes(part->v[gate][r], g->size);
    for (int32_t j = 0; j < g->models; j++) {
        part->s_shift[j] = part->exact ? between(0, kShifts - 1) : between(16, 31);
        for (int32_t r = 0; r < rows; r++)
            part->s[j][r] = between(INT16_MIN, INT16_MAX) >> between(0, 12);
    }
}

/* Operands that are sometimes clipped; shifts with which no sum can pass 32 bits. */
static void random_block(struct random_part *part, const struct random_group *g)
{
    int32_t bits = g->wide ? 16 : 8, coarser = between(0, 4), largest = sometimes(6);
    part->rank = 1 << between(1, 4);
    part->m_shift = sometimes(4) ? between(0, 31) : between(bits, bits + 8);
    part->sum_shift = sometimes(2) ? 0 : between(0, 10);
    for (int32_t k = 0; k < part->inputs; k++)
        part->m[k] = sometimes(10) ? 0 : (uint16_t)(between(0, UINT16_MAX) >> coarser);
    if (largest) /* is more than two halves of 15 bits can be */
        part->m[between(0, part->inputs - 1)] = UINT16_MAX;
}

static void random_group(struct random_group *g)
{
    static const int32_t p_bits[] = {4, 6, 8}; /* of block-diagonal models */
    int32_t inputs = 1;
    g->direct = sometimes(4);
    g->blocks = !g->direct && sometimes(3);
    g->models = g->direct || g->blocks ? 1 : between(1, kModels);
    g->size = between(1, kUnits);
    g->wide = sometimes(3);
    g->p_bits = g->blocks ? p_bits[between(0, 2)] : between(4, 16);
    g->gate_shift = sometimes(3) ? between(0, 12) : 0;
    g->cell_shift = sometimes(3) ? between(0, 12) : 0;
    g->p_wide = g->p_bits > 8;
    g->joined = !g->direct && sometimes(2);
    for (int32_t j = 0; j < g->models; j++) {
        g->input_sizes[j] = between(1, kInputs);
        inputs = g->input_sizes[j] > inputs ? g->input_sizes[j] : inputs;
        g->pre_shift[j] = between(-8, 14);
        g->cell_fraction_bits[j] = between(0, 14);
        g->x_inverse_scale[j] = (float)between(1, 4000) / 16;
        for (int32_t k = 0; k < 4 * g->size; k++)
            g->bias[j][k / g->size][k % g->size] = between(-(1 << 16), 1 << 16);
    }
    random_part(&g->input, g, inputs);
    random_part(&g->hidden, g, g->size);
    if (!g->blocks)
        return;
    random_block(&g->input, g);
    random_block(&g->hidden, g);
    if (g->joined) { /* one product serves both parts */
        g->input.rank = g->hidden.rank;
        g->input.sum_shift = g->hidden.sum_shift;
    }
}

#endif
