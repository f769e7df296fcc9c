/* Every kernel of this processor against the portable one, on random groups and batches and on every
 * code of the sigma functions: compare_kernels CASES. Returns 1 if one differs anywhere. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packed_groups.h"

enum { kBatch = 4, kTime = 6, kThreads = 3, kCodes = 65536, kSigmaCount = 32 };

/* A batch and what comes of it, as floats or as int16 codes. */
struct job {
    int32_t batch, time, chunk, threads, by_rows, codes, from_zero, lengths[kBatch], order[kBatch];
    int64_t x_offset[kModels], out_offset[kModels], state_offset[kModels];
    int64_t check_first;
    size_t x_size, out_size, state_size, element;
    uint8_t *x, *h, *c;
};

struct result {
    uint8_t *out, *state; /* state: h, then c */
    int64_t counts[LSTM_COUNTS];
};

static uint8_t *random_values(size_t count, int codes, int32_t bits)
{
    uint8_t *values = room(count, codes ? sizeof(int16_t) : sizeof(float));
    int32_t most = (1 << (bits - 1)) - 1, bounded = sometimes(2) ? most : between(1, most);
    for (size_t k = 0; k < count; k++)
        if (codes)
            ((int16_t *)values)[k] = (int16_t)between(-bounded - 1, bounded);
        else if (sometimes(10000))
            ((float *)values)[k] = sometimes(2) ? NAN : sometimes(2) ? INFINITY : 1e30f;
        else
            ((float *)values)[k] = (float)between(-bounded, bounded) / (float)between(1, 2 * most);
    return values;
}

static struct job random_job(const struct random_group *g)
{
    struct job job = {
        .batch = between(1, kBatch), .time = between(1, kTime), .codes = sometimes(2)};
    int32_t bits = g->wide ? 16 : 8, length = job.time;
    job.chunk = between(1, job.time);
    job.threads = between(1, kThreads);
    job.by_rows = g->models * job.batch == 1 && sometimes(2);
    job.from_zero = sometimes(3);
    job.element = job.codes ? sizeof(int16_t) : sizeof(float);
    for (int32_t k = 0; k < job.batch; k++) {
        length = sometimes(3) ? between(0, length) : length;
        job.lengths[k] = length;
        job.order[k] = (k + 1) % job.batch;
    }
    for (int32_t j = 0; j < g->models; j++) {
        job.x_offset[j] = (int64_t)job.x_size;
        job.out_offset[j] = (int64_t)job.out_size;
        job.state_offset[j] = (int64_t)job.state_size;
        job.x_size += (size_t)(job.batch * job.time * g->input_sizes[j]);
        job.out_size += (size_t)(job.batch * job.time * g->size);
        job.state_size += (size_t)(job.batch * g->size);
    }
    job.check_first = job.codes || sometimes(2) ? 0 : (int64_t)job.x_size;
    job.x = random_values(job.x_size, job.codes, bits);
    job.h = random_values(job.state_size, job.codes, bits);
    job.c = random_values(job.state_size, job.codes, 16);
    return job;
}

static struct result run(const struct lstm_kernel *kernel, const struct random_group *g,
                         const struct job *job)
{
    struct lstm_group group = pack_group(&kernel->layout, g);
    struct lstm_batch batch = {
        .batch = job->batch,
        .time = job->time,
        .chunk = job->chunk,
        .by_rows = job->by_rows,
        .lengths = job->lengths,
        .order = job->order,
        .x_offset = job->x_offset,
        .out_offset = job->out_offset,
        .state_offset = job->state_offset,
        .codes = job->codes,
    };
    const struct lstm_group *groups[] = {&group};
    const struct lstm_batch *batches[] = {&batch};
    uint8_t *scratch = room((size_t)lstm_scratch_bytes(&group, &batch, job->threads), 1);
    int32_t busy = 0;
    struct lstm_call call = {
        .kernel = kernel,
        .groups = 1,
        .threads = job->threads,
        .group = groups,
        .batch = batches,
        .scratch = &scratch,
        .state_bytes = (int64_t)(job->state_size * job->element),
        .busy = &busy,
        .check_first = job->check_first,
    };
    struct result result = {
        room(job->out_size, job->element),
        room(2 * job->state_size, job->element),
        {0},
    };
    lstm_infer(&call, job->x, job->from_zero ? NULL : job->h, job->from_zero ? NULL : job->c,
               result.out, result.state);
    memcpy(result.counts, call.counts, sizeof result.counts);
    return result;
}

