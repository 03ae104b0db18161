/* SPDX-License-Identifier: MIT
 *
 * Ids and byte ranges equal the reference's; what the cache and the options promise holds.
 */
#include "golden.h"

/* The reference counts characters: a token that is part of one has the range of the whole. */
static void widen(rp_str text, uint32_t *begin, uint32_t *end) {
    while (*begin > 0 && *begin < text.length && ((unsigned char)text.data[*begin] & 0xC0) == 0x80) --*begin;
    while (*end < text.length && ((unsigned char)text.data[*end] & 0xC0) == 0x80) ++*end;
}

static void test_ids_and_ranges_equal_the_reference(void **state) {
    (void)state;
    golden g = golden_open();
    size_t ranges = 0;
    for (size_t k = 0; k < 4; k++) {
        rp_json settings, cases;
        const rp_tokenizer *tokenizer = golden_group(&g, k, &settings, &cases);
        for (size_t i = 0; i < rp_json_length(&cases); i++) {
            const rp_json one = rp_json_at(&cases, i), ids = rp_json_key(&one, "ids"),
                          offsets = rp_json_key(&one, "offsets");
            const rp_str text = string_at(&one, "text");
            rp_encoding with, without;
            assert_ok(
                rp_encode(tokenizer, g.arena, text, &(rp_encode_options){.offsets = true, .add_special = true}, &with));
            assert_ok(rp_encode(tokenizer, g.arena, text, &(rp_encode_options){.add_special = true}, &without));
            expect_ids(&ids, &with, text);
            expect_ids(&ids, &without, text);
            assert_null(without.begin);
            for (size_t t = 0; t < rp_json_length(&offsets); t++, ranges++) {
                const rp_json range = rp_json_at(&offsets, t);
                widen(text, &with.begin[t], &with.end[t]);
                if (int_item(&range, 0) != with.begin[t] || int_item(&range, 1) != with.end[t])
                    fail_msg("token %zu of \"%.*s\": bytes %u to %u", t, (int)text.length, text.data, with.begin[t],
                             with.end[t]);
            }
        }
    }
    assert_true(ranges > 3000);
    golden_close(&g);
}

/* Ranges cover the text in order, without gaps, also where normalisation composed characters. */
static void test_ranges_cover_the_text(void **state) {
    (void)state;
    golden g = golden_open();
    const rp_tokenizer *tokenizer = golden_tokenizer(g.arena, "qwen2");
    const rp_str text = rp_str_of("cafe\xCC\x81 au lait, nai\xCC\x88ve");
    rp_encoding e;
    assert_ok(rp_encode(tokenizer, g.arena, text, &(rp_encode_options){.offsets = true}, &e));
    uint32_t covered = 0;
    for (size_t i = 0; i < e.length; i++) {
        assert_true(e.begin[i] <= covered && e.end[i] > e.begin[i] && e.end[i] >= covered);
        covered = e.end[i];
    }
    assert_int_equal(covered, text.length);
    golden_close(&g);
}

/* A long run of marks in the worst order takes no longer than its length: above (230) and below (220) in turn become all below,
 * then all above. */
static void test_long_runs_of_marks_are_ordered(void **state) {
    (void)state;
    golden g = golden_open();
    enum { TURNS = 200000 };
    const rp_tokenizer *tokenizer = golden_tokenizer(g.arena, "qwen2");
    rp_buffer mixed = rp_buffer_in(g.arena), ordered = rp_buffer_in(g.arena);
    rp_buffer_char(&mixed, 'q');
    rp_buffer_char(&ordered, 'q');
    for (int i = 0; i < TURNS; i++) rp_buffer_text(&mixed, "\xCC\x8D\xCC\xA5");
    for (int i = 0; i < TURNS; i++) rp_buffer_text(&ordered, "\xCC\xA5");
    for (int i = 0; i < TURNS; i++) rp_buffer_text(&ordered, "\xCC\x8D");
    rp_encoding a, b;
    assert_ok(rp_encode(tokenizer, g.arena, (rp_str){mixed.data, mixed.length}, NULL, &a));
    assert_ok(rp_encode(tokenizer, g.arena, (rp_str){ordered.data, ordered.length}, NULL, &b));
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.ids, b.ids, a.length * sizeof *a.ids);
    golden_close(&g);
}

