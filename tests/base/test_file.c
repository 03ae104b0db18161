/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <string.h>

static void test_a_written_file_maps_and_reads_back(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = temporary_path("file.bin");
    char bytes[70000];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * 31);
    assert_ok(rp_file_write(arena, path, bytes, sizeof bytes));
    rp_file_view view;
    assert_ok(rp_file_map(path, &view));
    assert_int_equal(view.size, sizeof bytes);
    assert_memory_equal(view.data, bytes, sizeof bytes);
    rp_file_unmap(&view);
    rp_str text;
    assert_ok(rp_file_read(arena, path, 0, &text));
    assert_int_equal(text.length, sizeof bytes);
    assert_memory_equal(text.data, bytes, sizeof bytes);
    assert_fails(rp_file_read(arena, path, 100, &text), RP_ERR_LIMIT, "larger than 100 bytes");
    rp_arena_destroy(arena);
}

static void test_an_abandoned_write_leaves_the_old_file(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = temporary_path("kept.txt");
    assert_ok(rp_file_write(arena, path, "old", 3));
    rp_file_writer writer;
    assert_ok(rp_writer_open(arena, path, &writer));
    rp_writer_write(&writer, "new", 3);
    assert_true(rp_file_exists(writer.temporary));
    char *temporary = rp_strdup(arena, writer.temporary);
    rp_writer_abandon(&writer);
    assert_false(rp_file_exists(temporary));
    rp_str text;
    assert_ok(rp_file_read(arena, path, 0, &text));
    assert_text(text, "old");
    rp_arena_destroy(arena);
}

static void test_a_full_disk_is_reported_and_leaves_nothing(void **state) {
    (void)state;
    if (!rp_file_exists("/dev/full")) skip();
    rp_arena *arena = rp_arena_create("test", 0);
    rp_file_writer writer = {0};
    writer.path = rp_strdup(arena, temporary_path("never.txt"));
    writer.temporary = rp_strdup(arena, temporary_path("never.tmp"));
    writer.stream = fopen("/dev/full", "wb");
    rp_writer_write(&writer, "text", 4);
    assert_fails(rp_writer_commit(&writer), RP_ERR_IO, "cannot write: No space left");
    assert_false(rp_file_exists(writer.path));
    rp_arena_destroy(arena);
}

static void test_what_is_not_there_is_named(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_file_view view = {0};
    rp_str text;
    rp_line_reader reader;
    rp_file_writer writer;
    assert_fails(rp_file_map("/no/such/file", &view), RP_ERR_IO, "/no/such/file: cannot open: No such file");
    assert_fails(rp_file_map("/", &view), RP_ERR_IO, "not a regular file");
    assert_fails(rp_file_read(arena, "/", 0, &text), RP_ERR_IO, "is a directory");
    assert_fails(rp_lines_open("/no/such/file", &reader), RP_ERR_IO, "/no/such/file");
    assert_fails(rp_writer_open(arena, "/no/such/folder/x", &writer), RP_ERR_IO, "/no/such/folder/x: cannot write");
    assert_fails(rp_make_directories("/proc/self/status/x"), RP_ERR_IO, "cannot make the directory");
    rp_arena_destroy(arena);
}

static void test_lines_of_all_endings(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = temporary_path("lines.txt");
    assert_ok(rp_file_write(arena, path, "one\r\n\ntw\0o\nlast", 15));
    rp_line_reader reader;
    assert_ok(rp_lines_open(path, &reader));
    static const struct {
        const char *text;
        size_t n;
    } expected[] = {{"one", 3}, {"", 0}, {"tw\0o", 4}, {"last", 4}};
    rp_str line;
    bool end;
    for (size_t i = 0; i < 4; i++) {
        assert_ok(rp_lines_next(&reader, &line, &end));
        assert_false(end);
        assert_int_equal(reader.number, i + 1);
        assert_true(rp_str_equal(line, (rp_str){expected[i].text, expected[i].n}));
    }
    assert_ok(rp_lines_next(&reader, &line, &end));
    assert_true(end);
    rp_lines_close(&reader);
    rp_arena_destroy(arena);
}

