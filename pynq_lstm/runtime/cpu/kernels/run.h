/* SPDX-License-Identifier: Apache-2.0 */
/* Columns through time: the input part of a chunk of steps at once, then step by step the hidden
 * part and the cell. Included once for each instruction set. */

struct NAME(run) {
    const struct lstm_group *group;
    const struct lstm_batch *batch;
    struct rows row;
    struct scratch at;
    const struct lstm_arrays *arrays;
    struct lstm_share share;
    int32_t first, columns;
    int64_t *counts;
    int32_t tiles;
    void (*update)(const struct NAME(cell) *, int64_t *clipped);
    struct NAME(product) hidden_u, hidden_v;
};

/* What a product has from its part, whichever of u and v it is. */
static struct NAME(product) NAME(product_of_part)(const struct NAME(run) *run,
                                                  const struct lstm_part *part)
{
    int32_t reach = 1 << (run->group->p_bits - 1);
    return (struct NAME(product)){
        .start = part->start,
        .exact = part->exact,
        .low = -reach,
        .high = reach - 1,
        .p_wide = run->group->p_wide,
        .pre_shift = run->at.pre_shift,
        .clip_first = run->group->clip_first,
        .rank = part->operands.rank,
        .sum_shift = part->operands.sum_shift,
        .tiles = run->tiles,
    };
}

/* State and tables of every column. */
static void NAME(begin)(struct NAME(run) *run)
{
    const struct lstm_group *g = run->group;
    const struct lstm_batch *b = run->batch;
    const struct rows *row = &run->row;
    int32_t chunk = b->chunk, bits = g->wide ? 16 : 8;
    int32_t h_codes = (int32_t)(row->h >> g->wide);
    for (int32_t k = 0; k < run->columns; k++) {
        struct NAME(place) place = NAME(place_of)(g, b, run->first + k);
        int32_t j = place.model;
        uint8_t *h = run->at.h + (size_t)k * row->h, *c = run->at.c + (size_t)k * row->c;
        int64_t state = b->state_offset[j] + place.sequence * g->size;
        int64_t *clipped = &run->counts[LSTM_STATE], *bad = &run->counts[LSTM_NOT_FINITE];
        NAME(take_codes)(h, run->arrays->h, state, b->codes, run->arrays->h ? g->size : 0, h_codes,
                         g->wide ? 32768.0f : 128.0f, bits, OFFSET, clipped, bad);
        NAME(take_codes)(c, run->arrays->c, state, b->codes, run->arrays->c ? g->size : 0, g->units,
                         (float)(1 << g->cell_fraction_bits[j]), 16, 0, clipped, bad);
        const int32_t *bias = g->bias + (size_t)j * 4 * g->units;
        const uint8_t *sums = run->at.sums + (size_t)k * chunk * row->sums;
        run->at.base[k] = g->joined ? bias : (const int32_t *)sums;
        run->at.h_scale[k] = g->hidden.scale + (size_t)j * g->hidden.u.rows;
        run->at.h_shift[k] = g->hidden.s_shift[j];
        run->at.pre_shift[k] = g->pre_shift[j];
        run->at.cell_fraction[k] = g->cell_fraction_bits[j];
        run->at.out[k] = b->out_offset[j] + place.sequence * b->time * g->size;
        for (int32_t t = 0; t < chunk; t++) {
            run->at.bias[k * chunk + t] = bias;
            run->at.x_scale[k * chunk + t] = g->input.scale + (size_t)j * g->input.u.rows;
            run->at.x_shift[k * chunk + t] = g->input.s_shift[j];
        }
    }
}

static void NAME(meet)(const struct NAME(run) *run) { meet(run->share.meeting, run->share.shares); }

/* Has a product multiply this matrix, or this thread's share of its panels. */
static void NAME(set_matrix)(const struct NAME(run) *run, struct NAME(product) *product,
                             const struct lstm_matrix *matrix)
{
    product->matrix = matrix;
    product->first_panel = matrix->panels * run->share.number / run->share.shares;
    product->last_panel = matrix->panels * (run->share.number + 1) / run->share.shares;
}

