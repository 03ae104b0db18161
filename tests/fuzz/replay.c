/* SPDX-License-Identifier: MIT
 *
 * replay FOLDER... — a fuzz target without its fuzzer: every file of the folders once. So the seeds, and whatever fuzzing ever
 * found, are part of the ordinary tests, with any compiler.
 */
#include "fuzz.h"

static size_t replay(const char *folder) {
    size_t count = 0;
    DIR *entries = opendir(folder);
    if (!entries) return 0;
    rp_arena *arena = rp_arena_create("seed", 0);
    RP_REQUIRE(arena);
    for (const struct dirent *entry; (entry = readdir(entries));) {
        rp_str text;
        const char *path = rp_path_join(arena, folder, entry->d_name);
        if (entry->d_name[0] == '.' || rp_file_read(arena, path, 0, &text) != RP_OK) continue;
        (void)LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.length);
        count++;
    }
    rp_arena_destroy(arena);
    (void)closedir(entries);
    return count;
}

int main(int argc, char **argv) {
    size_t count = 0;
    for (int i = 1; i < argc; i++) count += replay(argv[i]);
    printf("%zu inputs\n", count);
    return count ? 0 : 1;
}
