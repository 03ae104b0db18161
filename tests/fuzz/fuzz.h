/* SPDX-License-Identifier: MIT
 *
 * fuzz.h — what the fuzz targets share: the input as a file that is only in memory, since the readers map files by path.
 */
#ifndef REPHRASE_FUZZ_H
#define REPHRASE_FUZZ_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <rephrase/base.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The path of a file that holds these bytes, until the next call. */
static inline const char *as_file(const uint8_t *data, size_t size) {
    static int file = -1;
    static char path[64];
    if (file < 0) {
        file = memfd_create("input", 0);
        RP_REQUIRE(file >= 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    RP_REQUIRE(ftruncate(file, 0) == 0);
    RP_REQUIRE(pwrite(file, data, size, 0) == (ssize_t)size);
    return path;
}

/* folder/name becomes a link to target. */
static inline void link_in(const char *folder, const char *name, const char *target) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    RP_REQUIRE(symlink(target, path) == 0);
}

static inline const char **fuzz_folders(void) {
    static const char *folders[4];
    return folders;
}

static inline void remove_folders(void) {
    char path[512];
    for (const char **folder = fuzz_folders(); *folder; folder++) {
        DIR *entries = opendir(*folder);
        for (const struct dirent *entry; entries && (entry = readdir(entries));) {
            (void)snprintf(path, sizeof path, "%s/%s", *folder, entry->d_name);
            (void)unlink(path);
        }
        if (entries) (void)closedir(entries);
        (void)rmdir(*folder);
    }
}

/* A new folder, in memory where there is such a place, in which `name` is a link to target; removed at exit. */
static inline const char *folder_with_link(const char *name, const char *target) {
    static const char *const places[] = {"/dev/shm", "/tmp"};
    char path[128];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/rephrase-fuzz-%ld-%s", places[i], (long)getpid(), name);
        if (mkdir(path, 0700) == 0) break;
        RP_REQUIRE(i == 0);
    }
    char *kept = strdup(path);
    RP_REQUIRE(kept);
    link_in(kept, name, target);
    const char **folders = fuzz_folders();
    if (!*folders) (void)atexit(remove_folders);
    while (*folders) folders++;
    *folders = kept;
    return kept;
}

/* A new arena, so that its peak is what this input took; a small input cannot be allowed to take much. */
static inline rp_arena *fuzz_arena(void) {
    static rp_arena *arena;
    rp_arena_destroy(arena);
    arena = rp_arena_create("fuzz", (size_t)256 << 20);
    RP_REQUIRE(arena);
    return arena;
}

#endif
