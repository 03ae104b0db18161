/* SPDX-License-Identifier: MIT
 *
 * Decoding equals the reference's, at once and token by token.
 */
#include "golden.h"

static int32_t *ids_of(golden *g, const rp_json *one, size_t *n) {
    const rp_json at = rp_json_key(one, "ids");
    *n = rp_json_length(&at);
    int32_t *ids = rp_alloc(g->arena, int32_t, *n + 1);
    for (size_t i = 0; i < *n; i++) ids[i] = (int32_t)int_item(&at, i);
    return ids;
}

static void test_text_equals_the_reference(void **state) {
    (void)state;
    golden g = golden_open();
    for (size_t k = 0; k < 4; k++) {
        rp_json settings, cases;
        const rp_tokenizer *tokenizer = golden_group(&g, k, &settings, &cases);
        for (size_t i = 0; i < rp_json_length(&cases); i++) {
            const rp_json one = rp_json_at(&cases, i);
            size_t n;
            const int32_t *ids = ids_of(&g, &one, &n);
            rp_str text;
            assert_ok(rp_decode(tokenizer, g.arena, ids, n, false, &text));
            assert_true(rp_str_equal(text, string_at(&one, "decoded")));
            assert_ok(rp_decode(tokenizer, g.arena, ids, n, true, &text));
            assert_true(rp_str_equal(text, string_at(&one, "skipped")));
        }
    }
    golden_close(&g);
}

/* Whatever ids come, in whatever order: the parts of a stream joined are the whole, and each part is valid UTF-8. */
static void test_stream_equals_whole(void **state) {
    (void)state;
    golden g = golden_open();
    const rp_tokenizer *tokenizer = golden_tokenizer(g.arena, "gpt2");
    rp_rng rng = rp_rng_stream(1, RP_RNG_TEST, 0, 0, 0);
    for (int turn = 0; turn < 3000; turn++) {
        const rp_arena_mark mark = rp_arena_get_mark(g.arena);
        int32_t ids[12];
        const size_t n = 1 + rp_rng_below(&rng, 12);
        /* Mostly single bytes (ids 1 to 256), so that characters are cut and broken in every way. */
        for (size_t i = 0; i < n; i++)
            ids[i] = (int32_t)rp_rng_below(&rng, rp_rng_below(&rng, 4) ? 257 : (uint32_t)rp_tokenizer_size(tokenizer));
        rp_str whole;
        assert_ok(rp_decode(tokenizer, g.arena, ids, n, turn % 2, &whole));
        rp_buffer joined = rp_buffer_in(g.arena);
        rp_decode_stream stream = rp_decode_begin(tokenizer, turn % 2);
        for (size_t i = 0; i <= n; i++) {
            const size_t before = joined.length;
            rp_buffer_append(&joined, "", 0); /* so that data is not NULL */
            if (i < n)
                rp_decode_push(&stream, ids[i], &joined);
            else
                rp_decode_finish(&stream, &joined);
            assert_int_equal(rp_utf8_valid_prefix(joined.data + before, joined.length - before), joined.length - before);
        }
        assert_true(rp_str_equal(whole, (rp_str){joined.data, joined.length}));
        rp_arena_rewind(g.arena, mark);
    }
    golden_close(&g);
}

/* The bytes of one character arrive one by one: nothing comes out until the last. */
static void test_stream_holds_back_an_unfinished_character(void **state) {
    (void)state;
    golden g = golden_open();
    const rp_tokenizer *tokenizer = golden_tokenizer(g.arena, "gpt2");
    rp_encoding e;
    assert_ok(rp_encode(tokenizer, g.arena, rp_str_of("\xF0\x9D\x85\xA8"), NULL, &e)); /* U+1D168, in no merge */
    assert_int_equal(e.length, 4);
    rp_buffer out = rp_buffer_in(g.arena);
    rp_decode_stream stream = rp_decode_begin(tokenizer, false);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(out.length, 0);
        rp_decode_push(&stream, e.ids[i], &out);
    }
    assert_int_equal(out.length, 4);
    rp_decode_push(&stream, e.ids[0], &out);
    rp_decode_finish(&stream, &out);
    assert_memory_equal(out.data + 4, "\xEF\xBF\xBD", 3);
    golden_close(&g);
}

/* As in the reference: a padded embedding has rows that no token owns, and a model may sample them. */
static void test_unknown_ids_stand_for_nothing(void **state) {
    (void)state;
    golden g = golden_open();
    const rp_tokenizer *tokenizer = golden_tokenizer(g.arena, "gpt2");
    const int32_t size = (int32_t)rp_tokenizer_size(tokenizer), ids[] = {size, 5, -1, size + 1000, 5}, known[] = {5, 5};
    rp_str text, without;
    assert_false(rp_token_is_known(tokenizer, size) || rp_token_is_known(tokenizer, -1));
    assert_true(rp_token_is_known(tokenizer, 5));
    assert_int_equal(rp_token_text(tokenizer, size).length, 0);
    assert_ok(rp_decode(tokenizer, g.arena, ids, 5, true, &text));
    assert_ok(rp_decode(tokenizer, g.arena, known, 2, true, &without));
    assert_true(rp_str_equal(text, without) && text.length > 0);
    rp_buffer out = rp_buffer_in(g.arena);
    rp_decode_stream stream = rp_decode_begin(tokenizer, true);
    for (size_t i = 0; i < 5; i++) rp_decode_push(&stream, ids[i], &out);
    rp_decode_finish(&stream, &out);
    assert_true(rp_str_equal((rp_str){out.data, out.length}, without));
    golden_close(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_equals_the_reference),
        cmocka_unit_test(test_stream_equals_whole),
        cmocka_unit_test(test_stream_holds_back_an_unfinished_character),
        cmocka_unit_test(test_unknown_ids_stand_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
