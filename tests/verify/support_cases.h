/* SPDX-License-Identifier: MIT
 *
 * support_cases.h — files of cases: "@" begins a gold, and each line below it is a mark and a text.
 */
#ifndef REPHRASE_TESTS_SUPPORT_CASES_H
#define REPHRASE_TESTS_SUPPORT_CASES_H

#include "check.h"

#include <rephrase/verify.h>

#include <string.h>

/* Newlines are written as ⏎ in the files. */
static inline rp_str case_text(rp_arena *arena, rp_str line) {
    static const char mark[] = "\xE2\x8F\x8E";
    rp_buffer out = rp_buffer_in(arena);
    for (size_t i = 0; i < line.length; i++) {
        const bool newline = line.length - i >= 3 && memcmp(line.data + i, mark, 3) == 0;
        rp_buffer_char(&out, newline ? '\n' : line.data[i]);
        i += newline ? 2 : 0;
    }
    return (rp_str){out.data ? out.data : "", out.length};
}

/* Calls `check` for every case of the file; returns how many there were. */
static inline size_t for_each_case(const char *path, bool (*check)(char mark, rp_str gold, rp_str text)) {
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str file, gold = {"", 0};
    size_t cases = 0, wrong = 0;
    assert_ok(rp_file_read(arena, source_path(path), 1 << 22, &file));
    for (size_t begin = 0; begin < file.length;) {
        const char *stop = memchr(file.data + begin, '\n', file.length - begin);
        const size_t end = stop ? (size_t)(stop - file.data) : file.length;
        const rp_str line = {file.data + begin, end - begin};
        const rp_str rest = {line.data + 2, line.length < 2 ? 0 : line.length - 2};
        begin = end + 1;
        if (line.length < 2 || line.data[0] == '#') continue;
        if (line.data[0] == '@') {
            gold = case_text(arena, rest);
            continue;
        }
        const rp_str text = case_text(arena, rest);
        cases++;
        if (check(line.data[0], gold, text)) continue;
        wrong++;
        print_error("gold \"%.*s\", text \"%.*s\": not as marked (%c)\n", (int)gold.length, gold.data, (int)text.length,
                    text.data, line.data[0]);
    }
    rp_arena_destroy(arena);
    if (wrong) fail_msg("%zu of %zu cases of %s", wrong, cases, path);
    return cases;
}

#endif