/* What is not finite is refused by the caller: it must be found, whatever else comes of it. */
static int differ(const struct job *job, const struct result *a, const struct result *b)
{
    if (b->counts[LSTM_NOT_FINITE])
        return a->counts[LSTM_NOT_FINITE] != b->counts[LSTM_NOT_FINITE];
    return memcmp(a->out, b->out, job->out_size * job->element) != 0 ||
           memcmp(a->state, b->state, 2 * job->state_size * job->element) != 0 ||
           memcmp(a->counts, b->counts, sizeof a->counts) != 0;
}

static int32_t sigma_differences(const struct lstm_kernel *kernel, const struct lstm_kernel *plain)
{
    static int16_t pre[kCodes], y[kCodes], expected[kCodes];
    int32_t differences = 0;
    for (int32_t k = 0; k < kCodes; k++)
        pre[k] = (int16_t)(k + INT16_MIN);
    for (int32_t k = 0; k < kCodes; k += kSigmaCount) {
        kernel->sigmoid(pre + k, y + k, kSigmaCount);
        plain->sigmoid(pre + k, expected + k, kSigmaCount);
    }
    differences += memcmp(y, expected, sizeof y) != 0;
    kernel->tanh(pre, y, kCodes);
    plain->tanh(pre, expected, kCodes);
    return differences + (memcmp(y, expected, sizeof y) != 0);
}

int main(int argc, char **argv)
{
    static struct random_group group;
    int32_t cases = argc > 1 ? atoi(argv[1]) : 100, failed = 0, kernels = 0;
    int64_t seen[LSTM_COUNTS] = {0}, kinds[3] = {0}; /* factored, direct, block-diagonal */
    const struct lstm_kernel *plain = NULL, *kernel;
    while ((kernel = lstm_kernel_at(kernels))) {
        plain = kernel;
        kernels++;
    }
    if (cases < 1 || !plain || strcmp(plain->name, "portable") != 0) {
        fprintf(stderr, "no cases, or the last kernel is not the portable one\n");
        return 2;
    }
    for (int32_t n = 0; n < cases; n++) {
        state_of_random = (uint64_t)n;
        random_group(&group);
        kinds[group.blocks ? 2 : group.direct]++;
        struct job job = random_job(&group);
        struct result expected = run(plain, &group, &job);
        for (int k = 0; k < LSTM_COUNTS; k++)
            seen[k] += expected.counts[k];
        for (int32_t k = 0; (kernel = lstm_kernel_at(k)) != plain; k++) {
            struct result result = run(kernel, &group, &job);
            if (differ(&job, &result, &expected)) {
                printf("case %d: %s differs\n", n, kernel->name);
                failed++;
            }
        }
    }
    for (int32_t k = 0; (kernel = lstm_kernel_at(k)) != plain; k++) {
        int32_t differences = sigma_differences(kernel, plain);
        printf("%s: %d cases, sigma functions %s\n", kernel->name, cases,
               differences ? "DIFFER" : "equal");
        failed += differences;
    }
    for (int k = 0; k < LSTM_COUNTS; k++)
        if (!seen[k]) {
            printf("count %d was never above zero: the cases are too tame\n", k);
            failed++;
        }
    for (int k = 0; k < 3; k++)
        if (!kinds[k]) {
            printf("no group of kind %d\n", k);
            failed++;
        }
    printf("%d kernels, %d failed\n", kernels, failed);
    return failed || kernels < 2;
}