/* The codes of x, of steps [t, t + steps) of one column. */
static void NAME(take_steps)(struct NAME(run) *run, int32_t k, int32_t t, int32_t steps)
{
    const struct lstm_group *g = run->group;
    const struct lstm_batch *b = run->batch;
    struct NAME(place) place = NAME(place_of)(g, b, run->first + k);
    int32_t j = place.model, inputs = g->input_sizes[j];
    int32_t padded = g->input.words * LSTM_WORD >> g->wide;
    int64_t at = b->x_offset[j] + (place.sequence * b->time + t) * inputs;
    uint8_t *x = run->at.x + (size_t)k * b->chunk * run->row.x;
    for (int32_t step = 0; step < steps; step++, at += inputs, x += run->row.x)
        NAME(take_codes)(x, run->arrays->x, at, b->codes, inputs, padded, g->x_inverse_scale[j],
                         g->wide ? 16 : 8, OFFSET, &run->counts[LSTM_X],
                         &run->counts[LSTM_NOT_FINITE]);
}

/* The operands of `rows` rows of codes, each thread of a share its part of them. */
static void NAME(take_operands)(const struct NAME(run) *run, const struct lstm_part *part,
                                const struct NAME(product) *product, int32_t rows)
{
    const struct lstm_group *g = run->group;
    const int32_t shares = run->share.shares, number = run->share.number;
    for (int32_t k = rows * number / shares; k < rows * (number + 1) / shares; k++)
        run->counts[LSTM_P] += NAME(make_operands)(product->out + (size_t)k * product->out_stride,
                                                   product->in + (size_t)k * product->in_stride,
                                                   &part->operands, g->p_bits, g->wide);
}

/* The input part of steps [t, t + steps) of columns [k, k + columns): its p, and where v is not
 * joined its sums. */
static void NAME(input_part)(struct NAME(run) *run, int32_t k, int32_t columns, int32_t t,
                             int32_t steps)
{
    const struct lstm_group *g = run->group;
    const struct lstm_batch *b = run->batch;
    const struct rows *row = &run->row;
    size_t first = (size_t)k * b->chunk;
    for (int32_t c = 0; c < columns && run->share.number == 0; c++)
        NAME(take_steps)(run, k + c, t, steps);
    NAME(meet)(run);
    const int last = (columns - 1) * b->chunk + steps;
    struct NAME(product) product = NAME(product_of_part)(run, &g->input);
    NAME(set_matrix)(run, &product, &g->input.u);
    product.in = run->at.x + first * row->x;
    product.in_stride = row->x;
    product.base = run->at.bias + first;
    product.scale = run->at.x_scale + first;
    product.s_shift = run->at.x_shift + first;
    product.out = g->direct ? run->at.sums + first * row->sums : run->at.p + first * row->p;
    product.out_stride = g->direct ? row->sums : row->p;
    if (g->blocks)
        NAME(take_operands)(run, &g->input, &product, last);
    else
        NAME(multiply_all)(&product, g->direct ? NAME(direct_to_sums) : NAME(to_codes), g->wide, 0,
                           last, run->counts);
    NAME(meet)(run);
    if (g->direct || g->joined)
        return;
    NAME(set_matrix)(run, &product, &g->input.v);
    product.in = product.out;
    product.in_stride = row->p;
    product.out = run->at.sums + first * row->sums;
    product.out_stride = row->sums;
    if (g->blocks)
        NAME(multiply_blocks)(&product, 0, 0, last, run->counts);
    else
        NAME(multiply_all)(&product, NAME(to_sums), g->p_wide, 0, last, run->counts);
    NAME(meet)(run);
}

