/* SPDX-License-Identifier: MIT
 *
 * Training on the golden corpus gives the reference's vocabulary and merges, token by token.
 */
#include "golden.h"

static rp_str *read_corpus(golden *g, size_t *count) {
    const rp_json corpus = rp_json_key(&g->root, "corpus");
    *count = rp_json_length(&corpus);
    rp_str *texts = rp_alloc(g->arena, rp_str, *count);
    for (size_t i = 0; i < *count; i++) {
        const rp_json item = rp_json_at(&corpus, i);
        assert_ok(rp_json_get_string(&item, &texts[i]));
    }
    return texts;
}

static rp_bpe_training read_settings(golden *g, const rp_json *settings) {
    static const char *const splitters[] = {"gpt2", "smollm", "qwen2", "llama3"};
    const rp_json training = rp_json_key(settings, "training"), specials = rp_json_key(&training, "specials"),
                  whole = rp_json_key(&training, "whole_alphabet");
    const char **list = rp_alloc_zero(g->arena, const char *, rp_json_length(&specials) + 1);
    for (size_t i = 0; i < rp_json_length(&specials); i++) {
        const rp_json item = rp_json_at(&specials, i);
        rp_str text;
        assert_ok(rp_json_get_string(&item, &text));
        list[i] = rp_strndup(g->arena, text.data, text.length);
    }
    rp_bpe_training out = {.vocab_size = (size_t)int_at(&training, "vocab_size"),
                           .min_frequency = (size_t)int_at(&training, "min_frequency"),
                           .max_token_length = (size_t)int_at(&training, "max_token_length"),
                           .specials = list};
    assert_ok(rp_json_get_bool(&whole, &out.whole_alphabet));
    while (!rp_str_is(string_at(settings, "splitter"), splitters[out.splitter])) out.splitter++;
    return out;
}

static void test_vocabulary_and_merges_equal_the_reference(void **state) {
    (void)state;
    golden g = golden_open();
    size_t count;
    const rp_str *texts = read_corpus(&g, &count);
    for (size_t k = 0; k < 4; k++) {
        rp_json settings, cases;
        (void)golden_group(&g, k, &settings, &cases);
        const rp_bpe_training training = read_settings(&g, &settings);
        rp_tokenizer *trained;
        assert_ok(rp_bpe_train(g.arena, &training, texts, count, &trained));
        const char *path = temporary_path("trained.json");
        assert_ok(rp_tokenizer_save(g.arena, trained, path));
        rp_json_document *mine, *theirs;
        assert_ok(rp_json_load(path, &mine));
        const rp_str name = string_at(&settings, "splitter");
        assert_ok(rp_json_load(golden_tokenizer_path(rp_strndup(g.arena, name.data, name.length)), &theirs));
        const rp_json a = rp_json_root(mine), b = rp_json_root(theirs), a_model = rp_json_key(&a, "model"),
                      b_model = rp_json_key(&b, "model"), a_vocab = rp_json_key(&a_model, "vocab"),
                      b_vocab = rp_json_key(&b_model, "vocab"), a_merges = rp_json_key(&a_model, "merges"),
                      b_merges = rp_json_key(&b_model, "merges");
        assert_int_equal(rp_json_length(&a_vocab), rp_json_length(&b_vocab));
        assert_int_equal(rp_json_length(&a_merges), rp_json_length(&b_merges));
        assert_true(rp_json_length(&b_merges) > 100);
        rp_json_iterator iterator = {0};
        const char *key;
        rp_json id;
        while (rp_json_next_member(&b_vocab, &iterator, &key, &id)) {
            int64_t expected;
            assert_ok(rp_json_get_int(&id, 0, INT32_MAX, &expected));
            if (int_at(&a_vocab, key) != expected) fail_msg("token %s has another id", key);
        }
        for (size_t i = 0; i < rp_json_length(&b_merges); i++) {
            const rp_json x = rp_json_at(&a_merges, i), y = rp_json_at(&b_merges, i);
            for (size_t side = 0; side < 2; side++) {
                const rp_json p = rp_json_at(&x, side), q = rp_json_at(&y, side);
                rp_str s, t;
                assert_ok(rp_json_get_string(&p, &s));
                assert_ok(rp_json_get_string(&q, &t));
                if (!rp_str_equal(s, t)) fail_msg("merge %zu differs", i);
            }
        }
        rp_json_free(mine);
        rp_json_free(theirs);
    }
    golden_close(&g);
}

/* By hand: in "abababc" twice, ab is the most frequent pair (6), then abab (4 at first, 2 after overlaps are merged). */
static void test_small_corpus_by_hand(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *const specials[] = {"<s>", NULL};
    const rp_bpe_training training = {.vocab_size = 6, .specials = specials};
    const rp_str texts[] = {rp_str_of("abababc"), rp_str_of("abababc")};
    rp_tokenizer *t;
    assert_ok(rp_bpe_train(arena, &training, texts, 2, &t));
    static const char *const tokens[] = {"<s>", "a", "b", "c", "ab", "abab"};
    assert_int_equal(rp_tokenizer_size(t), 6);
    for (int32_t id = 0; id < 6; id++) {
        assert_text(rp_token_text(t, id), tokens[id]);
        assert_int_equal(rp_token_id(t, tokens[id]), id);
    }
    assert_true(rp_token_is_special(t, 0));
    assert_false(rp_token_is_special(t, 1));
    rp_arena_destroy(arena);
}

static void test_bad_corpus_and_settings_are_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *const empty[] = {"", NULL};
    const rp_str texts[] = {rp_str_of("good"), rp_str_of("ba\xFF")};
    rp_tokenizer *t = NULL;
    assert_fails(rp_bpe_train(arena, &(rp_bpe_training){.vocab_size = 10}, texts, 2, &t), RP_ERR_FORMAT,
                 "invalid UTF-8 at byte 2 of text 2");
    assert_fails(rp_bpe_train(arena, &(rp_bpe_training){.vocab_size = 10, .specials = empty}, texts, 1, &t),
                 RP_ERR_ARGUMENT, "special token");
    assert_null(t);
    assert_int_equal(rp_arena_used(arena), 0);
    rp_arena_destroy(arena);
}

/* An empty corpus leaves the alphabet, and that still encodes. */
static void test_empty_corpus_gives_bytes(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tokenizer *t;
    assert_ok(rp_bpe_train(arena, &(rp_bpe_training){.vocab_size = 1000, .whole_alphabet = true}, NULL, 0, &t));
    assert_int_equal(rp_tokenizer_size(t), 256);
    rp_encoding e;
    rp_str back;
    assert_ok(rp_encode(t, arena, rp_str_of("a\n\xC3\xA9"), NULL, &e));
    assert_int_equal(e.length, 4);
    assert_ok(rp_decode(t, arena, e.ids, e.length, false, &back));
    assert_text(back, "a\n\xC3\xA9");
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vocabulary_and_merges_equal_the_reference),
        cmocka_unit_test(test_small_corpus_by_hand),
        cmocka_unit_test(test_bad_corpus_and_settings_are_refused),
        cmocka_unit_test(test_empty_corpus_gives_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
