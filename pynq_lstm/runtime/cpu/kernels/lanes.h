/* SPDX-License-Identifier: Apache-2.0 */
/* What the templates are written in: the vectors that each lanes_*.h defines for one instruction
 * set.
 *
 * LANES    rows of a vector of sums (sums_t, int32); HALF, twice as many, half words (half_t,
 *          int16)
 * VECTORS  of a whole panel: 4 or 8, as registers hold them with two columns
 * COLUMNS  most columns of a product with 4 vectors: 2 or 4
 * OFFSET, SCALE_BITS  as in struct lstm_layout
 * HOLD     keeps weights in a register where several columns multiply them
 * BYTE_PRODUCTS  where defined, a file with products of 8-bit codes: of_bytes says of which kinds,
 *          and byte_columns makes them in place of products.h's own
 * weights_t, word_t, words_t   weights of a vector for one word; a word of the input in all lanes;
 *          words of the input, one in each lane
 *
 * The names below are the functions. A name stands for that of the kernel which NAME belongs to. */
#ifndef PYNQ_LSTM_LANES_H
#define PYNQ_LSTM_LANES_H

#define INLINE static inline __attribute__((always_inline))

/* sums: loads and stores are unaligned; a product is exact in int32 */
#define load_sums NAME(load_sums)
#define store_sums NAME(store_sums)
#define zero_sums NAME(zero_sums)
#define add_sums NAME(add_sums)
#define load_weights NAME(load_weights)
#define load_word NAME(load_word)
#define multiply NAME(multiply_word)
#define load_words NAME(load_words) /* as words_t: 2, 4 or 8 words over and over, one a lane */
#define multiply_words NAME(multiply_words) /* 8-bit weights with them */
#define spread_codes NAME(spread_codes) /* as words_t (x, x) of the codes of one vector of four */
#define multiply_spread NAME(multiply_spread) /* 16-bit weights with them */
#define shuffle_codes NAME(shuffle_codes)     /* 64 codes by an index; near: each from its own 16 */
#define scale_sums NAME(scale_sums)   /* round(d scale / 2^SCALE_BITS) */
#define clip_sums NAME(clip_sums)     /* to low .. high, counting what is clipped */
#define store_codes NAME(store_codes) /* 8-bit ones with OFFSET */
#define shift_right NAME(shift_right)
#define shift_left NAME(shift_left)
#define pack_sums NAME(pack_sums) /* two vectors, saturated, in pair_order */

/* half words */
#define load_half NAME(load_half)
#define store_half NAME(store_half)
#define set_half NAME(set_half)
#define add_half NAME(add_half)
#define multiply_half NAME(multiply_half) /* round(a b / 2^15) */
#define absolute NAME(absolute)           /* not of -32768; in NEON of any */
#define magnitude NAME(magnitude)         /* the same, of any, limited to `most` */
#define fraction NAME(fraction)           /* of a segment, see struct curve */
#define subtract_where_negative NAME(subtract_where_negative) /* sign < 0 ? from - y : y */
#define clip_half NAME(clip_half)
#define smaller_half NAME(smaller_half)
#define shift_half_left NAME(shift_half_left)
#define look_up NAME(look_up) /* knot and rise of the segments of a >> bits */
#define mix NAME(mix)         /* sat16(round((f c + i g) / 2^15)) */
#define larger_magnitude NAME(larger_magnitude)
#define reaches NAME(reaches) /* whether one of these magnitudes is at least `limit` */
#define clip_to_p NAME(clip_to_p)   /* to low .. high, counting what is clipped */
#define store_bytes NAME(store_bytes) /* two of them as 8-bit codes, saturated, in quad_order */
#define store_bytes_in_place NAME(store_bytes_in_place) /* the same, in the order of the rows */
#define store_byte_half NAME(store_byte_half)           /* one, in the order of the rows */

/* `count` codes of a row as floats of `unit` */
#define codes_to_floats NAME(codes_to_floats)

/* sat(rint(x scale)) of `count` floats as 8- or 16-bit codes; those behind them, up to whole
 * vectors, are zero. Returns whether something may have been clipped or is not finite. */
#define quantise NAME(quantise)

#endif
