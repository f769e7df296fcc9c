/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of products of 8-bit codes in NEON, what sums.h does for all others. In assembly: compilers
 * copy and spill what fits the 32 registers.
 *
 * v0-v7 are the sums of the first column, two registers for each vector, and v8-v15 those of the
 * second; v16-v17 and v18-v19 the two pairs of inputs of their words, in all lanes; v20-v23 weights
 * of two vectors for a word, (vectors, pairs); v24-v31 sums of two products in 16 bits. A loop
 * begins with loads: what was multiplied last is added up while they arrive. */

#define LOAD(first, last, from) "ld1 {v" #first ".4s-v" #last ".4s}, [%[" #from "]], #64\n\t"
#define MULTIPLY(operation, to, to2, to3, to4, w, v, x)      \
    operation " v" #to ".8h, v" #w ".8b, v" #x ".8b\n\t"     \
    operation "2 v" #to2 ".8h, v" #w ".16b, v" #x ".16b\n\t" \
    operation " v" #to3 ".8h, v" #v ".8b, v" #x ".8b\n\t"    \
    operation "2 v" #to4 ".8h, v" #v ".16b, v" #x ".16b\n\t"
#define ADD(a, b, c, d, from, from2, from3, from4) \
    "sadalp v" #a ".4s, v" #from ".8h\n\t"         \
    "sadalp v" #b ".4s, v" #from2 ".8h\n\t"        \
    "sadalp v" #c ".4s, v" #from3 ".8h\n\t"        \
    "sadalp v" #d ".4s, v" #from4 ".8h\n\t"

/* Two vectors of one column. */
#define START_2_1 LOAD(0, 3, from)
#define LOAD_2_1 "ld2r {v16.8h, v17.8h}, [x11], #4\n\t" LOAD(20, 23, weights)
#define MULTIPLY_2_1                              \
    MULTIPLY("smull", 24, 25, 26, 27, 20, 22, 16) \
    MULTIPLY("smlal", 24, 25, 26, 27, 21, 23, 17)
#define ADD_2_1 ADD(0, 1, 2, 3, 24, 25, 26, 27)

/* Four vectors of one column; v8-v11 are weights too. */
#define START_4_1 START_2_1 LOAD(4, 7, from)
#define LOAD_4_1 LOAD_2_1 LOAD(8, 11, weights)
#define MULTIPLY_4_1                              \
    MULTIPLY("smull", 24, 25, 26, 27, 20, 22, 16) \
    MULTIPLY("smull", 28, 29, 30, 31, 8, 10, 16)  \
    MULTIPLY("smlal", 24, 25, 26, 27, 21, 23, 17) \
    MULTIPLY("smlal", 28, 29, 30, 31, 9, 11, 17)
#define ADD_4_1 ADD_2_1 ADD(4, 5, 6, 7, 28, 29, 30, 31)

/* Two vectors of two columns. */
#define START_2_2 START_2_1 LOAD(8, 11, from2)
#define LOAD_2_2 "ld2r {v18.8h, v19.8h}, [x12], #4\n\t" LOAD_2_1
#define MULTIPLY_2_2                              \
    MULTIPLY("smull", 24, 25, 26, 27, 20, 22, 16) \
    MULTIPLY("smull", 28, 29, 30, 31, 20, 22, 18) \
    MULTIPLY("smlal", 24, 25, 26, 27, 21, 23, 17) \
    MULTIPLY("smlal", 28, 29, 30, 31, 21, 23, 19)
#define ADD_2_2 ADD_2_1 ADD(8, 9, 10, 11, 28, 29, 30, 31)

/* Four vectors of two columns, one pair of vectors after the other. */
#define START_4_2 START_4_1 LOAD(8, 11, from2) LOAD(12, 15, from2)
#define LOAD_4_2 LOAD_2_2
#define MULTIPLY_4_2 MULTIPLY_2_2 LOAD(20, 23, weights) ADD_2_2 MULTIPLY_2_2
#define ADD_4_2 ADD(4, 5, 6, 7, 24, 25, 26, 27) ADD(12, 13, 14, 15, 28, 29, 30, 31)

