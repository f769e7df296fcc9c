/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of sums in NEON, where that takes fewer instructions than outcomes.h. Saturating
 * instructions set the flag QC where they clip. It is asked once for all values of a panel, which
 * are looked at one by one only where it is set. */

/* Whether QC is set; clears it. What was stored before was computed before. */
INLINE int NAME(clips)(void)
{
    const uint64_t qc = 1 << 27;
    uint64_t status;
    __asm__ volatile("mrs %0, fpsr" : "=r"(status) : : "memory");
    if (__builtin_expect(!(status & qc), 1))
        return 0;
    __asm__ volatile("msr fpsr, %0" : : "r"(status & ~qc) : "memory");
    return 1;
}

/* Bytes of what becomes of a sum. */
INLINE size_t NAME(bytes_of)(const int kind)
{
    return kind == NAME(to_codes) ? 1 : kind == NAME(to_pre) ? sizeof(int16_t) : sizeof(int32_t);
}

/* Where a column's values go, and what brings them to their grid. */
struct NAME(target) {
    uint8_t *out;
    const int32_t *scale; /* of p */
    int32_t shift;        /* of p, up to 16 bits; of pre, as in kernel.h */
};

INLINE void NAME(store_each)(int32_t *each, const sums_t *sums, const int vectors)
{
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++)
        store_sums(each + v * LANES, sums[v]);
}

/* How many d leave the range of p. */
static __attribute__((noinline)) int64_t NAME(count_p)(const struct NAME(product) *product,
                                                       const int32_t *d, int32_t vectors,
                                                       const int32_t *scale)
{
    int64_t clipped = 0;
    for (int k = 0; k < vectors * LANES; k += LANES)
        clip_sums(scale_sums(load_sums(d + k), scale + k), product->low, product->high, &clipped);
    return clipped;
}

/* d to 8-bit codes of p. Shifted up, a code of any width is clipped at 16 bits. */
INLINE void NAME(codes_of_p)(const sums_t *sums, const struct NAME(target) *to, const int vectors)
{
    const int16x8_t up = vdupq_n_s16((int16_t)to->shift);
    const int8x16_t down = vdupq_n_s8((int8_t)(8 - to->shift));
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v += 2) {
        half_t p = pack_sums(scale_sums(sums[v], to->scale + v * LANES),
                             scale_sums(sums[v + 1], to->scale + (v + 1) * LANES));
        int8x16_t codes = vuzp2q_s8(vreinterpretq_s8_s16(vqshlq_s16(p.val[0], up)),
                                    vreinterpretq_s8_s16(vqshlq_s16(p.val[1], up)));
        vst1q_s8((int8_t *)to->out + v * LANES, vshlq_s8(codes, down));
    }
}

/* Sums to pre: the upper half of each, shifted so that 32 bits clip where pre does. */
INLINE void NAME(pre_of)(const sums_t *sums, const struct NAME(target) *to, const int vectors)
{
    const int32x4_t by = vdupq_n_s32(16 - to->shift);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++)
        vst1q_s16((int16_t *)to->out + v * LANES,
                  vuzp2q_s16(vreinterpretq_s16_s32(vqshlq_s32(sums[v].val[0], by)),
                             vreinterpretq_s16_s32(vqshlq_s32(sums[v].val[1], by))));
}

/* Counts what of these sums is clipped on the way to p or to pre, and corrects pre. */
INLINE void NAME(look_again)(const struct NAME(product) *product, const sums_t *sums,
                             const struct NAME(target) *to, const int vectors, const int kind,
                             struct NAME(clipped) *clipped)
{
    int32_t each[LSTM_MOST_VECTORS * LANES];
    NAME(store_each)(each, sums, vectors);
    if (kind == NAME(to_codes))
        clipped->p += NAME(count_p)(product, each, vectors, to->scale);
    else
        clipped->pre += NAME(clip_pre)(each, vectors, to->shift, product->clip_first,
                                       (int16_t *)to->out);
}

/* What becomes of the sums of a panel; the targets move on to the next one. */
INLINE void NAME(put)(const struct NAME(product) *product, sums_t (*sums)[LSTM_MOST_VECTORS],
                      struct NAME(target) *to, const int vectors, const int columns, const int kind,
                      struct NAME(clipped) *clipped)
{
#pragma GCC unroll 2
    for (int c = 0; c < columns; c++)
        if (kind == NAME(to_codes))
            NAME(codes_of_p)(sums[c], &to[c], vectors);
        else if (kind == NAME(to_pre))
            NAME(pre_of)(sums[c], &to[c], vectors);
        else
            NAME(store_each)((int32_t *)to[c].out, sums[c], vectors);
    if (kind != NAME(to_sums) && __builtin_expect(NAME(clips)(), 0))
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            NAME(look_again)(product, sums[c], &to[c], vectors, kind, clipped);
#pragma GCC unroll 2
    for (int c = 0; c < columns; c++) {
        to[c].out += vectors * LANES * NAME(bytes_of)(kind);
        if (kind == NAME(to_codes))
            to[c].scale += vectors * LANES;
    }
}
