/* SPDX-License-Identifier: MIT
 *
 * train.c — learning merges from a corpus, in the exact order of Hugging Face's BpeTrainer.
 *
 * The corpus is cut into pieces; equal pieces become one word with a count (words.c). Tokens are, in order: the special
 * tokens; the characters of the byte-level alphabet that occur (or all 256), by code point; then one token per merge. A
 * heap holds the pairs, most frequent first and, of equally frequent ones, the pair of smaller ids first. Its entries know
 * in which words their pair stands. Until the vocabulary is full:
 *
 *     take the top; if its count is stale, put it back with the present one
 *     stop when the count is below 1 or below min_frequency
 *     the new token is the two texts joined (the old id where that text exists already)
 *     merge it, left to right, in the words of this entry; each merge takes the word's count from the pairs it breaks and
 * adds it to those it makes, which go on the heap with the words where they arose
 *
 * Habits of the original that equal results depend on, and that are kept: counts are 32-bit and compared as unsigned
 * 64-bit; the count of the merged pair itself is left as it was; a pair whose count is not positive when the heap is told
 * forgets where it arose.
 */
#include "words.h"

typedef struct pair { /* two neighbours: how often, and the words where new ones arose since the heap was last told */
    int32_t left, right, count;
    uint32_t first, last; /* list of places */
} pair;

typedef struct place { /* a word in a list of words */
    uint32_t word, next;
} place;
static const uint32_t none = UINT32_MAX;

typedef struct entry {
    uint64_t count;
    uint32_t pair, places;
} entry;

typedef struct trainer {
    const rp_bpe_training *settings;
    rp_arena *arena;  /* scratch */
    rp_arena *result; /* token texts outlive the training */
    rp_words words;
    int32_t *symbols; /* of all words */
    size_t *offsets;  /* where a word's symbols begin */
    uint32_t *lengths;

    rp_str *texts; /* tokens by id */
    uint32_t *characters;
    size_t token_count, token_limit;
    rp_text_map by_text;

    pair *pairs;
    size_t pair_count, pair_capacity;
    uint32_t *slots; /* open addressing over pairs */
    size_t slot_mask;
    place *places;
    size_t place_count, place_capacity;
    uint32_t *touched; /* pairs with a list of new places */
    size_t touched_count, touched_capacity;
    entry *heap;
    size_t heap_count, heap_capacity;

    rp_merge *merges;
    size_t merge_count, merge_capacity;
} trainer;

/* The array with room for one more: itself, or a copy twice as large; NULL when memory is exhausted. */
static void *room(rp_arena *arena, void *items, size_t used, size_t *capacity, size_t size) {
    if (used < *capacity) return items;
    *capacity = *capacity ? 2 * *capacity : 4096;
    void *larger = rp_alloc_bytes(arena, *capacity, size);
    if (larger && used) memcpy(larger, items, used * size);
    return larger;
}

/* ---- Tokens ---------------------------------------------------------------------------------------------------- */

/* The id of a text, new or old. */
static rp_status add_token(trainer *t, rp_str text, int32_t *id) {
    RP_REQUIRE(t->token_count < t->token_limit);
    t->texts[t->token_count] = text;
    *id = rp_text_map_add(&t->by_text, (int32_t)t->token_count);
    if (*id >= 0) return RP_OK;
    const char *copy = rp_strndup(t->result, text.data, text.length);
    RP_TRY_ALLOC(copy);
    *id = (int32_t)t->token_count++;
    t->texts[*id].data = copy;
    t->characters[*id] = 0;
    for (size_t i = 0; i < text.length; i++) t->characters[*id] += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return RP_OK;
}

static rp_status add_specials(trainer *t) {
    int32_t id;
    for (const char *const *s = t->settings->specials; s && *s; s++) {
        const size_t length = strlen(*s);
        if (length == 0 || rp_utf8_valid_prefix(*s, length) != length)
            return rp_fail(RP_ERR_ARGUMENT, "a special token must be valid UTF-8 and not empty");
        RP_TRY(add_token(t, rp_str_of(*s), &id));
    }
    return RP_OK;
}

/* The characters of the alphabet by code point: those that stand for their own byte, below U+0100, then the renamed ones. Within
 * each group code points rise with the bytes. */
