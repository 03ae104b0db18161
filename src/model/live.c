/* SPDX-License-Identifier: MIT
 *
 * live.c — which rows backward has to visit.
 *
 * Where all answers to a question have the same reward, every group-relative advantage is zero, and so is the gradient at each
 * of their tokens: 86 % of the groups in GRPO's 200 steps of the micro-world (docs/performance.md).
 * What is zero at the head stays zero through every layer, because sequences do not see each other, and adds zero to every
 * sum over rows. So backward leaves such sequences out: the result has the same bits where products sum in order, and the
 * time falls with their share.
 */
#include "pass.h"

static bool is_live(const real *dlogp, const real *dentropy, size_t from, size_t to) {
    for (size_t m = from; m < to; m++)
        if (dlogp[m] != 0 || (dentropy && dentropy[m] != 0)) return true; /* a NaN is not zero either */
    return false;
}

/* Rows from … to-1 as tiles behind the first `count` ones; no tile crosses a multiple of `edge`. */
static size_t cut(row_tile *tiles, size_t count, size_t from, size_t to, size_t edge) {
    for (size_t first = from; first < to;) {
        size_t n = to - first < TILE_ROWS ? to - first : TILE_ROWS;
        if (n > edge - first % edge) n = edge - first % edge;
        /* Short sequences share a tile with the one before when nothing lies between. */
        row_tile *last = count ? &tiles[count - 1] : NULL;
        if (last && last->first + last->count == first && last->count < TILE_ROWS && first % edge) {
            if (n > TILE_ROWS - last->count) n = TILE_ROWS - last->count;
            last->count += (uint32_t)n;
        } else {
            tiles[count++] = (row_tile){(uint32_t)first, (uint32_t)n};
        }
        first += n;
    }
    return count;
}

void rp_find_live(pass *p, const real *dlogp, const real *dentropy) {
    const rp_packed *batch = p->batch;
    const rp_workspace *ws = p->ws;
    p->tiles = p->score_tiles = p->sequences = 0;
    for (size_t s = 0, m = 0; s < batch->sequences; s++) {
        const size_t first = m;
        while (m < batch->scored && batch->score[m] < batch->start[s + 1]) m++;
        if (!is_live(dlogp, dentropy, first, m)) continue;
        ws->sequence[p->sequences++] = (uint32_t)s;
        p->tiles = cut(ws->tiles, p->tiles, batch->start[s], batch->start[s + 1], SIZE_MAX);
        p->score_tiles = cut(ws->score_tiles, p->score_tiles, first, m, ws->chunk);
    }
}

row_tile rp_next_run(row_list list, size_t *i) {
    row_tile run = list.tiles[(*i)++];
    while (*i < list.count && list.tiles[*i].first == run.first + run.count) run.count += list.tiles[(*i)++].count;
    return run;
}