/* One long text of all cases joined is encoded with the cache; cut at the pieces' ends it must give the same ids. */
static void test_cache_changes_nothing(void **state) {
    (void)state;
    golden g = golden_open();
    const rp_json corpus = rp_json_key(&g.root, "corpus");
    for (size_t k = 0; k < 4; k++) {
        rp_json settings, cases;
        const rp_tokenizer *tokenizer = golden_group(&g, k, &settings, &cases);
        rp_buffer all = rp_buffer_in(g.arena);
        for (int turn = 0; turn < 30; turn++) {
            for (size_t i = 0; i < rp_json_length(&corpus); i++) {
                const rp_json item = rp_json_at(&corpus, i);
                rp_str text;
                assert_ok(rp_json_get_string(&item, &text));
                rp_buffer_append(&all, text.data, text.length);
            }
        }
        rp_encoding cached, ranged;
        const rp_str text = {all.data, all.length};
        assert_ok(rp_encode(tokenizer, g.arena, text, NULL, &cached));
        assert_ok(rp_encode(tokenizer, g.arena, text, &(rp_encode_options){.offsets = true}, &ranged)); /* no cache */
        assert_int_equal(cached.length, ranged.length);
        assert_memory_equal(cached.ids, ranged.ids, cached.length * sizeof *cached.ids);
        assert_true(cached.length > 10000);
    }
    golden_close(&g);
}

static void test_invalid_utf8_is_refused_or_replaced(void **state) {
    (void)state;
    golden g = golden_open();
    const rp_tokenizer *tokenizer = golden_tokenizer(g.arena, "gpt2");
    rp_encoding e = {.length = 77}, expected;
    assert_fails(rp_encode(tokenizer, g.arena, rp_str_of("abc\xC3(def"), NULL, &e), RP_ERR_FORMAT,
                 "invalid UTF-8 at byte 3");
    assert_int_equal(e.length, 77);
    const rp_encode_options replace = {.replace_invalid = true, .offsets = true};
    assert_ok(rp_encode(tokenizer, g.arena, rp_str_of("abc\xC3(def\xE2\x82"), &replace, &e));
    assert_ok(rp_encode(tokenizer, g.arena, rp_str_of("abc\xEF\xBF\xBD(def\xEF\xBF\xBD"), NULL, &expected));
    assert_int_equal(e.length, expected.length);
    assert_memory_equal(e.ids, expected.ids, e.length * sizeof *e.ids);
    assert_int_equal(e.end[e.length - 1], 10); /* the two bytes that one U+FFFD replaced */
    assert_int_equal(e.begin[e.length - 1], 8);
    golden_close(&g);
}

/* In plain text no special token can arise, neither found whole nor merged from pieces ("the" and "ab" are special here).
 */
static void test_plain_text_never_becomes_special(void **state) {
    (void)state;
    golden g = golden_open();
    static const char *const texts[] = {"<|endoftext|>", "the <|begin_of_text|> the ab abab the", "the", "ab",
                                        "<|endoftext|><|endoftext|>"};
    static const char *const names[] = {"gpt2", "smollm", "qwen2", "llama3"};
    for (size_t k = 0; k < 4; k++) {
        const rp_tokenizer *tokenizer = golden_tokenizer(g.arena, names[k]);
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            rp_encoding plain, open;
            rp_str back;
            assert_ok(rp_encode(tokenizer, g.arena, rp_str_of(texts[i]), &(rp_encode_options){.plain = true}, &plain));
            assert_ok(rp_encode(tokenizer, g.arena, rp_str_of(texts[i]), NULL, &open));
            for (size_t t = 0; t < plain.length; t++) assert_false(rp_token_is_special(tokenizer, plain.ids[t]));
            assert_ok(rp_decode(tokenizer, g.arena, plain.ids, plain.length, true, &back));
            if (k != 1) assert_text(back, texts[i]); /* smollm's alphabet lacks < and | */
            if (k == 3 || i == 0) assert_true(rp_token_is_special(tokenizer, open.ids[0]));
        }
    }
    golden_close(&g);
}

