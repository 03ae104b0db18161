/* SPDX-License-Identifier: MIT
 *
 * Every seed of the fuzz target, run through it once: an input that a fuzzer has ever complained about stays in
 * tests/fuzz/seeds/verify, and this test goes red when it complains again. The target's assertions abort.
 */
#include "check.h"

#include "../fuzz/fuzz_verify.c"

#include <dirent.h>

static size_t run_file(rp_arena *arena, const char *folder, const char *name) {
    char path[1024];
    rp_str bytes;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(rp_file_read(arena, path, 1u << 20, &bytes));
    assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)bytes.data, bytes.length), 0);
    return 1;
}

static void test_no_seed_breaks_a_promise(void **state) {
    (void)state;
    char folder[512];
    (void)snprintf(folder, sizeof folder, "%s", source_path("tests/fuzz/seeds/verify"));
    rp_arena *arena = rp_arena_create("seeds", 0);
    DIR *seeds = opendir(folder);
    assert_non_null(seeds);
    size_t run = 0;
    for (const struct dirent *entry; (entry = readdir(seeds)) != NULL;)
        if (entry->d_name[0] != '.') run += run_file(arena, folder, entry->d_name);
    closedir(seeds);
    rp_arena_destroy(arena);
    assert_true(run >= 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_seed_breaks_a_promise)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