static rp_status add_alphabet(trainer *t, const bool seen[256], int32_t ids[256]) {
    for (int renamed = 0; renamed < 2; renamed++) {
        for (int b = 0; b < 256; b++) {
            if (!seen[b] && !t->settings->whole_alphabet) continue;
            const char byte = (char)b;
            uint32_t character;
            rp_buffer spelled = rp_buffer_in(t->arena);
            rp_alphabet_spell(&spelled, (rp_str){&byte, 1});
            RP_TRY(rp_buffer_status(&spelled));
            (void)rp_utf8_decode(spelled.data, spelled.length, &character);
            if ((character >= 0x100) != renamed) continue;
            RP_TRY(add_token(t, (rp_str){spelled.data, spelled.length}, &ids[b]));
        }
    }
    return RP_OK;
}

/* ---- Counting -------------------------------------------------------------------------------------------------- */

static uint32_t *pair_slot_of(const trainer *t, int32_t left, int32_t right) {
    const uint64_t key = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    for (size_t at = (size_t)((key * 0x9E3779B97F4A7C15u) >> 32);; at++) {
        uint32_t *slot = &t->slots[at & t->slot_mask];
        if (*slot == none || (t->pairs[*slot].left == left && t->pairs[*slot].right == right)) return slot;
    }
}

static rp_status rehash(trainer *t, size_t slots) {
    t->slots = rp_alloc(t->arena, uint32_t, slots);
    RP_TRY_ALLOC(t->slots);
    memset(t->slots, 0xFF, slots * sizeof *t->slots);
    t->slot_mask = slots - 1;
    for (size_t i = 0; i < t->pair_count; i++) *pair_slot_of(t, t->pairs[i].left, t->pairs[i].right) = (uint32_t)i;
    return RP_OK;
}

static rp_status add_place(trainer *t, uint32_t index, uint32_t word) {
    pair *p = &t->pairs[index];
    if (p->first != none && t->places[p->last].word == word) return RP_OK;
    t->places = room(t->arena, t->places, t->place_count, &t->place_capacity, sizeof *t->places);
    RP_TRY_ALLOC(t->places);
    if (t->place_count >= none) return rp_fail(RP_ERR_LIMIT, "the corpus is too large to train on");
    const uint32_t at = (uint32_t)t->place_count++;
    t->places[at] = (place){word, none};
    if (p->first == none) {
        p->first = at;
        t->touched = room(t->arena, t->touched, t->touched_count, &t->touched_capacity, sizeof *t->touched);
        RP_TRY_ALLOC(t->touched);
        t->touched[t->touched_count++] = index;
    } else {
        t->places[p->last].next = at;
    }
    p->last = at;
    return RP_OK;
}

/* The pair's count changes by sign times the word's count; a pair that grows remembers the word. */
static rp_status change(trainer *t, int32_t left, int32_t right, int sign, uint32_t word) {
    uint32_t *slot = pair_slot_of(t, left, right);
    if (*slot == none) {
        t->pairs = room(t->arena, t->pairs, t->pair_count, &t->pair_capacity, sizeof *t->pairs);
        RP_TRY_ALLOC(t->pairs);
        if (2 * t->pair_count >= t->slot_mask) {
            RP_TRY(rehash(t, 2 * (t->slot_mask + 1)));
            slot = pair_slot_of(t, left, right);
        }
        *slot = (uint32_t)t->pair_count;
        t->pairs[t->pair_count++] = (pair){left, right, 0, none, none};
    }
    const uint32_t index = *slot, times = (uint32_t)t->words.counts[word];
    const uint32_t count = (uint32_t)t->pairs[index].count;
    t->pairs[index].count = (int32_t)(sign > 0 ? count + times : count - times); /* wraps as the original does */
    return sign > 0 ? add_place(t, index, word) : RP_OK;
}

static rp_status spell_words(trainer *t, int32_t ids[256]) {
    bool seen[256] = {false};
    size_t total = 0;
    for (size_t w = 0; w < t->words.count; w++) {
        const rp_str text = t->words.texts[w];
        for (size_t i = 0; i < text.length; i++) seen[(unsigned char)text.data[i]] = true;
        total += text.length;
    }
    RP_TRY(add_alphabet(t, seen, ids));
    t->symbols = rp_alloc(t->arena, int32_t, total + 1);
    t->offsets = rp_alloc(t->arena, size_t, t->words.count + 1);
    t->lengths = rp_alloc(t->arena, uint32_t, t->words.count + 1);
    RP_TRY_ALLOC(t->symbols);
    RP_TRY_ALLOC(t->offsets);
    RP_TRY_ALLOC(t->lengths);
    size_t at = 0;
    for (size_t w = 0; w < t->words.count; w++) {
        const rp_str text = t->words.texts[w];
        t->offsets[w] = at;
        t->lengths[w] = (uint32_t)text.length;
        for (size_t i = 0; i < text.length; i++) t->symbols[at++] = ids[(unsigned char)text.data[i]];
    }
    return RP_OK;
}