/* The products of a step, but for what changes from step to step. */
static void NAME(prepare_hidden)(struct NAME(run) *run)
{
    const struct lstm_group *g = run->group;
    const struct rows *row = &run->row;
    struct NAME(product) product = NAME(product_of_part)(run, &g->hidden);
    NAME(set_matrix)(run, &product, &g->hidden.u);
    product.in = run->at.h;
    product.in_stride = row->h;
    product.base = run->at.base;
    product.scale = run->at.h_scale;
    product.s_shift = run->at.h_shift;
    product.out = run->at.pre;
    product.out_stride = row->pre;
    run->hidden_u = run->hidden_v = product;
    if (g->direct)
        return;
    run->hidden_u.out_stride = run->hidden_v.in_stride = row->p * (size_t)run->batch->chunk;
    NAME(set_matrix)(run, &run->hidden_v, &g->hidden.v);
}

/* pre of the first `live` columns; `step` is its place in the chunk. */
static void NAME(hidden_part)(struct NAME(run) *run, int32_t live, int32_t step)
{
    const struct lstm_group *g = run->group;
    struct NAME(product) *u = &run->hidden_u, *v = &run->hidden_v;
    u->base_offset = v->base_offset = g->joined ? 0 : (size_t)step * 4 * (size_t)g->units;
    if (g->direct) {
        NAME(multiply_all)(u, NAME(direct_to_pre), g->wide, 0, live, run->counts);
        return;
    }
    v->in = run->at.p + (size_t)step * run->row.p;
    u->out = run->at.p + (size_t)step * run->row.p + run->row.p_h;
    if (g->blocks) {
        NAME(take_operands)(run, &g->hidden, u, live);
        NAME(meet)(run);
        if (!g->joined)
            v->in = u->out;
        NAME(multiply_blocks)(v, 1, 0, live, run->counts);
        return;
    }
    NAME(multiply_all)(u, NAME(to_codes), g->wide, 0, live, run->counts);
    NAME(meet)(run);
    NAME(multiply_all)(v, NAME(to_pre), g->p_wide, 0, live, run->counts);
}

/* The cells of the first `live` columns at step t. */
static __attribute__((noinline)) void NAME(cells)(struct NAME(run) *run, int32_t live, int32_t t)
{
    const struct lstm_group *g = run->group;
    const struct lstm_batch *b = run->batch;
    const struct rows *row = &run->row;
    int32_t halves = g->units / HALF, shares = run->share.shares, number = run->share.number;
    for (int32_t k = 0; k < live; k++) {
        int64_t out = run->at.out[k] + (int64_t)t * g->size;
        struct NAME(cell) cell = {
            .pre = (const int16_t *)(run->at.pre + (size_t)k * row->pre),
            .c = (int16_t *)(run->at.c + (size_t)k * row->c),
            .h = run->at.h + (size_t)k * row->h,
            .out = b->codes ? NULL : (float *)run->arrays->out + out,
            .units = g->units,
            .size = g->size,
            .cell_fraction = run->at.cell_fraction[k],
            .wide = g->wide,
            .gate_shift = g->gate_shift,
            .cell_shift = g->cell_shift,
            .first = shares > 1 ? halves * number / shares * HALF : 0,
            .last = shares > 1 ? halves * (number + 1) / shares * HALF : g->units,
        };
        run->update(&cell, &run->counts[LSTM_C]);
        if (b->codes) {
            NAME(meet)(run);
            if (number == 0)
                NAME(give_codes)(cell.h, g->wide, g->size, run->arrays->out, out, 1, 1.0f);
        }
    }
}

/* One step of the first `live` columns; `step` is its place in the chunk. */
static void NAME(step)(struct NAME(run) *run, int32_t live, int32_t t, int32_t step)
{
    NAME(hidden_part)(run, live, step);
    NAME(meet)(run);
    NAME(cells)(run, live, t);
    NAME(meet)(run);
}

