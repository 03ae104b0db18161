/* SPDX-License-Identifier: MIT
 *
 * internal.h — what the files of this layer share: the tokenizer's tables and the steps of its pipeline.
 *
 *     text --added tokens--> gaps --NFC--> --added tokens--> gaps --splitting rules--> pieces --merges--> ids
 *
 * A tokenizer is built once and then only read, so that any number of threads can encode with it.
 */
#ifndef REPHRASE_TEXT_INTERNAL_H
#define REPHRASE_TEXT_INTERNAL_H

#include <rephrase/json.h>
#include <rephrase/text.h>

#include <string.h>

/* For "%.*s" in messages: texts come from hostile files, so at most 96 bytes of one are shown. */
#define SHOWN(text) (int)((text).length < 96 ? (text).length : 96), (text).data

/* ---- Classes of code points (unicode_classes.c, generated) ----------------------------------------------------- */

enum {
    CLASS_S = 1,  /* white space */
    CLASS_L = 2,  /* letter */
    CLASS_N = 4,  /* number */
    CLASS_D = 8,  /* number by Rust's newer tables */
    CLASS_M = 16, /* mark */
    CLASS_W = 32, /* part of a word */
    CLASS_X = 64, /* NFC may change it or what stands before it */
    CLASS_F = 128 /* NFC may change it together with an X behind it */
};
extern const uint8_t rp_class_top[2176], rp_class_leaf[], rp_class_ascii[128];
extern const uint16_t rp_class_middle[];

static inline unsigned class_of(uint32_t c) {
    if (c < 128) return rp_class_ascii[c];
    return rp_class_leaf[16u * rp_class_middle[32u * rp_class_top[c / 512] + c / 16 % 32] + c % 16];
}

/* The code point at text[0..) of text known to be valid, and its length: the fast form of rp_utf8_decode. */
static inline uint32_t next_code_point(const char *text, size_t *length) {
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) return *length = 1, s[0];
    if (s[0] < 0xE0) return *length = 2, (s[0] & 31u) << 6 | (s[1] & 63u);
    if (s[0] < 0xF0) return *length = 3, (s[0] & 15u) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u);
    return *length = 4, (s[0] & 7u) << 18 | (s[1] & 63u) << 12 | (s[2] & 63u) << 6 | (s[3] & 63u);
}

/* ---- The byte-level alphabet (alphabet.c) ---------------------------------------------------------------------- */

/* Appends the printable code points that stand for the bytes. */
void rp_alphabet_spell(rp_buffer *out, rp_str bytes);
/* The bytes that a spelled token stands for, into out[text.length]; their number, or SIZE_MAX when a character is outside
 * the alphabet. */
size_t rp_alphabet_read(rp_str text, char *out);

/* ---- Hash tables (tables.c) ------------------------------------------------------------------------------------ */

/* Texts to ids: slots of an open-addressing table hold ids, whose texts are in `texts`. */
typedef struct rp_text_map {
    int32_t *slots;
    size_t mask;
    const rp_str *texts;
} rp_text_map;

uint64_t rp_text_hash(const char *text, size_t length);
rp_status rp_text_map_init(rp_text_map *map, rp_arena *arena, const rp_str *texts, size_t count) RP_MUST_CHECK;
/* Adds id under texts[id]; returns the id that is already there under that text, or -1. */
int32_t rp_text_map_add(rp_text_map *map, int32_t id);
int32_t rp_text_map_find(const rp_text_map *map, rp_str text);
int32_t rp_text_map_find_hashed(const rp_text_map *map, rp_str text, uint64_t hash);

/* Pairs of neighbours to what they merge into. */
typedef struct rp_merge {
    int32_t left, right;
    uint32_t rank;
    int32_t id; /* of the merged token */
} rp_merge;
typedef struct rp_pair_map {
    rp_merge *slots; /* empty: left < 0 */
    size_t mask;
} rp_pair_map;

rp_status rp_pair_map_init(rp_pair_map *map, rp_arena *arena, size_t count) RP_MUST_CHECK;
/* The slot of the pair, or the empty one where it would go. */
static inline rp_merge *pair_slot(const rp_pair_map *map, int32_t left, int32_t right) {
    const uint64_t key = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    size_t at = (size_t)((key * 0x9E3779B97F4A7C15u) >> 32); /* 2^64 over the golden ratio [knuth1973] */
    for (;; at++) {
        rp_merge *slot = &map->slots[at & map->mask];
        if (slot->left < 0 || (slot->left == left && slot->right == right)) return slot;
    }
}

