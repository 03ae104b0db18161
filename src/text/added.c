/* SPDX-License-Identifier: MIT
 *
 * added.c — finding added tokens ("<|im_end|>") in a text: at the leftmost place where one begins, the longest.
 *
 * As in the reference, a match that its conditions then refuse (single_word beside a letter, a special token in plain text)
 * still uses up its characters: no other token is looked for inside it. lstrip and rstrip draw the white space beside the
 * token into it, but not past the match before.
 */
#include "internal.h"

static int32_t find_child(const rp_trie *trie, int32_t node, unsigned char byte) {
    int32_t child = trie->nodes[node].child;
    while (child >= 0 && trie->nodes[child].byte != byte) child = trie->nodes[child].sibling;
    return child;
}

static void insert(rp_trie *trie, rp_str content, int32_t token) {
    int32_t node = 0;
    for (size_t i = 0; i < content.length; i++) {
        const unsigned char byte = (unsigned char)content.data[i];
        int32_t child = find_child(trie, node, byte);
        if (child < 0) {
            child = trie->count++;
            trie->nodes[child] = (rp_trie_node){byte, -1, trie->nodes[node].child, -1};
            trie->nodes[node].child = child;
        }
        node = child;
    }
    trie->nodes[node].token = token;
    trie->begins[(unsigned char)content.data[0]] = true;
}

rp_status rp_trie_build(rp_trie *trie, rp_arena *arena, const rp_added_token *added, size_t count, bool normalized) {
    size_t bytes = 1;
    for (size_t i = 0; i < count; i++)
        if (added[i].normalized == normalized) bytes += added[i].form.length;
    *trie = (rp_trie){.nodes = rp_alloc(arena, rp_trie_node, bytes), .count = 1};
    RP_TRY_ALLOC(trie->nodes);
    trie->nodes[0] = (rp_trie_node){0, -1, -1, -1};
    for (size_t i = 0; i < count; i++)
        if (added[i].normalized == normalized) insert(trie, added[i].form, (int32_t)i);
    return RP_OK;
}

/* The longest token that begins at `at`, or -1; *end behind it. */
static int32_t longest_at(const rp_trie *trie, rp_str text, size_t at, size_t *end) {
    int32_t found = -1;
    for (int32_t node = 0; at < text.length;) {
        node = find_child(trie, node, (unsigned char)text.data[at++]);
        if (node < 0) break;
        if (trie->nodes[node].token < 0) continue;
        found = trie->nodes[node].token;
        *end = at;
    }
    return found;
}

/* Class of the character that ends at `at`, that begins at `at`; 0 at the ends of the text. */
static unsigned class_before(rp_str text, size_t at, size_t *begin) {
    if (at == 0) return 0;
    size_t start = at - 1, length;
    while (start > 0 && ((unsigned char)text.data[start] & 0xC0) == 0x80) start--;
    *begin = start;
    return class_of(next_code_point(text.data + start, &length));
}

static unsigned class_after(rp_str text, size_t at, size_t *end) {
    if (at >= text.length) return 0;
    size_t length;
    const unsigned class = class_of(next_code_point(text.data + at, &length));
    *end = at + length;
    return class;
}

static bool is_refused(const rp_added_token *token, const rp_added_walk *walk, size_t begin, size_t end) {
    size_t ignored;
    if (walk->plain && token->special) return true;
    if (!token->single_word) return false;
    return (class_before(walk->text, begin, &ignored) | class_after(walk->text, end, &ignored)) & CLASS_W;
}

rp_added_walk rp_added_tokens(const rp_tokenizer *tokenizer, const rp_trie *trie, rp_str text, bool plain) {
    return (rp_added_walk){.tokenizer = tokenizer, .trie = trie, .text = text, .plain = plain};
}

/* False when white space that the match before drew in leaves nothing of this one. */
static bool accept(rp_added_walk *walk, const rp_added_token *token, size_t begin, size_t end, rp_added_match *match) {
    size_t next;
    if (token->lstrip) {
        while (begin > walk->gap && class_before(walk->text, begin, &next) & CLASS_S) begin = next;
        if (begin < walk->gap) begin = walk->gap;
    }
    if (token->rstrip)
        while (class_after(walk->text, end, &next) & CLASS_S) end = next;
    if (begin >= end) return false;
    *match = (rp_added_match){begin < walk->gap ? begin : walk->gap, begin, end, token->id};
    walk->gap = end;
    return true;
}

bool rp_next_added(rp_added_walk *walk, rp_added_match *match) {
    const rp_str text = walk->text;
    for (size_t at = walk->scan; at < text.length; at++) {
        if (!walk->trie->begins[(unsigned char)text.data[at]]) continue;
        size_t end = at;
        const int32_t index = longest_at(walk->trie, text, at, &end);
        if (index < 0) continue;
        const rp_added_token *token = &walk->tokenizer->added[index];
        if (!is_refused(token, walk, at, end) && accept(walk, token, at, end, match)) {
            walk->scan = end;
            return true;
        }
        at = end - 1;
    }
    walk->scan = text.length;
    if (walk->gap >= text.length) return false;
    *match = (rp_added_match){walk->gap, text.length, text.length, -1};
    walk->gap = text.length;
    return true;
}