static void NAME(end)(struct NAME(run) *run)
{
    const struct lstm_group *g = run->group;
    const struct lstm_batch *b = run->batch;
    for (int32_t k = 0; k < run->columns; k++) {
        struct NAME(place) place = NAME(place_of)(g, b, run->first + k);
        int64_t at = b->state_offset[place.model] + place.sequence * g->size;
        const int16_t *c = (const int16_t *)(run->at.c + (size_t)k * run->row.c);
        float unit = 1.0f / (float)(1 << g->cell_fraction_bits[place.model]);
        NAME(give_codes)(run->at.h + (size_t)k * run->row.h, g->wide, g->size, run->arrays->h_out,
                         at, b->codes, g->wide ? 1.0f / 32768 : 1.0f / 128);
        NAME(give_codes)((const uint8_t *)c, 1, g->size, run->arrays->c_out, at, b->codes, unit);
    }
}

/* Columns whose sequences are longer than t; lengths descend. */
static int32_t NAME(living)(const struct NAME(run) *run, int32_t live, int32_t t)
{
    if (!run->batch->lengths)
        return live;
    while (live > 0 && NAME(place_of)(run->group, run->batch, run->first + live - 1).length <= t)
        live--;
    return live;
}

static void NAME(all_steps)(struct NAME(run) *run)
{
    const struct lstm_batch *b = run->batch;
    if (run->share.number == 0)
        NAME(begin)(run);
    NAME(prepare_hidden)(run);
    int32_t live = run->columns;
    for (int32_t t = 0; t < b->time; t += b->chunk) {
        live = NAME(living)(run, live, t);
        int32_t steps = smaller(b->chunk, b->time - t);
        int32_t whole = NAME(living)(run, live, t + steps - 1);
        NAME(meet)(run);
        if (whole && steps == b->chunk) /* their rows adjoin */
            NAME(input_part)(run, 0, whole, t, steps);
        for (int32_t k = steps == b->chunk ? whole : 0; k < live; k++) {
            int64_t left = NAME(place_of)(run->group, b, run->first + k).length - t;
            NAME(input_part)(run, k, 1, t, (int32_t)(left < steps ? left : steps));
        }
        for (int32_t step = 0; step < steps && live; step++) {
            live = NAME(living)(run, live, t + step);
            NAME(step)(run, live, t + step, step);
        }
    }
    NAME(meet)(run);
    if (run->share.number == 0)
        NAME(end)(run);
}

INLINE void NAME(run_columns)(const struct lstm_group *g, const struct lstm_batch *b,
                              const struct lstm_arrays *arrays, const struct lstm_share *share,
                              int32_t tiles,
                              void (*update)(const struct NAME(cell) *, int64_t *clipped))
{
    struct NAME(run) run = {
        .group = g,
        .batch = b,
        .row = rows_of(g),
        .arrays = arrays,
        .share = *share,
        .first = share->first,
        .columns = share->last - share->first,
        .counts = share->counts,
        .tiles = tiles,
        .update = g->gate_shift || g->cell_shift ? NAME(update_narrowed) : update,
    };
    lay_out(&run.at, &run.row, run.columns, b->chunk, share->scratch);
    NAME(all_steps)(&run);
}

static void NAME(run)(const struct lstm_group *g, const struct lstm_batch *b,
                      const struct lstm_arrays *arrays, const struct lstm_share *share)
{
    NAME(run_columns)(g, b, arrays, share, 0, NAME(update_plainly));
}

static const struct lstm_kernel NAME(kernel) = {KERNEL_NAME, LAYOUT, NAME(run), NAME(sigmoid),
                                                NAME(tanh)};

#if defined(TILES_NAME)
static void NAME(run_in_tiles)(const struct lstm_group *g, const struct lstm_batch *b,
                               const struct lstm_arrays *arrays, const struct lstm_share *share)
{
    int32_t columns = (share->last - share->first) * b->chunk;
    int32_t tiles = !g->wide && columns >= TILE && smaller(g->input.words, g->hidden.words) >= TILE;
    if (tiles)
        tiles_begin();
    NAME(run_columns)(g, b, arrays, share, tiles, NAME(update_in_bytes));
    if (tiles)
        tiles_end();
}

static const struct lstm_kernel NAME(kernel_in_tiles) = {TILES_NAME, LAYOUT, NAME(run_in_tiles),
                                                         NAME(sigmoid), NAME(tanh)};
#endif
