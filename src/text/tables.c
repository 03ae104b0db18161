/* SPDX-License-Identifier: MIT
 *
 * tables.c — two open-addressing hash tables, at most half full, that are filled once and then only read.
 */
#include "internal.h"

static size_t slots_for(size_t count) {
    size_t slots = 16;
    while (slots < 2 * count) slots *= 2;
    return slots;
}

/* Multiply and fold over words of eight bytes; the constants are odd and have about as many ones as zeros. */
uint64_t rp_text_hash(const char *text, size_t length) {
    uint64_t h = 0x9E3779B97F4A7C15u ^ length;
    while (length > 0) {
        uint64_t word = 0;
        const size_t n = length < 8 ? length : 8;
        memcpy(&word, text, n);
        h = (h ^ word) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
        text += n;
        length -= n;
    }
    return h;
}

rp_status rp_text_map_init(rp_text_map *map, rp_arena *arena, const rp_str *texts, size_t count) {
    const size_t slots = slots_for(count);
    map->slots = rp_alloc(arena, int32_t, slots);
    RP_TRY_ALLOC(map->slots);
    memset(map->slots, 0xFF, slots * sizeof *map->slots);
    map->mask = slots - 1;
    map->texts = texts;
    return RP_OK;
}

static int32_t *text_slot(const rp_text_map *map, rp_str text, uint64_t hash) {
    for (size_t at = (size_t)hash;; at++) {
        int32_t *slot = &map->slots[at & map->mask];
        if (*slot < 0) return slot;
        const rp_str *other = &map->texts[*slot];
        if (other->length == text.length && memcmp(other->data, text.data, text.length) == 0) return slot;
    }
}

int32_t rp_text_map_add(rp_text_map *map, int32_t id) {
    const rp_str text = map->texts[id];
    int32_t *slot = text_slot(map, text, rp_text_hash(text.data, text.length));
    if (*slot >= 0) return *slot;
    *slot = id;
    return -1;
}

int32_t rp_text_map_find_hashed(const rp_text_map *map, rp_str text, uint64_t hash) {
    return *text_slot(map, text, hash);
}

int32_t rp_text_map_find(const rp_text_map *map, rp_str text) {
    return text.length ? *text_slot(map, text, rp_text_hash(text.data, text.length)) : -1;
}

rp_status rp_pair_map_init(rp_pair_map *map, rp_arena *arena, size_t count) {
    const size_t slots = slots_for(count);
    map->slots = rp_alloc(arena, rp_merge, slots);
    RP_TRY_ALLOC(map->slots);
    memset(map->slots, 0xFF, slots * sizeof *map->slots);
    map->mask = slots - 1;
    return RP_OK;
}
