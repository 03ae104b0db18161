/* SPDX-License-Identifier: MIT
 *
 * cache.c — the pool of pages that generation keeps its keys and values in.
 *
 * Sequences of different lengths come and go, so memory is handed out in pages of 32 positions rather than in one piece per
 * sequence: no gaps form, a sequence takes what it needs and no more, and the samples of one prompt point to the same
 * pages.
 */
#include "decode.h"

#include <string.h>

static size_t leaf_values(const model_sizes *s) {
    return 2 * RP_PAGE * s->D;
}

size_t rp_page_bytes(const model_sizes *s) {
    return s->L * s->K * leaf_values(s) * sizeof(real);
}

rp_status rp_pool_create(rp_arena *arena, const model_sizes *sizes, size_t pages, page_pool *pool) {
    if (pages > UINT32_MAX) return rp_fail(RP_ERR_LIMIT, "a cache of %zu pages is not possible", pages);
    *pool = (page_pool){.leaf = leaf_values(sizes),
                        .stride = sizes->L * sizes->K * leaf_values(sizes),
                        .pages = (uint32_t)pages,
                        .free = (uint32_t)pages};
    pool->data = rp_alloc_bytes(arena, pages, rp_page_bytes(sizes));
    RP_TRY_ALLOC(pool->data);
    pool->free_list = rp_alloc(arena, uint32_t, pages);
    RP_TRY_ALLOC(pool->free_list);
    pool->owners = rp_alloc_zero(arena, uint32_t, pages);
    RP_TRY_ALLOC(pool->owners);
    for (uint32_t i = 0; i < pool->pages; i++) pool->free_list[i] = pool->pages - 1 - i;
    rp_pool_check(pool);
    return RP_OK;
}

uint32_t rp_pool_take(page_pool *pool) {
    RP_REQUIRE(pool->free > 0);
    const uint32_t page = pool->free_list[--pool->free];
    pool->owners[page] = 1;
    return page;
}

void rp_pool_share(page_pool *pool, uint32_t page) {
    RP_REQUIRE(pool->owners[page] > 0); /* a free page would be handed out again under its new reader */
    pool->owners[page]++;
}

void rp_pool_drop(page_pool *pool, uint32_t page) {
    RP_REQUIRE(pool->owners[page] > 0);
    if (--pool->owners[page] == 0) pool->free_list[pool->free++] = page;
}

void rp_pool_copy(page_pool *pool, uint32_t to, uint32_t from) {
    memcpy(pool->data + to * pool->stride, pool->data + from * pool->stride, pool->stride * sizeof(real));
}

void rp_pool_check(const page_pool *pool) {
    uint32_t owned = 0;
    RP_REQUIRE(pool->free <= pool->pages);
    for (uint32_t i = 0; i < pool->free; i++) RP_REQUIRE(pool->owners[pool->free_list[i]] == 0);
    for (uint32_t i = 0; i < pool->pages; i++) owned += pool->owners[i] > 0;
    RP_REQUIRE(owned + pool->free == pool->pages); /* none is lost, none stands twice in the list */
}