/* From the start of the sums through all runs, two words in an iteration; where their number is odd
 * the first begins in the middle. The weights of a word take 1 << shift bytes. */
#define RUNS(load, multiply, add, shift)           \
    "   cbz %w[runs], 5f\n"                        \
    "1: ldp w9, w10, [%[run]], #8\n\t"             \
    "add x11, %[in], x9, lsl #2\n\t"               \
    "add x12, %[in2], x9, lsl #2\n\t"              \
    "add x9, %[weights], x10, lsl #" #shift "\n\t" \
    load "tbz w10, #0, 3f\n\t"                     \
    "b 4f\n"                                       \
    "2: " load add "\n"                            \
    "3: " multiply load add "\n"                   \
    "4: " multiply                                 \
    "cmp %[weights], x9\n\t"                       \
    "b.ne 2b\n\t"                                  \
    add "subs %w[runs], %w[runs], #1\n\t"          \
    "b.ne 1b\n"                                    \
    "5:"
#define SUM_UP(vectors, columns, shift)                                                           \
    __asm__ volatile(                                                                             \
        START_##vectors##_##columns RUNS(LOAD_##vectors##_##columns,                              \
                                         MULTIPLY_##vectors##_##columns,                          \
                                         ADD_##vectors##_##columns, shift)                        \
        : "=w"(s0), "=w"(s1), "=w"(s2), "=w"(s3), "=w"(s4), "=w"(s5), "=w"(s6), "=w"(s7),         \
          "=w"(s8), "=w"(s9), "=w"(s10), "=w"(s11), "=w"(s12), "=w"(s13), "=w"(s14), "=w"(s15),   \
          [from] "+&r"(from), [from2] "+&r"(from2), [weights] "+&r"(weights), [run] "+&r"(run),    \
          [runs] "+&r"(runs)                                                                      \
        : [in] "r"(source->in[0]), [in2] "r"(source->in[1])                                       \
        : "x9", "x10", "x11", "x12", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23",      \
          "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory")

/* Where the sums of a panel come from; those that move go on to the next one. */
struct NAME(source) {
    const int32_t *from[COLUMNS]; /* what they start with */
    const uint8_t *in[COLUMNS];
    const uint8_t *weights;
    const struct lstm_run *run;
};

/* The sums of a panel of 2 or 4 vectors with one or two columns. */
INLINE void NAME(sum_bytes)(sums_t (*sums)[LSTM_MOST_VECTORS], const int vectors, const int columns,
                            struct NAME(source) *source, int32_t runs)
{
#define SUM(k) register int32x4_t s##k __asm__("v" #k)
    /* clang-format off */
    SUM(0); SUM(1); SUM(2); SUM(3); SUM(4); SUM(5); SUM(6); SUM(7);
    SUM(8); SUM(9); SUM(10); SUM(11); SUM(12); SUM(13); SUM(14); SUM(15);
    /* clang-format on */
#undef SUM
    /* In registers that calls leave alone: elsewhere each panel copies the pointers to and fro. */
    register const int32_t *from __asm__("x19") = source->from[0];
    register const int32_t *from2 __asm__("x20") = source->from[1];
    register const uint8_t *weights __asm__("x21") = source->weights;
    register const struct lstm_run *run __asm__("x22") = source->run;
    if (vectors == 2 && columns == 1)
        SUM_UP(2, 1, 6);
    else if (vectors == 2)
        SUM_UP(2, 2, 6);
    else if (columns == 1)
        SUM_UP(4, 1, 7);
    else
        SUM_UP(4, 2, 7);
    source->from[0] = from;
    source->from[1] = from2;
    source->weights = weights;
    source->run = run;
    const int32x4_t all[2][8] = {{s0, s1, s2, s3, s4, s5, s6, s7},
                                 {s8, s9, s10, s11, s12, s13, s14, s15}};
#pragma GCC unroll 2
    for (int c = 0; c < columns; c++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++)
            sums[c][v] = (sums_t){{all[c][2 * v], all[c][2 * v + 1]}};
}