static void test_published_cases_are_equal(void **state) {
    (void)state;
    static const char *const tokenizer_name = "data/tokenizer/smollm2_tokenizer.json";
    const char *cases_path = shared_path("data/tokenizer/smollm2_cases.jsonl");
    if (!cases_path) skip();
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tokenizer *tokenizer;
    assert_ok(rp_tokenizer_load(arena, shared_path(tokenizer_name), &tokenizer));
    rp_line_reader reader;
    rp_str line;
    bool end = false;
    size_t count = 0;
    assert_ok(rp_lines_open(cases_path, &reader));
    for (;; count++) {
        assert_ok(rp_lines_next(&reader, &line, &end));
        if (end) break;
        rp_json_document *document;
        assert_ok(rp_json_parse(line.data, line.length, "case", &document));
        const rp_json root = rp_json_root(document), ids = rp_json_key(&root, "ids"),
                      decoded = rp_json_key(&root, "decoded");
        const rp_str text = string_at(&root, "text");
        rp_encoding e;
        rp_str back, wanted = text;
        assert_ok(rp_encode(tokenizer, arena, text, NULL, &e));
        expect_ids(&ids, &e, text);
        assert_ok(rp_json_opt_string(&decoded, &wanted));
        assert_ok(rp_decode(tokenizer, arena, e.ids, e.length, false, &back));
        assert_true(rp_str_equal(back, wanted));
        rp_json_free(document);
    }
    rp_lines_close(&reader);
    assert_int_equal(count, 600);
    rp_arena_destroy(arena);
}

static void test_published_invalid_bytes_are_equal(void **state) {
    (void)state;
    const char *path = shared_path("data/tokenizer/tokenizer_invalid_utf8.jsonl");
    if (!path) skip();
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tokenizer *tokenizer;
    assert_ok(rp_tokenizer_load(arena, shared_path("data/tokenizer/smollm2_tokenizer.json"), &tokenizer));
    rp_line_reader reader;
    rp_str line;
    bool end = false;
    size_t count = 0;
    assert_ok(rp_lines_open(path, &reader));
    for (;; count++) {
        assert_ok(rp_lines_next(&reader, &line, &end));
        if (end) break;
        rp_json_document *document;
        assert_ok(rp_json_parse(line.data, line.length, "case", &document));
        const rp_json root = rp_json_root(document), ids = rp_json_key(&root, "ids"), valid = rp_json_key(&root, "valid");
        const rp_str hex = string_at(&root, "hex");
        char *bytes = rp_alloc(arena, char, hex.length / 2 + 1);
        for (size_t i = 0; i < hex.length / 2; i++) {
            unsigned value;
            assert_int_equal(sscanf(hex.data + 2 * i, "%2x", &value), 1);
            bytes[i] = (char)value;
        }
        rp_encoding e;
        bool is_valid;
        const rp_str text = {bytes, hex.length / 2};
        assert_ok(rp_encode(tokenizer, arena, text, &(rp_encode_options){.replace_invalid = true}, &e));
        expect_ids(&ids, &e, hex);
        assert_ok(rp_json_get_bool(&valid, &is_valid));
        assert_int_equal(rp_encode(tokenizer, arena, text, NULL, &e), is_valid ? RP_OK : RP_ERR_FORMAT);
        rp_json_free(document);
    }
    rp_lines_close(&reader);
    assert_int_equal(count, 100);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_and_ranges_equal_the_reference),
        cmocka_unit_test(test_ranges_cover_the_text),
        cmocka_unit_test(test_long_runs_of_marks_are_ordered),
        cmocka_unit_test(test_cache_changes_nothing),
        cmocka_unit_test(test_invalid_utf8_is_refused_or_replaced),
        cmocka_unit_test(test_plain_text_never_becomes_special),
        cmocka_unit_test(test_published_cases_are_equal),
        cmocka_unit_test(test_published_invalid_bytes_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
