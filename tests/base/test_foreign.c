/* SPDX-License-Identifier: MIT
 *
 * What lies in the place of a file is named, wherever files are read.
 */
#include "check.h"

#include <rephrase/json.h>

#include <string.h>

static void test_kinds_are_named_by_their_first_bytes(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *part;
    } cases[] = {
        {"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", 60, "is a Git LFS pointer"},
        {"\x1F\x8B\x08\x00", 4, "gzip -dc"},
        {"\x28\xB5\x2F\xFD", 4, "zstd -dc"},
        {"PAR1\x15\x04", 6, "read_parquet"},
        {"PK\x03\x04\x00\x00", 6, "a pickle of PyTorch"},
        {"\x80\x02\x8A\x0A", 4, "a pickle of PyTorch"},
        {"tjgg\x03\x00\x00\x00", 8, "from before GGUF"},
        {"fmgg\x01\x00\x00\x00", 8, "from before GGUF"},
        {"lmgg\x00\x7D\x00\x00", 8, "from before GGUF"},
        {"\xFF\xFE{\x00", 4, "iconv -f UTF-16"},
        {"<!DOCTYPE html>", 15, "a web page"},
        {"/annex/objects/MD5", 18, "git annex get"},
        {"\x93NUMPY\x01", 7, "a NumPy array"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_fails(rp_foreign_check("given", cases[i].bytes, cases[i].length), RP_ERR_FORMAT, cases[i].part);
    static const char *const ours[] = {"{\"a\": 1}", "[1]", "", "GGUF\3", "\x80", "PK", "version 2"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) assert_ok(rp_foreign_check("given", ours[i], strlen(ours[i])));
}

/* The one line of a file with these bytes. */
static rp_status first_line(const char *bytes, size_t n, rp_str *line) {
    static char kept[64];
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = temporary_path("foreign.jsonl");
    assert_ok(rp_file_write(arena, path, bytes, n));
    rp_line_reader reader;
    bool end = false;
    assert_ok(rp_lines_open(path, &reader));
    rp_status status = rp_lines_next(&reader, line, &end);
    if (status == RP_OK) {
        memcpy(kept, line->data, line->length);
        line->data = kept;
    }
    rp_lines_close(&reader);
    rp_arena_destroy(arena);
    return status;
}

static void test_lines_skip_a_byte_order_mark_and_name_other_kinds(void **state) {
    (void)state;
    rp_str line;
    assert_ok(first_line("\xEF\xBB\xBF{}\r\nx\n", 8, &line));
    assert_text(line, "{}");
    assert_ok(first_line("\xEF\xBB\xBF", 3, &line));
    assert_text(line, "");
    assert_fails(first_line("\x1F\x8B\x08\n", 4, &line), RP_ERR_FORMAT, "foreign.jsonl: is compressed with gzip");
    assert_fails(first_line("PAR1", 4, &line), RP_ERR_FORMAT, "a Parquet file");
}

static void test_json_skips_a_byte_order_mark_and_names_other_kinds(void **state) {
    (void)state;
    static const char marked[] = "\xEF\xBB\xBF{\"a\": 7}", pointer[] = "version https://git-lfs.github.com/spec/v1\n";
    rp_json_document *document = NULL;
    assert_ok(rp_json_parse(marked, sizeof marked - 1, "marked", &document));
    const rp_json root = rp_json_root(document), a = rp_json_key(&root, "a");
    int64_t value = 0;
    assert_ok(rp_json_get_int(&a, 0, 9, &value));
    assert_int_equal(value, 7);
    rp_json_free(document);
    assert_fails(rp_json_parse(pointer, sizeof pointer - 1, "config.json", &document), RP_ERR_FORMAT,
                 "config.json: is a Git LFS pointer: the file itself was not downloaded");
    assert_fails(rp_json_parse("{\"a\": -Infinity}", 16, "wide", &document), RP_ERR_FORMAT,
                 "JSON has no NaN and no infinity");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_are_named_by_their_first_bytes),
        cmocka_unit_test(test_lines_skip_a_byte_order_mark_and_name_other_kinds),
        cmocka_unit_test(test_json_skips_a_byte_order_mark_and_names_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
