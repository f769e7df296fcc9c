/* SPDX-License-Identifier: Apache-2.0 */
/* Sigma functions, gates and state of one column (docs/numerics.md, sections 6 and 7), HALF units
 * at once. No pre is -32768, as products.h stores -32767 for it, but where `absolute` takes it.
 * Included once for each instruction set. */

/* in_bytes: a processor may have a faster look-up, of planes of bytes */
INLINE half_t NAME(on_curve)(half_t v, const struct curve *curve, int16_t most, int bits,
                             const int in_bytes)
{
    half_t knot, rise, a = most == INT16_MAX ? absolute(v) : magnitude(v, most);
    look_up(a, bits, curve, &knot, &rise, in_bytes);
    return add_half(knot, multiply_half(rise, fraction(a, bits)));
}

INLINE half_t NAME(sigmoid_of)(half_t v, const int in_bytes)
{
    half_t y = NAME(on_curve)(v, &kSigmoid, kSigmoidMost, kSigmoidSegmentBits, in_bytes);
    return subtract_where_negative(v, y, set_half(INT16_MIN)); /* 2^15 - y, modulo 2^16 */
}

INLINE half_t NAME(tanh_of)(half_t v, const int in_bytes)
{
    half_t y = NAME(on_curve)(v, &kTanh, kTanhMost, kTanhSegmentBits, in_bytes);
    return subtract_where_negative(v, y, set_half(0));
}

/* What step 4 takes the tangent of: c on the grid of pre. Beyond 4 the curve is flat. */
INLINE half_t NAME(argument)(half_t c, int32_t cell_fraction)
{
    int32_t shift = cell_fraction - kPreFractionBits;
    if (shift > 0)
        return multiply_half(c, set_half((int16_t)(1 << (kSigmaFractionBits - shift))));
    return shift_half_left(clip_half(c, (int16_t)((kTanhMost + 1) >> -shift)), -shift);
}

static __attribute__((noinline)) int64_t NAME(count_clipped_cells)(half_t f, half_t c, half_t i,
                                                                   half_t g)
{
    int16_t lanes[4][HALF];
    int64_t clipped = 0;
    store_half(lanes[0], f);
    store_half(lanes[1], c);
    store_half(lanes[2], i);
    store_half(lanes[3], g);
    for (int k = 0; k < HALF; k++)
        clipped += cell_clips(lanes[0][k], lanes[1][k], lanes[2][k], lanes[3][k]);
    return clipped;
}

/* What a step does to one column: pre (4, units) and c to the next c, the codes of h, and h as
 * floats, where `out` is given. Units beyond `size` have weights and a bias of zero and stay
 * zero. */
struct NAME(cell) {
    const int16_t *pre;
    int16_t *c;
    uint8_t *h;
    float *out;
    int32_t units, size, cell_fraction, wide;
    int32_t gate_shift, cell_shift; /* bits that gates and c lack to 16 */
    int32_t first, last;            /* the units to do */
};

/* How a step is computed: with a processor's faster look-up, with gates and c of fewer bits. */
enum NAME(ways) { NAME(in_bytes) = 1, NAME(narrowed) = 2 };

/* A gate on the grid of fewer bits, its scale kept. One more is added before clipping, which is
 * symmetric, while codes are not. */
INLINE half_t NAME(narrow)(half_t y, int32_t shift)
{
    if (shift == 0)
        return y;
    const int16_t reach = (int16_t)(1 << (kSigmaFractionBits - shift));
    half_t above = add_half(multiply_half(y, set_half(reach)), set_half(1));
    return shift_half_left(add_half(clip_half(above, reach), set_half(-1)), shift);
}

/* The new c on the grid of fewer bits: one rounding of the exact sum. */
static __attribute__((noinline)) half_t NAME(mix_narrowed)(half_t f, half_t c, half_t i, half_t g,
                                                           int32_t shift, int64_t *clipped)
{
    int16_t lanes[4][HALF], after[HALF];
    const int32_t right = kSigmaFractionBits + shift, reach = 1 << (15 - shift);
    int32_t some = 0;
    store_half(lanes[0], f);
    store_half(lanes[1], c);
    store_half(lanes[2], i);
    store_half(lanes[3], g);
    for (int k = 0; k < HALF; k++) {
        int32_t sum = lanes[0][k] * lanes[1][k] + lanes[2][k] * lanes[3][k];
        int32_t cell = (sum + (1 << (right - 1))) >> right;
        int32_t kept = smaller(larger(cell, -reach), reach - 1);
        some += kept != cell;
        after[k] = (int16_t)(kept * (1 << shift));
    }
    *clipped += some;
    return load_half(after);
}

