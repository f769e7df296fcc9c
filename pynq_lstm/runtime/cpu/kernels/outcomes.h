/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of sums: p, or pre (docs/numerics.md, section 4). Included once for each instruction
 * set, by products.h. */

/* d to p where a multiplier of 32 bits does not do */
static __attribute__((noinline)) sums_t NAME(scale_each)(sums_t d, const int32_t *s, int32_t shift,
                                                         int32_t low, int32_t high,
                                                         int64_t *clipped)
{
    int32_t each[LANES];
    store_sums(each, d);
    for (int k = 0; k < LANES; k++)
        each[k] = scale_exactly(each[k], s[k], shift, low, high, clipped);
    return load_sums(each);
}

INLINE sums_t NAME(p_of)(const struct NAME(product) *product, sums_t d, int column, int32_t row,
                         int clip, int64_t *clipped)
{
    const int32_t *scale = product->scale[column] + row;
    if (__builtin_expect(product->exact, 0)) {
        int64_t some = 0;
        d = NAME(scale_each)(d, scale, product->s_shift[column], product->low, product->high,
                             &some);
        *clipped += some;
        return d;
    }
    d = scale_sums(d, scale);
    return clip ? clip_sums(d, product->low, product->high, clipped) : d;
}

/* pre of vectors some of which may be clipped; returns how many values are */
static __attribute__((noinline)) int64_t NAME(clip_pre)(const int32_t *sums, int32_t vectors,
                                                        int32_t shift, int32_t clip_first,
                                                        int16_t *pre)
{
    int64_t clipped = 0, unused = 0;
    for (int v = 0; v < vectors; v += 2) {
        sums_t pair[2];
        for (int k = 0; k < 2; k++) {
            sums_t acc = load_sums(sums + (v + k) * LANES);
            if (clip_first && shift <= 0) /* what lies beyond these limits saturates all the same */
                acc = clip_sums(acc, 2 * INT16_MIN, 2 * INT16_MAX, &unused);
            acc = shift > 0 ? shift_right(acc, shift) : shift_left(acc, -shift);
            pair[k] = clip_sums(acc, INT16_MIN, INT16_MAX, &clipped);
        }
        /* as -32767, which has the same place on both curves, so that magnitudes fit 16 bits */
        store_half(pre + v * LANES, clip_half(pack_sums(pair[0], pair[1]), INT16_MAX));
    }
    return clipped;
}

/* pre = sat16(round(acc / 2^shift)) of the vectors of one column (section 4.4); base has the half
 * that rounds. A shift to the left is made in 16 bits, and done again in 32 where it could
 * matter. */
INLINE void NAME(store_pre)(const struct NAME(product) *product, const sums_t *sums,
                            const int vectors, int32_t shift, int16_t *pre, int64_t *clipped)
{
    half_t largest = set_half(0);
    if (shift > 0)
        for (int v = 0; v < vectors; v += 2) {
            half_t packed = pack_sums(shift_right(sums[v], shift), shift_right(sums[v + 1], shift));
            largest = larger_magnitude(largest, packed);
            store_half(pre + v * LANES, packed);
        }
    else
        for (int v = 0; v < vectors; v += 2) {
            half_t packed = pack_sums(sums[v], sums[v + 1]);
            largest = larger_magnitude(largest, packed);
            store_half(pre + v * LANES, shift_half_left(packed, -shift));
        }
    if (__builtin_expect(reaches(largest, (int16_t)(shift < 0 ? 1 << (15 + shift) : INT16_MAX)),
                         0)) {
        int32_t each[LSTM_MOST_VECTORS * LANES];
        for (int v = 0; v < vectors; v++)
            store_sums(each + v * LANES, sums[v]);
        *clipped += NAME(clip_pre)(each, vectors, shift, product->clip_first, pre);
    }
}

/* p as codes, in the orders of struct lstm_layout. */
INLINE void NAME(store_p)(const struct NAME(product) *product, const sums_t *p, const int vectors,
                          uint8_t *out, int64_t *clipped)
{
    half_t half[LSTM_MOST_VECTORS / 2];
    for (int v = 0; v < vectors; v += 2)
        half[v / 2] = clip_to_p(pack_sums(p[v], p[v + 1]), product->low, product->high, clipped);
    for (int k = 0; k < vectors / 2; k += 2)
        if (product->p_wide) {
            store_half((int16_t *)out + k * HALF, half[k]);
            if (k + 1 < vectors / 2)
                store_half((int16_t *)out + (k + 1) * HALF, half[k + 1]);
        } else if (k + 1 < vectors / 2)
            store_bytes(out + k * HALF, half[k], half[k + 1]);
        else
            store_byte_half(out, half[0]);
}