static rp_status count_pairs(trainer *t) {
    RP_TRY(rehash(t, 1 << 16));
    for (uint32_t w = 0; w < t->words.count; w++) {
        const int32_t *s = t->symbols + t->offsets[w];
        for (uint32_t i = 0; i + 1 < t->lengths[w]; i++) RP_TRY(change(t, s[i], s[i + 1], 1, w));
    }
    return RP_OK;
}

/* ---- The heap -------------------------------------------------------------------------------------------------- */

static bool precedes(const trainer *t, entry a, entry b) {
    if (a.count != b.count) return a.count > b.count;
    const pair *p = &t->pairs[a.pair], *q = &t->pairs[b.pair];
    return p->left != q->left ? p->left < q->left : p->right < q->right;
}

static rp_status push(trainer *t, entry e) {
    t->heap = room(t->arena, t->heap, t->heap_count, &t->heap_capacity, sizeof *t->heap);
    RP_TRY_ALLOC(t->heap);
    size_t at = t->heap_count++;
    for (; at > 0 && precedes(t, e, t->heap[(at - 1) / 2]); at = (at - 1) / 2) t->heap[at] = t->heap[(at - 1) / 2];
    t->heap[at] = e;
    return RP_OK;
}

static entry pop(trainer *t) {
    const entry top = t->heap[0], last = t->heap[--t->heap_count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < t->heap_count; at = child) {
        if (child + 1 < t->heap_count && precedes(t, t->heap[child + 1], t->heap[child])) child++;
        if (!precedes(t, t->heap[child], last)) break;
        t->heap[at] = t->heap[child];
    }
    t->heap[at] = last;
    return top;
}

static rp_status tell_heap(trainer *t) {
    for (size_t i = 0; i < t->touched_count; i++) {
        pair *p = &t->pairs[t->touched[i]];
        if (p->count > 0) RP_TRY(push(t, (entry){(uint64_t)p->count, t->touched[i], p->first}));
        p->first = p->last = none;
    }
    t->touched_count = 0;
    return RP_OK;
}

/* ---- Merging --------------------------------------------------------------------------------------------------- */

static bool is_short_enough(const trainer *t, int32_t a, int32_t b) {
    const size_t most = t->settings->max_token_length;
    return most == 0 || (size_t)t->characters[a] + t->characters[b] < most;
}

static rp_status merge_in_word(trainer *t, uint32_t word, int32_t left, int32_t right, int32_t made) {
    int32_t *s = t->symbols + t->offsets[word];
    uint32_t n = t->lengths[word];
    for (uint32_t i = 0; i + 1 < n; i++) {
        if (s[i] != left || s[i + 1] != right) continue;
        if (i > 0) {
            RP_TRY(change(t, s[i - 1], left, -1, word));
            if (is_short_enough(t, s[i - 1], made)) RP_TRY(change(t, s[i - 1], made, 1, word));
        }
        s[i] = made;
        n--;
        memmove(s + i + 1, s + i + 2, (n - i - 1) * sizeof *s);
        if (i + 1 < n) {
            RP_TRY(change(t, right, s[i + 1], -1, word));
            if (is_short_enough(t, s[i + 1], made)) RP_TRY(change(t, made, s[i + 1], 1, word));
        }
    }
    t->lengths[word] = n;
    return RP_OK;
}

static rp_status merge_top(trainer *t, entry top, rp_buffer *joined) {
    const int32_t left = t->pairs[top.pair].left, right = t->pairs[top.pair].right;
    int32_t made;
    joined->length = 0;
    rp_buffer_append(joined, t->texts[left].data, t->texts[left].length);
    rp_buffer_append(joined, t->texts[right].data, t->texts[right].length);
    RP_TRY(rp_buffer_status(joined));
    RP_TRY(add_token(t, (rp_str){joined->data, joined->length}, &made));
    t->merges = room(t->arena, t->merges, t->merge_count, &t->merge_capacity, sizeof *t->merges);
    RP_TRY_ALLOC(t->merges);
    t->merges[t->merge_count++] = (rp_merge){left, right, 0, made};
    for (uint32_t at = top.places; at != none; at = t->places[at].next)
        RP_TRY(merge_in_word(t, t->places[at].word, left, right, made));
    return tell_heap(t);
}

