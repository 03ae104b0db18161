/* SPDX-License-Identifier: MIT
 *
 * Opening by content, directories, and an index of several files.
 */
#define SCRATCH "tensor_file"
#include "files.h"

#define ONE(name) "{\"" name "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"

static const char *write_text(rp_arena *arena, const char *name, const char *text) {
    return write_bytes(arena, name, text, strlen(text));
}

static void test_index_joins_the_files_it_names(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *first = write_safetensors_text(arena, "one.safetensors", ONE("a"), 4);
    write_safetensors_text(arena, "two.safetensors", ONE("b"), 4);
    write_text(arena, "model.safetensors.index.json",
               "{\"metadata\":{},\"weight_map\":{\"b\":\"two.safetensors\",\"a\":\"one.safetensors\"}}");
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, rp_path_directory(arena, first), &file));
    assert_int_equal(rp_tensors_count(file), 2);
    assert_string_equal(rp_path_base(rp_tensors_find(file, "a")->file), "one.safetensors");
    assert_string_equal(rp_path_base(rp_tensors_find(file, "b")->file), "two.safetensors");
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

static void test_faulty_indices_are_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    write_safetensors_text(arena, "one.safetensors", ONE("a"), 4);
    write_safetensors_text(arena, "again.safetensors", ONE("a"), 4);
    static const struct {
        const char *text;
        rp_status status;
        const char *sentence;
    } cases[] = {
        {"{\"weight_map\":", RP_ERR_FORMAT, ""},
        {"{\"weights\":{}}", RP_ERR_FORMAT, "weight_map"},
        {"{\"weight_map\":{}}", RP_ERR_FORMAT, "the weight_map is empty"},
        {"{\"weight_map\":{\"a\":7}}", RP_ERR_FORMAT, "a string"},
        {"{\"weight_map\":{\"a\":\"../one.safetensors\"}}", RP_ERR_FORMAT, "is not the name of a file beside the index"},
        {"{\"weight_map\":{\"a\":\"/etc/passwd\"}}", RP_ERR_FORMAT, "is not the name of a file beside the index"},
        {"{\"weight_map\":{\"a\":\"\"}}", RP_ERR_FORMAT, "is not the name of a file beside the index"},
        {"{\"weight_map\":{\"c\":\"one.safetensors\"}}", RP_ERR_FORMAT, "tensor c is not in one.safetensors"},
        {"{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"again.safetensors\"}}", RP_ERR_FORMAT,
         "tensor a occurs twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refusal(arena, write_text(arena, "bad.index.json", cases[i].text), cases[i].status, cases[i].sentence);
    rp_tensor_file *file = NULL;
    const char *path = write_text(arena, "absent.index.json", "{\"weight_map\":{\"a\":\"nowhere.safetensors\"}}");
    assert_int_equal(rp_tensors_open(arena, path, &file), RP_ERR_IO);
    assert_non_null(strstr(rp_last_error(), "nowhere.safetensors"));
    rp_arena_destroy(arena);
}

static void test_other_files_are_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    expect_refusal(arena, write_text(arena, "note.txt", "just some text"), RP_ERR_FORMAT, "neither GGUF nor safetensors");
    expect_refusal(arena, write_text(arena, "empty", ""), RP_ERR_FORMAT, "neither GGUF nor safetensors");
    expect_refusal(arena, scratch_path(arena, "absent"), RP_ERR_IO, "absent");
    const char *bare = scratch_path(arena, "bare");
    assert_ok(rp_make_directories(bare));
    expect_refusal(arena, bare, RP_ERR_IO, "holds neither model.safetensors.index.json nor model.safetensors");
    rp_tensors_close(NULL);
    rp_arena_destroy(arena);
}

/* A name given back after failure: the arena is where it was. */
static void test_failure_leaves_the_arena_alone(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = write_safetensors_text(arena, "cut.safetensors", ONE("a"), 3);
    const size_t used = rp_arena_used(arena);
    rp_tensor_file *file = NULL;
    assert_int_equal(rp_tensors_open(arena, path, &file), RP_ERR_FORMAT);
    assert_int_equal(rp_arena_used(arena), used);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index_joins_the_files_it_names),
        cmocka_unit_test(test_faulty_indices_are_refused),
        cmocka_unit_test(test_other_files_are_refused),
        cmocka_unit_test(test_failure_leaves_the_arena_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
