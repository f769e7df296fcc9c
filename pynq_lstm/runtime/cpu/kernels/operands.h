/* SPDX-License-Identifier: Apache-2.0 */
/* The operands of a block-diagonal part: p = sat_P(round(x m / 2^shift)) of a row of codes, in the
 * words that its rows multiply (docs/numerics.md, section 4). Included once for each instruction
 * set. */
enum NAME(operands) { NAME(together) = 64 }; /* codes */

/* Of 8-bit codes, in their order, by the halves of the multipliers. */
INLINE void NAME(in_halves)(uint8_t *p, const uint8_t *row, const struct lstm_operands *o,
                            int32_t first, int32_t low, int32_t high, int64_t *clipped)
{
    const uint8_t *halves = o->halves + (size_t)first * LSTM_WORD;
    for (int k = 0; k < NAME(together); k += 4 * LANES) {
        sums_t v[4];
        for (int n = 0; n < 4; n++) {
            const int at = k + n * LANES;
            v[n] = multiply_spread(load_sums(o->start + first + at),
                                   load_weights(halves + at * LSTM_WORD), spread_codes(row + k, n));
            v[n] = shift_right(v[n], o->shift);
        }
        half_t a = clip_to_p(pack_sums(v[0], v[1]), low, high, clipped);
        half_t b = clip_to_p(pack_sums(v[2], v[3]), low, high, clipped);
        store_bytes(p + k, a, b);
    }
}

/* In plain C; x m fits int32, but not together with what rounds it. */
INLINE void NAME(plainly)(uint8_t *p, const uint8_t *row, const struct lstm_operands *o,
                          int32_t first, int32_t low, int32_t high, const int wide,
                          int64_t *clipped)
{
    const int32_t last = o->shift > 0; /* the bit that is shifted out after the rounding */
    int32_t some = 0;
    for (int k = 0; k < NAME(together); k++) {
        int32_t v = NAME(code_of)(row, k, wide) * (int32_t)o->multiplier[first + k];
        v = ((v >> (o->shift - last)) + last) >> last;
        int32_t kept = smaller(larger(v, low), high);
        some += kept != v;
        p[k] = (uint8_t)(kept + OFFSET);
    }
    *clipped += some;
}

INLINE int64_t NAME(operands_of)(uint8_t *to, const uint8_t *row, const struct lstm_operands *o,
                                 int32_t bits, const int wide, const int near)
{
    const int32_t reach = 1 << (bits - 1);
    int64_t clipped = 0;
    for (int32_t k = 0; k < o->codes; k += NAME(together)) {
        uint8_t p[NAME(together)] __attribute__((aligned(64)));
        const uint8_t *codes = row + ((size_t)k << wide);
        if (wide || __builtin_expect(o->plain, 0))
            NAME(plainly)(p, codes, o, k, -reach, reach - 1, wide, &clipped);
        else
            NAME(in_halves)(p, codes, o, k, -reach, reach - 1, &clipped);
        shuffle_codes(to + k, p, o->index + k, near);
    }
    return clipped;
}

/* One row; returns how many were clipped. */
static __attribute__((noinline)) int64_t NAME(make_operands)(uint8_t *to, const uint8_t *row,
                                                             const struct lstm_operands *o,
                                                             int32_t bits, int32_t wide)
{
    if (o->rank > 4) /* words of codes that are more than 16 apart */
        return wide ? NAME(operands_of)(to, row, o, bits, 1, 0)
                    : NAME(operands_of)(to, row, o, bits, 0, 0);
    return wide ? NAME(operands_of)(to, row, o, bits, 1, 1)
                : NAME(operands_of)(to, row, o, bits, 0, 1);
}
