/* SPDX-License-Identifier: Apache-2.0 */
/* A call: its groups one after another, each in shares of columns, or of rows where it has one
 * column. */
#include <time.h>

struct job {
    struct lstm_call *call;
    const struct lstm_arrays *arrays;
    int32_t group;
    struct meeting meeting;
    int64_t (*counts)[LSTM_COUNTS]; /* (shares,) */
};

static int32_t columns_of(const struct lstm_group *g, const struct lstm_batch *b)
{
    return g->models * b->batch;
}

static int32_t columns_of_share(int32_t columns, int32_t shares)
{
    return (columns + shares - 1) / shares;
}

static size_t scratch_bytes(const struct lstm_group *g, const struct lstm_batch *b, int32_t columns)
{
    struct rows rows = rows_of(g);
    struct scratch unused;
    uint8_t *begin = (uint8_t *)(uintptr_t)LINE; /* only its distance to the end is looked at */
    return (size_t)(lay_out(&unused, &rows, columns, b->chunk, begin) - begin);
}

int64_t lstm_scratch_bytes(const struct lstm_group *g, const struct lstm_batch *b, int32_t threads)
{
    int32_t columns = columns_of(g, b), shares = b->by_rows ? 1 : smaller(threads, columns);
    return (int64_t)scratch_bytes(g, b, columns_of_share(columns, shares)) * shares;
}

static void run_share(void *argument, int32_t number, int32_t shares)
{
    struct job *job = argument;
    const struct lstm_call *call = job->call;
    const struct lstm_group *g = call->group[job->group];
    const struct lstm_batch *b = call->batch[job->group];
    int32_t columns = columns_of(g, b);
    struct lstm_share share = {
        .last = columns,
        .number = number,
        .shares = shares,
        .meeting = &job->meeting,
        .scratch = call->scratch[job->group],
        .counts = job->counts[number],
    };
    if (!b->by_rows) {
        int32_t own = columns_of_share(columns, shares);
        share.first = smaller(number * own, columns);
        share.last = smaller(share.first + own, columns);
        share.number = 0;
        share.shares = 1;
        share.scratch += (size_t)number * scratch_bytes(g, b, own);
    }
    if (share.first < share.last)
        call->kernel->run(g, b, job->arrays, &share);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int all_finite(const float *x, int64_t count)
{
    float sum = 0; /* of zeros, or not a number */
    for (int64_t k = 0; k < count; k++)
        sum += x[k] - x[k];
    return sum == 0;
}

static int32_t run_groups(struct lstm_call *call, const struct lstm_arrays *arrays)
{
    int64_t counts[LSTM_MOST_THREADS][LSTM_COUNTS];
    int32_t told = 0;
    memset(counts, 0, sizeof *counts * (size_t)call->threads);
    for (int32_t k = 0; k < call->groups; k++) {
        struct job job = {.call = call, .arrays = arrays, .group = k, .counts = counts};
        const struct lstm_batch *b = call->batch[k];
        int32_t columns = columns_of(call->group[k], b);
        in_shares(run_share, &job, b->by_rows ? call->threads : smaller(call->threads, columns));
    }
    int64_t sums[LSTM_COUNTS] = {0};
    for (int k = 0; k < LSTM_COUNTS; k++) {
        for (int32_t share = 0; share < call->threads; share++)
            sums[k] += counts[share][k];
        told |= sums[k] > call->most[k];
    }
    call->counts[LSTM_NOT_FINITE] = sums[LSTM_NOT_FINITE];
    if (sums[LSTM_NOT_FINITE]) /* refused: the other counts stay those of the call before */
        return 2;
    memcpy(call->counts, sums, sizeof sums);
    return told;
}

int32_t lstm_infer(struct lstm_call *call, const void *x, const void *h, const void *c, void *out,
                   void *state)
{
    int32_t free = 0;
    if (!__atomic_compare_exchange_n(call->busy, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return -1;
    double begin = now();
    int32_t told = 2;
    struct lstm_arrays arrays = {x, h, c, out, state, (uint8_t *)state + call->state_bytes};
    if (all_finite(x, call->check_first))
        told = run_groups(call, &arrays);
    if (told != 2)
        call->seconds = now() - begin;
    __atomic_store_n(call->busy, 0, __ATOMIC_RELEASE);
    return told;
}
