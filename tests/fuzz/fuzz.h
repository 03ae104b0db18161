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

#include <stdlib.h>
#include <sys/mman.h>
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

/* An arena whose memory a small input cannot be allowed to exceed by far. */
static inline rp_arena *fuzz_arena(void) {
    static rp_arena *arena;
    if (!arena) arena = rp_arena_create("fuzz", (size_t)256 << 20);
    RP_REQUIRE(arena);
    rp_arena_release(arena);
    return arena;
}

#endif