static rp_status learn(trainer *t) {
    rp_buffer joined = rp_buffer_in(t->arena);
    RP_TRY(count_pairs(t));
    RP_TRY(tell_heap(t));
    while (t->token_count < t->settings->vocab_size && t->heap_count > 0) {
        entry top = pop(t);
        const uint64_t count = (uint64_t)(int64_t)t->pairs[top.pair].count;
        if (top.count != count) {
            top.count = count;
            RP_TRY(push(t, top));
            continue;
        }
        if (count < 1 || count < t->settings->min_frequency) break;
        RP_TRY(merge_top(t, top, &joined));
    }
    return RP_OK;
}

/* ---- From corpus to tokenizer ---------------------------------------------------------------------------------- */

static rp_status prepare_tokens(trainer *t) {
    size_t specials = 0, symbols = 0;
    while (t->settings->specials && t->settings->specials[specials]) specials++;
    for (size_t w = 0; w < t->words.count; w++) symbols += t->words.texts[w].length;
    /* Every new token takes a merge, and every merge a symbol. */
    t->token_limit = specials + 256 + (t->settings->vocab_size < symbols ? t->settings->vocab_size : symbols) + 1;
    if (t->token_limit > INT32_MAX)
        return rp_fail(RP_ERR_LIMIT, "a vocabulary of %zu tokens is too large", t->settings->vocab_size);
    t->texts = rp_alloc(t->arena, rp_str, t->token_limit);
    t->characters = rp_alloc(t->arena, uint32_t, t->token_limit);
    RP_TRY_ALLOC(t->texts);
    RP_TRY_ALLOC(t->characters);
    return rp_text_map_init(&t->by_text, t->arena, t->texts, t->token_limit);
}

static rp_status list_specials(trainer *t, rp_token_source *source) {
    while (t->settings->specials && t->settings->specials[source->added_count]) source->added_count++;
    source->added = rp_alloc_zero(t->arena, rp_added_token, source->added_count + 1);
    RP_TRY_ALLOC(source->added);
    for (size_t i = 0; i < source->added_count; i++) {
        const int32_t id = rp_text_map_find(&t->by_text, rp_str_of(t->settings->specials[i]));
        source->added[i] = (rp_added_token){.content = t->texts[id], .id = id, .special = true};
    }
    return RP_OK;
}

static rp_status train(trainer *t, rp_token_source *source, const rp_str *texts, size_t count, rp_tokenizer **tokenizer) {
    int32_t ids[256];
    RP_TRY(rp_words_of(t->arena, &source->settings, texts, count, &t->words));
    RP_TRY(prepare_tokens(t));
    RP_TRY(add_specials(t));
    RP_TRY(spell_words(t, ids));
    RP_TRY(learn(t));
    RP_TRY(list_specials(t, source));
    source->texts = t->texts;
    source->count = t->token_count;
    source->merges = t->merges;
    source->merge_count = t->merge_count;
    RP_TRY(rp_tokenizer_build(t->result, source, tokenizer));
    rp_tokenizer_guess_ends(*tokenizer);
    return RP_OK;
}

rp_status rp_bpe_train(rp_arena *arena, const rp_bpe_training *settings, const rp_str *texts, size_t count,
                       rp_tokenizer **tokenizer) {
    static const struct {
        rp_splitting splitting;
        bool nfc, ignore_merges;
    } pipelines[] = {
        [RP_SPLIT_GPT2] = {{{SPLIT_GPT2}, 1}, false, false},
        [RP_SPLIT_SMOLLM] = {{{SPLIT_DIGIT, SPLIT_GPT2}, 2}, false, false},
        [RP_SPLIT_QWEN2] = {{{SPLIT_QWEN2}, 1}, true, false},
        [RP_SPLIT_LLAMA3] = {{{SPLIT_LLAMA3}, 1}, false, true},
    };
    RP_REQUIRE((size_t)settings->splitter < sizeof pipelines / sizeof *pipelines);
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    trainer t = {.settings = settings, .arena = rp_arena_create("BPE training", 0), .result = arena};
    RP_TRY_ALLOC(t.arena);
    rp_token_source source = {.source = "the trained tokenizer",
                              .settings = {.splitting = pipelines[settings->splitter].splitting,
                                           .nfc = pipelines[settings->splitter].nfc,
                                           .ignore_merges = pipelines[settings->splitter].ignore_merges,
                                           .bos = -1,
                                           .eos = -1}};
    const rp_status status = train(&t, &source, texts, count, tokenizer);
    if (status != RP_OK) rp_arena_rewind(arena, mark);
    rp_arena_destroy(t.arena);
    return status;
}