/* ---- Splitting rules (split.c) --------------------------------------------------------------------------------- */

typedef enum rp_split_kind {
    SPLIT_DIGIT,  /* each number by itself */
    SPLIT_DIGITS, /* runs of numbers */
    SPLIT_GPT2,
    SPLIT_QWEN2,
    SPLIT_LLAMA3,
    SPLIT_KINDS
} rp_split_kind;
/* The regular expression the rule stands for; NULL for the digit rules. */
const char *rp_split_pattern(rp_split_kind kind);
/* End of the piece that begins at `at` of text[0..end), at < end. */
size_t rp_split_next(rp_split_kind kind, const char *text, size_t at, size_t end);

enum { MAX_STEPS = 4 };
/* Steps are applied one after another, each to the pieces of the one before. */
typedef struct rp_splitting {
    rp_split_kind steps[MAX_STEPS];
    int count;
} rp_splitting;
/* A walk over the leaf pieces of one text. */
typedef struct rp_piece_walk {
    const rp_splitting *splitting;
    const char *text;
    size_t at, ends[MAX_STEPS + 1];
} rp_piece_walk;
rp_piece_walk rp_pieces(const rp_splitting *splitting, const char *text, size_t length);
/* The next piece; false at the end. */
bool rp_next_piece(rp_piece_walk *walk, rp_str *piece);

/* ---- The tokenizer (tokenizer.c) ------------------------------------------------------------------------------- */

enum {
    TOKEN_KNOWN = 1,
    TOKEN_MODEL = 2, /* in the model's vocabulary, not only added */
    TOKEN_SPECIAL = 4,
    TOKEN_WHOLE = 8 /* a piece of its bytes is this one token */
};

typedef struct rp_added_token {
    rp_str content; /* as the file gives it */
    rp_str form;    /* as it is matched and decoded: normalised, when it is matched in normalised text */
    int32_t id;
    bool special, normalized, single_word, lstrip, rstrip;
} rp_added_token;

/* A trie of added tokens' bytes: nodes hold their first child and next sibling. */
typedef struct rp_trie_node {
    unsigned char byte;
    int32_t child, sibling, token; /* -1 = none; token is an index into added */
} rp_trie_node;
typedef struct rp_trie {
    rp_trie_node *nodes;
    int32_t count;
    bool begins[256]; /* bytes that begin some token */
} rp_trie;

enum { MAX_TEMPLATE = 8 };

struct rp_tokenizer {
    size_t size;
    rp_str *texts; /* as stored; length 0 and not TOKEN_KNOWN in gaps of the numbering */
    rp_str *bytes; /* what decoding gives */
    unsigned char *flags;
    size_t vocabulary; /* tokens of the model proper */

    rp_text_map by_text;  /* the model's vocabulary */
    rp_text_map by_bytes; /* ordinary tokens whose text is spelled in the alphabet */
    rp_pair_map pairs;
    rp_merge *merges; /* by rank, as read */
    size_t merge_count;
    int32_t symbols[256];    /* the token of a single byte, -1 = missing: the byte is dropped */
    bool specials_can_merge; /* some merge or byte gives a special token: text encoded as plain must avoid it */

    rp_added_token *added; /* in id order */
    size_t added_count;
    rp_trie raw, normalized; /* tokens matched before and after normalisation */

    rp_splitting splitting;
    bool nfc, ignore_merges;
    int32_t prefix[MAX_TEMPLATE], suffix[MAX_TEMPLATE];
    int prefix_count, suffix_count;
    int32_t bos, eos;
    rp_str chat_template; /* length 0 = none */
};

/* What a loader or the trainer gathers; rp_tokenizer_build checks it and makes the tables. Texts must outlive the arena. */
typedef struct rp_token_source {
    const char *source;  /* for messages */
    const rp_str *texts; /* vocabulary by id; data NULL in gaps */
    size_t count;
    const rp_merge *merges; /* left, right, id set; rank is the index; of equal pairs the last counts */
    size_t merge_count;
    rp_added_token *added; /* ids set */
    size_t added_count;
    rp_tokenizer settings; /* splitting, nfc, ignore_merges, template, bos, eos, chat_template are taken from here */
} rp_token_source;
rp_status rp_tokenizer_build(rp_arena *arena, const rp_token_source *source, rp_tokenizer **tokenizer) RP_MUST_CHECK;

rp_status rp_tokenizer_read_json(rp_arena *arena, const char *path, rp_tokenizer **tokenizer) RP_MUST_CHECK;
rp_status rp_tokenizer_read_gguf(rp_arena *arena, const char *path, rp_tokenizer **tokenizer) RP_MUST_CHECK;