/* Lines that are refused, for their length or for want of memory, are not the end: the next one is read. */
static void test_a_refused_line_is_not_the_end(void **state) {
    (void)state;
    const char *path = temporary_path("long.txt");
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    static char piece[1 << 20];
    memset(piece, 'a', sizeof piece);
    (void)fputs("first\n", stream);
    for (int i = 0; i < 65; i++) assert_int_equal(fwrite(piece, 1, sizeof piece, stream), sizeof piece);
    (void)fputs("\nlast\n", stream);
    assert_int_equal(fclose(stream), 0);
    rp_line_reader reader;
    rp_str line;
    bool end;
    assert_ok(rp_lines_open(path, &reader));
    assert_ok(rp_lines_next(&reader, &line, &end));
    assert_true(rp_str_is(line, "first"));
    assert_fails(rp_lines_next(&reader, &line, &end), RP_ERR_LIMIT, "long.txt:2: the line is longer than 64 MiB");
    assert_ok(rp_lines_next(&reader, &line, &end));
    assert_true(!end && rp_str_is(line, "last") && reader.number == 3);
    assert_ok(rp_lines_next(&reader, &line, &end));
    assert_true(end);
    rp_lines_close(&reader);

    assert_ok(rp_lines_open(path, &reader)); /* now with no memory but that of a short line */
    rp_arena_destroy(reader.arena);
    reader.arena = rp_arena_create("small", 4096);
    reader.line = rp_buffer_in(reader.arena);
    assert_ok(rp_lines_next(&reader, &line, &end));
    assert_fails(rp_lines_next(&reader, &line, &end), RP_ERR_LIMIT, "longer than");
    assert_ok(rp_lines_next(&reader, &line, &end));
    assert_true(!end && rp_str_is(line, "last"));
    rp_lines_close(&reader);
    assert_int_equal(remove(path), 0);

    rp_arena *arena = rp_arena_create("test", 0);
    assert_ok(rp_file_write(arena, path, piece, sizeof piece));
    assert_ok(rp_lines_open(path, &reader));
    rp_arena_destroy(reader.arena);
    reader.arena = rp_arena_create("small", 4096);
    reader.line = rp_buffer_in(reader.arena);
    assert_fails(rp_lines_next(&reader, &line, &end), RP_ERR_MEMORY, "long.txt:1: no memory for a line of 1048576 bytes");
    assert_ok(rp_lines_next(&reader, &line, &end));
    assert_true(end);
    rp_lines_close(&reader);
    assert_int_equal(remove(path), 0);
    rp_arena_destroy(arena);
}

static void test_paths(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    assert_string_equal(rp_path_join(arena, "a/b", "c"), "a/b/c");
    assert_string_equal(rp_path_join(arena, "a/", "c"), "a/c");
    assert_string_equal(rp_path_join(arena, "a", "/c"), "/c");
    assert_string_equal(rp_path_directory(arena, "a/b/c"), "a/b");
    assert_string_equal(rp_path_directory(arena, "c"), ".");
    assert_string_equal(rp_path_directory(arena, "/c"), "/");
    assert_string_equal(rp_path_base("a/b/c"), "c");
    assert_true(rp_has_suffix("x.gguf", ".gguf") && !rp_has_suffix("gguf", ".gguf"));
    assert_ok(rp_make_directories(temporary_path("deep/er/still")));
    assert_true(rp_file_is_directory(temporary_path("deep/er/still")));
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_written_file_maps_and_reads_back),
        cmocka_unit_test(test_an_abandoned_write_leaves_the_old_file),
        cmocka_unit_test(test_a_full_disk_is_reported_and_leaves_nothing),
        cmocka_unit_test(test_what_is_not_there_is_named),
        cmocka_unit_test(test_lines_of_all_endings),
        cmocka_unit_test(test_a_refused_line_is_not_the_end),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
