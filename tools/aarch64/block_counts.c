/* Plugin of qemu-user: how often each block of instructions ran, written to a file when the program
 * ends. A line holds the address of a block, its instructions and its executions.
 * Usage: qemu-aarch64 -plugin ./block_counts.so,out=FILE PROGRAM
 * A signal that leaves a block before its end counts the whole block. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The part of version 1 of qemu's plugin interface that is used here: Debian ships no header. */
#define EXPORTED __attribute__((visibility("default")))
typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
EXPORTED int qemu_plugin_version = 1;
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, enum qemu_plugin_op, void *,
                                              uint64_t);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);

enum { kBuckets = 1 << 16 };

/* A block may be translated again; its counter stays where the old translation finds it too. */
struct block {
    struct block *next;
    uint64_t address, instructions, executions;
};

static struct block *buckets[kBuckets];
static const char *out;
static pid_t counted; /* children of the program inherit the counters and must not report them */

static struct block *find(uint64_t address, uint64_t instructions)
{
    struct block **bucket = &buckets[(address / 4) % kBuckets];
    for (struct block *b = *bucket; b; b = b->next)
        if (b->address == address && b->instructions == instructions)
            return b;
    struct block *made = calloc(1, sizeof *made);
    if (!made)
        abort();
    *made = (struct block){*bucket, address, instructions, 0};
    return *bucket = made;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    struct block *b = find(qemu_plugin_tb_vaddr(tb), qemu_plugin_tb_n_insns(tb));
    qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &b->executions, 1);
}

static void report(qemu_plugin_id_t id, void *unused)
{
    (void)id, (void)unused;
    FILE *file = getpid() == counted ? fopen(out, "w") : NULL;
    if (!file)
        return;
    for (int k = 0; k < kBuckets; k++)
        for (struct block *b = buckets[k]; b; b = b->next)
            if (b->executions)
                fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", b->address, b->instructions,
                        b->executions);
    fclose(file);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                 char **argv)
{
    (void)info;
    for (int k = 0; k < argc; k++)
        if (!strncmp(argv[k], "out=", 4))
            out = strdup(argv[k] + 4);
    counted = getpid();
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return out ? 0 : 1;
}