/* h of the units from e on, in 16 bits. */
INLINE half_t NAME(update_half)(const struct NAME(cell) *cell, int32_t e, half_t g_scale,
                                const int ways, int64_t *clipped)
{
    const int in_bytes = ways & NAME(in_bytes), narrowed = ways & NAME(narrowed);
    const int32_t units = cell->units;
    const int16_t *pre = cell->pre + e;
    half_t before = load_half(cell->c + e), after;
    half_t i = NAME(sigmoid_of)(load_half(pre), in_bytes);
    half_t f = NAME(sigmoid_of)(load_half(pre + units), in_bytes);
    half_t g = NAME(tanh_of)(load_half(pre + 2 * units), in_bytes);
    half_t o = NAME(sigmoid_of)(load_half(pre + 3 * units), in_bytes);
    if (narrowed) {
        i = NAME(narrow)(i, cell->gate_shift);
        f = NAME(narrow)(f, cell->gate_shift);
        g = multiply_half(NAME(narrow)(g, cell->gate_shift), g_scale);
        o = NAME(narrow)(o, cell->gate_shift);
        after = NAME(mix_narrowed)(f, before, i, g, cell->cell_shift, clipped);
    } else {
        g = multiply_half(g, g_scale);
        after = mix(f, before, i, g);
        if (__builtin_expect(reaches(larger_magnitude(set_half(0), after), INT16_MAX), 0))
            *clipped += NAME(count_clipped_cells)(f, before, i, g);
    }
    store_half(cell->c + e, after);
    return multiply_half(o, NAME(tanh_of)(NAME(argument)(after, cell->cell_fraction), in_bytes));
}

INLINE void NAME(update)(const struct NAME(cell) *given, const int ways, int64_t *clipped)
{
    const struct NAME(cell) own = *given, *cell = &own; /* no store can change it */
    const half_t g_scale = set_half((int16_t)(1 << cell->cell_fraction)),
                 to_byte = set_half(1 << 7);
    int32_t e = cell->first;
    if (cell->wide)
        for (; e < cell->last; e += HALF)
            store_half((int16_t *)cell->h + e, NAME(update_half)(cell, e, g_scale, ways, clipped));
    for (; e + 2 * HALF <= cell->last; e += 2 * HALF) { /* 8 bits: round(h / 2^8), saturated */
        half_t first = multiply_half(NAME(update_half)(cell, e, g_scale, ways, clipped), to_byte);
        half_t second = multiply_half(NAME(update_half)(cell, e + HALF, g_scale, ways, clipped),
                                      to_byte);
        store_bytes_in_place(cell->h + e, first, second);
    }
    if (e < cell->last)
        store_byte_half(cell->h + e,
                        multiply_half(NAME(update_half)(cell, e, g_scale, ways, clipped), to_byte));
    if (cell->out && cell->first < cell->size)
        codes_to_floats(cell->out + cell->first, cell->h + ((size_t)cell->first << cell->wide),
                        cell->wide, cell->wide ? 1.0f / 32768 : 1.0f / 128,
                        smaller(cell->last, cell->size) - cell->first);
}

static __attribute__((noinline)) void NAME(update_plainly)(const struct NAME(cell) *cell,
                                                           int64_t *clipped)
{
    NAME(update)(cell, 0, clipped);
}

/* For models whose gates or c have fewer bits. */
static __attribute__((noinline)) void NAME(update_narrowed)(const struct NAME(cell) *cell,
                                                            int64_t *clipped)
{
    NAME(update)(cell, NAME(narrowed), clipped);
}

#if defined(TILES_NAME)
static __attribute__((noinline)) void NAME(update_in_bytes)(const struct NAME(cell) *cell,
                                                            int64_t *clipped)
{
    NAME(update)(cell, NAME(in_bytes), clipped);
}
#endif

static void NAME(sigmoid)(const int16_t *pre, int16_t *y, int32_t count)
{
    for (int32_t k = 0; k + HALF <= count; k += HALF)
        store_half(y + k, NAME(sigmoid_of)(clip_half(load_half(pre + k), INT16_MAX), 0));
}

static void NAME(tanh)(const int16_t *pre, int16_t *y, int32_t count)
{
    for (int32_t k = 0; k + HALF <= count; k += HALF)
        store_half(y + k, NAME(tanh_of)(load_half(pre + k), 0));
}
