/* SPDX-License-Identifier: MIT
 *
 * A saved tokenizer is the same tokenizer: every golden case gives the same ids, and saving again the same bytes.
 */
#include "golden.h"

static void test_saved_and_loaded_again_is_the_same(void **state) {
    (void)state;
    golden g = golden_open();
    for (size_t k = 0; k < 4; k++) {
        rp_json settings, cases;
        const rp_tokenizer *first = golden_group(&g, k, &settings, &cases);
        const char *path = rp_strdup(g.arena, temporary_path("saved.json")),
                   *twice = rp_strdup(g.arena, temporary_path("twice.json"));
        rp_tokenizer *second;
        rp_str a, b;
        assert_ok(rp_tokenizer_save(g.arena, first, path));
        assert_ok(rp_tokenizer_load(g.arena, path, &second));
        assert_ok(rp_tokenizer_save(g.arena, second, twice));
        assert_ok(rp_file_read(g.arena, path, 0, &a));
        assert_ok(rp_file_read(g.arena, twice, 0, &b));
        assert_true(rp_str_equal(a, b));
        for (size_t i = 0; i < rp_json_length(&cases); i++) {
            const rp_json one = rp_json_at(&cases, i), ids = rp_json_key(&one, "ids");
            rp_encoding e;
            assert_ok(rp_encode(second, g.arena, string_at(&one, "text"), &(rp_encode_options){.add_special = true}, &e));
            expect_ids(&ids, &e, string_at(&one, "text"));
        }
    }
    golden_close(&g);
}

static void test_unwritable_path_is_reported(void **state) {
    (void)state;
    golden g = golden_open();
    const rp_tokenizer *tokenizer = golden_tokenizer(g.arena, "gpt2");
    assert_fails(rp_tokenizer_save(g.arena, tokenizer, "no/such/folder/tokenizer.json"), RP_ERR_IO, "no/such/folder");
    golden_close(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saved_and_loaded_again_is_the_same),
        cmocka_unit_test(test_unwritable_path_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
