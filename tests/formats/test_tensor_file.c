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
    expect_refusal(arena, bare, RP_ERR_IO, "holds neither model.safetensors nor model.safetensors.index.json");
    rp_tensors_close(NULL);
    rp_arena_destroy(arena);
}

static void test_what_lies_in_the_place_of_a_checkpoint_is_named(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 269060552\n";
    expect_refusal(arena, write_text(arena, "lfs.safetensors", pointer), RP_ERR_FORMAT, "is a Git LFS pointer");
    expect_refusal(arena, write_text(arena, "lfs.gguf", pointer), RP_ERR_FORMAT, "is a Git LFS pointer");
    expect_refusal(arena, write_bytes(arena, "pytorch_model.bin", "PK\3\4\0\0\0\0archive/data.pkl", 24), RP_ERR_FORMAT,
                   "a pickle");
    expect_refusal(arena, write_bytes(arena, "old.bin", "\x80\x02\x8A\x0Al\xFC\x9C\x46", 8), RP_ERR_FORMAT, "a pickle");
    expect_refusal(arena, write_bytes(arena, "old.ggml", "tjgg\3\0\0\0\0\0", 10), RP_ERR_FORMAT, "from before GGUF");
    const char *part = write_safetensors_text(arena, "model-00002-of-00003.safetensors", ONE("a"), 4);
    expect_refusal(arena, part, RP_ERR_FORMAT, "is part 2 of 3 of a checkpoint");
    /* a header of 640 bytes begins with the bytes of a pickle */
    rp_buffer long_header = rp_buffer_in(arena);
    rp_buffer_text(&long_header, ONE("a"));
    while (long_header.length < 640) rp_buffer_char(&long_header, ' ');
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, write_safetensors_text(arena, "long.safetensors", long_header.data, 4), &file));
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

/* A directory of its own with one file. */
static const char *folder_with(rp_arena *arena, const char *folder, const char *name) {
    const char *path = scratch_path(arena, folder);
    assert_ok(rp_make_directories(path));
    assert_ok(rp_file_write(arena, rp_path_join(arena, path, name), "x", 1));
    return path;
}

static void test_directories_say_what_they_hold_instead(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    expect_refusal(arena, folder_with(arena, "torch", "pytorch_model.bin"), RP_ERR_UNSUPPORTED,
                   "pytorch_model.bin, a pickle");
    expect_refusal(arena, folder_with(arena, "lora", "adapter_model.safetensors"), RP_ERR_UNSUPPORTED, "an adapter (LoRA)");
    expect_refusal(arena, folder_with(arena, "quant", "m.Q4_K_M.gguf"), RP_ERR_IO,
                   "holds m.Q4_K_M.gguf: name the file itself");
    expect_refusal(arena, folder_with(arena, "parts", "model-00001-of-00002.safetensors"), RP_ERR_IO,
                   "one part of several, but no model.safetensors.index.json");
    rp_arena_destroy(arena);
}

static void remember(void *context, rp_log_level level, const char *message) {
    (void)snprintf(context, 512, "%d %s", (int)level, message);
}

static void test_a_single_file_counts_before_an_index_and_says_so(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *folder = scratch_path(arena, "stale");
    assert_ok(rp_make_directories(folder));
    write_safetensors_text(arena, "stale/model.safetensors", ONE("whole"), 4);
    write_text(arena, "stale/model.safetensors.index.json",
               "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\"}}");
    char said[512] = "";
    rp_log_set(remember, said);
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, folder, &file));
    rp_log_set(NULL, NULL);
    assert_non_null(rp_tensors_find(file, "whole"));
    assert_non_null(strstr(said, "model.safetensors is read and model.safetensors.index.json beside it is not"));
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

static void test_metadata_may_be_null(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tensor_file *file;
    const char *header = "{\"__metadata__\":null,\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    assert_ok(rp_tensors_open(arena, write_safetensors_text(arena, "null.safetensors", header, 4), &file));
    assert_int_equal(rp_tensors_count(file), 1);
    rp_tensors_close(file);
    expect_refusal(arena, write_safetensors_text(arena, "seven.safetensors", "{\"__metadata__\":7}", 0), RP_ERR_FORMAT,
                   "an object");
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
        cmocka_unit_test(test_what_lies_in_the_place_of_a_checkpoint_is_named),
        cmocka_unit_test(test_directories_say_what_they_hold_instead),
        cmocka_unit_test(test_a_single_file_counts_before_an_index_and_says_so),
        cmocka_unit_test(test_metadata_may_be_null),
        cmocka_unit_test(test_failure_leaves_the_arena_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