/* The ids of a merge given by its two texts; fails naming what the vocabulary lacks. */
rp_status rp_resolve_merge(const rp_text_map *vocabulary, rp_str left, rp_str right, rp_buffer *scratch,
                           rp_merge *merge) RP_MUST_CHECK;
/* "a b" into its two texts. */
rp_status rp_split_merge(rp_str both, rp_str *left, rp_str *right) RP_MUST_CHECK;
void rp_tokenizer_guess_ends(rp_tokenizer *tokenizer);
/* One entry of added_tokens or added_tokens_decoder, but for its id. */
rp_status rp_added_token_read(rp_arena *arena, const rp_json *at, rp_added_token *token) RP_MUST_CHECK;
/* Adds the tokens that stand only in tokenizer_config.json's added_tokens_decoder. */
rp_status rp_tokenizer_read_more_tokens(rp_arena *arena, const char *path, rp_token_source *source) RP_MUST_CHECK;
/* A template as Jinja sees it: every line ends in one line feed. (tokenizer_config.c) */
rp_status rp_template_keep(rp_arena *arena, rp_str text, rp_str *kept) RP_MUST_CHECK;
/* Begin and end tokens and the chat template, from the files that lie beside the tokenizer.json at `path`. */
rp_status rp_tokenizer_read_config(rp_arena *arena, const char *path, rp_tokenizer *tokenizer) RP_MUST_CHECK;

/* ---- Added tokens (added.c) ------------------------------------------------------------------------------------ */

rp_status rp_trie_build(rp_trie *trie, rp_arena *arena, const rp_added_token *added, size_t count,
                        bool normalized) RP_MUST_CHECK;
/* A walk over a text: alternately gaps and added tokens. */
typedef struct rp_added_walk {
    const rp_tokenizer *tokenizer;
    const rp_trie *trie;
    rp_str text;
    size_t gap;  /* where the gap before the next match begins */
    size_t scan; /* where to look for the next match */
    bool plain;  /* special tokens are ordinary text */
} rp_added_walk;
typedef struct rp_added_match {
    size_t gap_begin, begin, end; /* the gap is gap_begin..begin */
    int32_t id;                   /* -1 = none: the rest of the text is one gap */
} rp_added_match;
rp_added_walk rp_added_tokens(const rp_tokenizer *tokenizer, const rp_trie *trie, rp_str text, bool plain);
/* False when nothing is left. */
bool rp_next_added(rp_added_walk *walk, rp_added_match *match);

/* ---- Text with a memory of where it came from (nfc.c) ---------------------------------------------------------- */

typedef struct rp_mapped_text {
    rp_str text;
    const uint32_t *begin, *end; /* per byte: the range of the original it stands for; NULL: shifted by `shift` only */
    uint32_t shift;
} rp_mapped_text;
static inline uint32_t origin_begin(const rp_mapped_text *text, size_t at) {
    return text->begin ? text->begin[at] : text->shift + (uint32_t)at;
}
static inline uint32_t origin_end(const rp_mapped_text *text, size_t last) {
    return text->end ? text->end[last] : text->shift + (uint32_t)last + 1;
}
rp_mapped_text rp_mapped_slice(const rp_mapped_text *text, size_t begin, size_t end);
/* U+FFFD for each maximal ill-formed subpart. */
rp_status rp_replace_invalid(rp_arena *arena, rp_str text, bool map, rp_mapped_text *out) RP_MUST_CHECK;
rp_status rp_normalize_nfc(rp_arena *arena, const rp_mapped_text *in, bool map, rp_mapped_text *out) RP_MUST_CHECK;

/* ---- Merging (merge.c) ----------------------------------------------------------------------------------------- */

/* One token of a piece, as bytes from the piece's beginning. */
typedef struct rp_symbol {
    int32_t id;
    uint32_t begin, end;
} rp_symbol;
/* The one token that the whole piece is, or -1 when it takes merges to tell. hash: rp_text_hash of the piece. With plain
 * special tokens are never made, here and below. */
int32_t rp_whole_piece(const rp_tokenizer *tokenizer, rp_str piece, uint64_t hash, bool plain);
/* Merges the bytes of one piece into symbols[0..piece.length), which the caller provides; their number goes to *count.
 * Scratch for long pieces comes from the arena and is given back. */
rp_status rp_merge_piece(const rp_tokenizer *tokenizer, rp_arena *arena, rp_str piece, bool plain, rp_symbol *symbols,
                         size_t *count) RP_MUST_CHECK;

#endif
