/* SPDX-License-Identifier: MIT
 *
 * support_verify.h — one open work and the way from text to tree, for the tests of the layer's inside.
 */
#ifndef REPHRASE_TESTS_SUPPORT_VERIFY_H
#define REPHRASE_TESTS_SUPPORT_VERIFY_H

#include "check.h"

#include "parse/parse.h"

#include <string.h>

typedef struct bench {
    rp_arena *arena;
    rp_work work;
} bench;

static inline bench bench_open(void) {
    bench b = {.arena = rp_arena_create("test", 0)};
    b.work = (rp_work){.arena = b.arena,
                       .options = &rp_verify_defaults,
                       .steps = RP_LIMIT_STEPS,
                       .nodes = RP_LIMIT_NODES,
                       .scratch = rp_exact_open(b.arena)};
    return b;
}

static inline void bench_close(bench *b) {
    rp_exact_close(&b->work);
    rp_arena_destroy(b->arena);
}

static inline rp_tokens tokens_of(rp_work *work, const char *text) {
    rp_tokens tokens = {NULL, 0};
    const rp_folded folded = rp_unicode_fold(work, rp_str_of(text));
    if (!rp_lex(work, folded.text, &tokens)) fail_msg("\"%s\" exhausted a budget in the lexer", text);
    return tokens;
}

static inline const rp_node *tree_of(rp_work *work, const char *text) {
    const rp_parse_result result = rp_parse(work, tokens_of(work, text), true);
    if (!result.tree) fail_msg("\"%s\" was not understood at %zu", text, result.offset);
    if (!rp_tree_is_sound(result.tree)) fail_msg("the tree of \"%s\" breaks a rule of trees", text);
    return result.tree;
}

static inline const char *printed(rp_work *work, const rp_node *tree) {
    rp_buffer out = rp_buffer_in(work->arena);
    rp_tree_print(work, tree, &out);
    return out.data;
}

#endif
