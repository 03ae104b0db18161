/* SPDX-License-Identifier: MIT
 *
 * merge.c — byte-pair encoding of one piece [sennrich2016].
 *
 * A piece begins as one symbol per byte (a byte without a token is left out, and its neighbours then touch). While some
 * pair of neighbours is in the table of merges, the pair of lowest rank, and of several such the leftmost, becomes one
 * symbol.
 *
 * Two ways to find that pair, with the same results: short pieces, nearly all, scan for the minimum; long ones keep a heap
 * ordered by (rank, place), whose entries are checked when they surface because a merge beside them may have spoilt them.
 */
#include "internal.h"

enum { SHORT = 32 };
static const uint32_t no_rank = UINT32_MAX;

int32_t rp_whole_piece(const rp_tokenizer *tokenizer, rp_str piece, uint64_t hash, bool plain) {
    const int32_t id = rp_text_map_find_hashed(&tokenizer->by_bytes, piece, hash);
    if (id < 0 || (plain && tokenizer->flags[id] & TOKEN_SPECIAL)) return -1;
    return tokenizer->ignore_merges || tokenizer->flags[id] & TOKEN_WHOLE ? id : -1;
}

/* NULL when the two do not merge. */
static inline const rp_merge *find_merge(const rp_tokenizer *tokenizer, int32_t left, int32_t right, bool plain) {
    const rp_merge *merge = pair_slot(&tokenizer->pairs, left, right);
    if (merge->left < 0) return NULL;
    if (plain && tokenizer->specials_can_merge && tokenizer->flags[merge->id] & TOKEN_SPECIAL) return NULL;
    return merge;
}

/* ---- Short pieces ---------------------------------------------------------------------------------------------- */

typedef struct offer { /* what symbol i and its right neighbour would become */
    uint32_t rank;
    int32_t id;
} offer;

static inline offer offer_at(const rp_tokenizer *tokenizer, const rp_symbol *symbols, size_t i, bool plain) {
    const rp_merge *merge = find_merge(tokenizer, symbols[i].id, symbols[i + 1].id, plain);
    return merge ? (offer){merge->rank, merge->id} : (offer){no_rank, -1};
}

static size_t merge_short(const rp_tokenizer *tokenizer, bool plain, rp_symbol *symbols, size_t n) {
    offer offers[SHORT];
    for (size_t i = 0; i + 1 < n; i++) offers[i] = offer_at(tokenizer, symbols, i, plain);
    while (n > 1) {
        size_t best = 0;
        for (size_t i = 1; i + 1 < n; i++)
            if (offers[i].rank < offers[best].rank) best = i;
        if (offers[best].rank == no_rank) break;
        symbols[best] = (rp_symbol){offers[best].id, symbols[best].begin, symbols[best + 1].end};
        n--;
        memmove(symbols + best + 1, symbols + best + 2, (n - best - 1) * sizeof *symbols);
        if (best + 1 < n) memmove(offers + best, offers + best + 1, (n - best - 1) * sizeof *offers);
        if (best > 0) offers[best - 1] = offer_at(tokenizer, symbols, best - 1, plain);
        if (best + 1 < n) offers[best] = offer_at(tokenizer, symbols, best, plain);
    }
    return n;
}

/* ---- Long pieces ----------------------------------------------------------------------------------------------- */

typedef struct entry {
    uint32_t rank, place;
    int32_t id;
} entry;

typedef struct merger {
    const rp_tokenizer *tokenizer;
    bool plain;
    rp_symbol *symbols;
    uint32_t *before, *after; /* neighbours by place; `n` = none; after[place] == place marks a symbol merged away */
    uint32_t n;
    entry *heap;
    size_t size;
} merger;

static bool precedes(entry a, entry b) {
    return a.rank != b.rank ? a.rank < b.rank : a.place < b.place;
}

static void heap_push(merger *m, entry e) {
    size_t at = m->size++;
    while (at > 0 && precedes(e, m->heap[(at - 1) / 2])) {
        m->heap[at] = m->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    m->heap[at] = e;
}

static entry heap_pop(merger *m) {
    const entry top = m->heap[0], last = m->heap[--m->size];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < m->size; at = child) {
        if (child + 1 < m->size && precedes(m->heap[child + 1], m->heap[child])) child++;
        if (!precedes(m->heap[child], last)) break;
        m->heap[at] = m->heap[child];
    }
    m->heap[at] = last;
    return top;
}

static void push_pair(merger *m, uint32_t place) {
    if (place >= m->n || m->after[place] >= m->n) return;
    const rp_merge *merge = find_merge(m->tokenizer, m->symbols[place].id, m->symbols[m->after[place]].id, m->plain);
    if (merge) heap_push(m, (entry){merge->rank, place, merge->id});
}

/* The pair that the entry speaks of is still there when its two symbols still merge into the same token. */
static void try_merge(merger *m, entry e) {
    const uint32_t right = m->after[e.place];
    if (right == e.place || right >= m->n) return;
    const rp_merge *merge = find_merge(m->tokenizer, m->symbols[e.place].id, m->symbols[right].id, m->plain);
    if (!merge || merge->id != e.id) return;
    m->symbols[e.place] = (rp_symbol){e.id, m->symbols[e.place].begin, m->symbols[right].end};
    const uint32_t beyond = m->after[right];
    m->after[e.place] = beyond;
    if (beyond < m->n) m->before[beyond] = e.place;
    m->after[right] = right;
    push_pair(m, m->before[e.place]);
    push_pair(m, e.place);
}

static rp_status merge_long(const rp_tokenizer *tokenizer, rp_arena *arena, bool plain, rp_symbol *symbols, size_t *count) {
    const uint32_t n = (uint32_t)*count;
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    merger m = {tokenizer,
                plain,
                symbols,
                rp_alloc(arena, uint32_t, n),
                rp_alloc(arena, uint32_t, n),
                n,
                rp_alloc(arena, entry, 3 * (size_t)n),
                0}; /* one entry per pair at first, two more per merge */
    RP_TRY_ALLOC(m.before);
    RP_TRY_ALLOC(m.after);
    RP_TRY_ALLOC(m.heap);
    for (uint32_t i = 0; i < n; i++) {
        m.before[i] = i > 0 ? i - 1 : n;
        m.after[i] = i + 1 < n ? i + 1 : n;
    }
    for (uint32_t i = 0; i < n; i++) push_pair(&m, i);
    while (m.size > 0) try_merge(&m, heap_pop(&m));
    size_t kept = 0;
    for (uint32_t i = 0; i < n; i = m.after[i]) symbols[kept++] = symbols[i];
    *count = kept;
    rp_arena_rewind(arena, mark);
    return RP_OK;
}

rp_status rp_merge_piece(const rp_tokenizer *tokenizer, rp_arena *arena, rp_str piece, bool plain, rp_symbol *symbols,
                         size_t *count) {
    const bool avoid_specials = plain && tokenizer->specials_can_merge;
    size_t n = 0;
    for (size_t i = 0; i < piece.length; i++) {
        const int32_t id = tokenizer->symbols[(unsigned char)piece.data[i]];
        if (id < 0 || (avoid_specials && tokenizer->flags[id] & TOKEN_SPECIAL)) continue;
        symbols[n++] = (rp_symbol){id, (uint32_t)i, (uint32_t)i + 1};
    }
    *count = n;
    if (n > SHORT) return merge_long(tokenizer, arena, plain, symbols, count);
    if (n > 1) *count = merge_short(tokenizer, plain, symbols, n);
    return RP_OK;
}
