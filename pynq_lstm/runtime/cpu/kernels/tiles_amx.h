/* SPDX-License-Identifier: Apache-2.0 */
/* Products of many columns in the tiles of AMX: 16 columns by 16 rows by 64 bytes of input at a
 * time. The packed weights of 16 words are such a tile as they are. */
#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef ARCH_REQ_XCOMP_PERM
#define ARCH_REQ_XCOMP_PERM 0x1023
#endif

enum {
    TILE = 16,
    TILE_BYTES = 64,
    TILE_DATA = 18 /* the kernel's number of the state component */
};

/* gcc's tile intrinsics do not say what memory they read */
#define MEMORY_IS_READ() __asm__ volatile("" ::: "memory")

#define TILES __attribute__((target("amx-tile,amx-int8")))

struct tile_shapes {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
};

/* Whether processor and system let this process use the tiles. */
static int tiles_allowed(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d & bit_AMX_TILE) || !(d & bit_AMX_INT8))
        return 0;
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0;
}

TILES static void tiles_begin(void)
{
    struct tile_shapes shapes = {.palette = 1};
    for (int k = 0; k < 8; k++) {
        shapes.bytes[k] = TILE_BYTES;
        shapes.rows[k] = TILE;
    }
    MEMORY_IS_READ();
    _tile_loadconfig(&shapes);
}

TILES static void tiles_end(void) { _tile_release(); }

/* Words of a run that are multiplied in tiles. */
static inline int32_t in_tiles(const struct lstm_run *run) { return run->words / TILE * TILE; }

/* sums (16 or 32 columns, LSTM_MOST_VECTORS * 16 rows) over what tiles take of the runs of a panel;
 * weights (words, vectors, 64 bytes), x one row a column */
TILES static __attribute__((noinline)) void
tiles_multiply(int32_t *sums, const uint8_t *x, size_t stride, const uint8_t *weights,
               const struct lstm_run *runs, const struct lstm_panel *panel, int columns)
{
    const int row = LSTM_MOST_VECTORS * TILE * (int)sizeof *sums;
    const size_t step = (size_t)panel->vectors * TILE_BYTES;
    MEMORY_IS_READ();
    for (int v = 0; v < panel->vectors; v += 2) {
        const uint8_t *w = weights + v * TILE_BYTES;
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
        for (int32_t r = 0; r < panel->runs; w += runs[r].words * step, r++)
            for (int32_t k = 0; k < in_tiles(&runs[r]); k += TILE) {
                const uint8_t *at = x + (size_t)(runs[r].word + k) * LSTM_WORD;
                _tile_loadd(6, w + k * step, step);
                _tile_loadd(7, w + k * step + TILE_BYTES, step);
                _tile_loadd(4, at, stride);
                _tile_dpbusd(0, 4, 6);
                _tile_dpbusd(1, 4, 7);
                if (columns > TILE) {
                    _tile_loadd(5, at + TILE * stride, stride);
                    _tile_dpbusd(2, 5, 6);
                    _tile_dpbusd(3, 5, 7);
                }
            }
        int32_t *to = sums + v * TILE;
        _tile_stored(0, to, row);
        _tile_stored(1, to + TILE, row);
        if (columns > TILE) {
            to += TILE * LSTM_MOST_VECTORS * TILE;
            _tile_stored(2, to, row);
            _tile_stored(3, to + TILE, row);
        }
    }
}
