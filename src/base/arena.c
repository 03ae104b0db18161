/* SPDX-License-Identifier: MIT
 *
 * arena.c — the only allocator of the program: a list of chunks and a cursor.
 *
 * Chunks come from the operating system in sizes that double up to 64 MiB, so a small arena stays small and a large one asks
 * rarely. Chunks of 2 MiB and more are mapped, with a request for huge pages: a training step touches hundreds of MiB, and a
 * first touch costs about 0.4 s per GiB in 4 KiB pages. A rewind keeps the chunks, so a step's second run faults nothing.
 */
#include <rephrase/base.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, FIRST_CHUNK = 64 * 1024, LARGEST_CHUNK = 64 * 1024 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

typedef struct chunk {
    struct chunk *next;
    size_t capacity; /* bytes behind the header */
    bool mapped;
} chunk;

struct rp_arena {
    const char *name;
    size_t limit;
    chunk *first, *current; /* chunks after current are empty and kept for reuse */
    size_t used;            /* bytes used in current */
    size_t total, peak, reserved, refusals;
    size_t next_size;
};

enum { HEADER = ALIGNMENT }; /* a chunk's header, padded so that data starts aligned */
_Static_assert(sizeof(chunk) <= HEADER, "the chunk header fits its padding");

static size_t round_up(size_t n, size_t unit) {
    return (n + unit - 1) / unit * unit;
}
static unsigned char *chunk_data(chunk *c) {
    return (unsigned char *)c + HEADER;
}

static chunk *chunk_create(size_t capacity) {
    size_t bytes = round_up(capacity + HEADER, ALIGNMENT);
    const bool mapped = bytes >= HUGE_PAGE;
    chunk *c = NULL;
    if (mapped) {
        bytes = round_up(bytes, HUGE_PAGE);
        void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
        (void)madvise(memory, bytes, MADV_HUGEPAGE); /* a hint: refusal costs only speed */
#endif
        c = memory;
    } else {
        c = aligned_alloc(ALIGNMENT, bytes);
        if (!c) return NULL;
    }
    c->next = NULL;
    c->capacity = bytes - HEADER;
    c->mapped = mapped;
    return c;
}

static void chunk_destroy(chunk *c) {
    if (c->mapped)
        (void)munmap(c, c->capacity + HEADER);
    else
        free(c);
}

static void destroy_from(rp_arena *arena, chunk *c) {
    while (c) {
        chunk *next = c->next;
        arena->reserved -= c->capacity + HEADER;
        chunk_destroy(c);
        c = next;
    }
}

rp_arena *rp_arena_create(const char *name, size_t limit) {
    rp_arena *arena = calloc(1, sizeof *arena);
    if (!arena) {
        (void)rp_fail(RP_ERR_MEMORY, "%s: out of memory", name);
        return NULL;
    }
    arena->name = name;
    arena->limit = limit;
    arena->next_size = FIRST_CHUNK;
    return arena;
}

void rp_arena_destroy(rp_arena *arena) {
    if (!arena) return;
    destroy_from(arena, arena->first);
    free(arena);
}

/* Gives back the empty chunks behind the current one; returns their capacity. */
static size_t release_empty(rp_arena *arena) {
    chunk **link = arena->current ? &arena->current->next : &arena->first;
    size_t capacity = 0;
    for (const chunk *c = *link; c; c = c->next) capacity += c->capacity;
    destroy_from(arena, *link);
    *link = NULL;
    return capacity;
}

/* Makes `current` a chunk with room for n more bytes: a kept empty one, or a new one behind the current.
 * When none of the kept ones is large enough they are melted into one: a step that needs a little more than the one before
 * it would otherwise leave all of that one's chunks behind, and the arena would grow without need. */
static bool next_chunk(rp_arena *arena, size_t n) {
    chunk **link = arena->current ? &arena->current->next : &arena->first;
    while (*link && (*link)->capacity < n) link = &(*link)->next;
    chunk *c = *link;
    if (c) {
        *link = c->next; /* unlink, to be put right behind the current chunk */
    } else {
        const size_t melted = release_empty(arena);
        size_t size = arena->next_size > melted ? arena->next_size : melted;
        if (size < n) size = n;
        c = chunk_create(size);
        if (!c && size > n) c = chunk_create(n);
        if (!c) return false;
        arena->reserved += c->capacity + HEADER;
        if (arena->next_size < LARGEST_CHUNK) arena->next_size *= 2;
    }
    chunk **place = arena->current ? &arena->current->next : &arena->first;
    c->next = *place;
    *place = c;
    arena->current = c;
    arena->used = 0;
    return true;
}

void *rp_alloc_bytes(rp_arena *arena, size_t count, size_t size) {
    RP_REQUIRE(size > 0);
    if (count > (SIZE_MAX / 4) / size) {
        arena->refusals++;
        (void)rp_fail(RP_ERR_MEMORY, "%s: a request of %zu times %zu bytes is not possible", arena->name, count, size);
        return NULL;
    }
    const size_t n = round_up(count * size + (count == 0), ALIGNMENT);
    if (arena->limit && arena->total + n > arena->limit) {
        arena->refusals++;
        (void)rp_fail(RP_ERR_MEMORY, "%s: needs more than its limit of %zu MiB", arena->name, arena->limit >> 20);
        return NULL;
    }
    if (!arena->current || arena->current->capacity - arena->used < n) {
        if (!next_chunk(arena, n)) {
            arena->refusals++;
            (void)rp_fail(RP_ERR_MEMORY, "%s: the machine has no %zu MiB left", arena->name, (n >> 20) + 1);
            return NULL;
        }
    }
    void *result = chunk_data(arena->current) + arena->used;
    arena->used += n;
    arena->total += n;
    if (arena->total > arena->peak) arena->peak = arena->total;
    return result;
}

void *rp_alloc_bytes_zero(rp_arena *arena, size_t count, size_t size) {
    void *result = rp_alloc_bytes(arena, count, size);
    if (result) memset(result, 0, count * size);
    return result;
}

rp_arena_mark rp_arena_get_mark(const rp_arena *arena) {
    return (rp_arena_mark){arena->current, arena->used, arena->total};
}

void rp_arena_rewind(rp_arena *arena, rp_arena_mark mark) {
    RP_REQUIRE(mark.total <= arena->total);
    arena->current = mark.chunk;
    arena->used = mark.used;
    arena->total = mark.total;
}

void rp_arena_release(rp_arena *arena) {
    destroy_from(arena, arena->first);
    arena->first = arena->current = NULL;
    arena->used = arena->total = 0;
    arena->next_size = FIRST_CHUNK;
}

size_t rp_arena_used(const rp_arena *arena) {
    return arena->total;
}
size_t rp_arena_peak(const rp_arena *arena) {
    return arena->peak;
}
size_t rp_arena_reserved(const rp_arena *arena) {
    return arena->reserved;
}
size_t rp_arena_refusals(const rp_arena *arena) {
    return arena->refusals;
}
