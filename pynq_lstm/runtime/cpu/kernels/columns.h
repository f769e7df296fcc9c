/* SPDX-License-Identifier: Apache-2.0 */
/* What enters and leaves a column: input, state, output (docs/numerics.md, section 3). Included
 * once for each instruction set. */

/* A column's place in the arrays of a batch. */
struct NAME(place) {
    int32_t model;
    int64_t sequence, length;
};

INLINE struct NAME(place) NAME(place_of)(const struct lstm_group *g, const struct lstm_batch *b,
                                         int32_t column)
{
    int32_t k = column / g->models;
    return (struct NAME(place)){
        column - k * g->models,
        b->order ? b->order[k] : k,
        b->lengths ? b->lengths[k] : b->time,
    };
}

/* `count` floats, or int16 codes, as the codes of a row, which ends in zeros at `padded` */
static void NAME(take_codes)(uint8_t *row, const void *from, int64_t at, int codes, int32_t count,
                             int32_t padded, float scale, int32_t bits, int offset,
                             int64_t *clipped, int64_t *not_finite)
{
    const int wide = bits > 8;
    const int32_t high = (1 << (bits - 1)) - 1;
    int32_t k = 0;
    if (codes)
        for (; k < count; k++) {
            int16_t code = ((const int16_t *)from)[at + k];
            if (wide)
                ((int16_t *)row)[k] = code;
            else
                row[k] = (uint8_t)(code + offset);
        }
    else if (count) {
        const float *x = (const float *)from + at;
        if (__builtin_expect(quantise(row, x, count, scale, -high - 1, high, wide), 0))
            count_clipped(x, count, scale, -high - 1, high, clipped, not_finite);
        k = (count + LANES - 1) / LANES * LANES;
    }
    if (k < padded)
        memset(row + ((size_t)k << wide), wide ? 0 : offset, (size_t)(padded - k) << wide);
}

INLINE int32_t NAME(code_of)(const uint8_t *row, int32_t k, int wide)
{
    return wide ? ((const int16_t *)row)[k] : (int8_t)(uint8_t)(row[k] - OFFSET);
}

/* A row of codes as floats of `unit`, or as int16. */
static void NAME(give_codes)(const uint8_t *row, int wide, int32_t count, void *to, int64_t at,
                             int codes, float unit)
{
    if (codes)
        for (int32_t k = 0; k < count; k++)
            ((int16_t *)to)[at + k] = (int16_t)NAME(code_of)(row, k, wide);
    else
        codes_to_floats((float *)to + at, row, wide, unit, count);
}
