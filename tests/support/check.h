/* SPDX-License-Identifier: MIT
 *
 * check.h — what every test uses beside cmocka: comparisons of arrays that report the worst place, files of the source
 * tree, data that may be absent.
 */
#ifndef REPHRASE_TESTS_CHECK_H
#define REPHRASE_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <rephrase/base.h>
#include <rephrase/real.h>

/* |a - b| <= absolute + relative max(|a|, |b|) for every element; NaN never passes. Reports the worst one. */
#define assert_close(a, b, n, absolute, relative)                                                                          \
    check_close((a), (b), (n), (absolute), (relative), #a " against " #b, __FILE__, __LINE__)
void check_close(const real *a, const real *b, size_t n, double absolute, double relative, const char *what,
                 const char *file, int line);
/* The same for one pair of doubles. */
#define assert_near(a, b, absolute, relative)                                                                              \
    check_near((a), (b), (absolute), (relative), #a " against " #b, __FILE__, __LINE__)
void check_near(double a, double b, double absolute, double relative, const char *what, const char *file, int line);

/* The call succeeds; otherwise the test fails with the stored sentence. */
#define assert_ok(call) check_ok((call), #call, __FILE__, __LINE__)
void check_ok(rp_status status, const char *what, const char *file, int line);
/* The call fails with this status and the stored sentence contains `part`. */
#define assert_fails(call, status, part) check_fails((call), (status), (part), #call, __FILE__, __LINE__)
void check_fails(rp_status actual, rp_status expected, const char *part, const char *what, const char *file, int line);
#define assert_text(slice, expected) check_text((slice), (expected), __FILE__, __LINE__)
void check_text(rp_str slice, const char *expected, const char *file, int line);

/* A file of the source tree ("data/golden/..."); a temporary file of the build directory. In static buffers of 4 turns. */
const char *source_path(const char *relative);
const char *temporary_path(const char *name);
/* Data that is not in the repository: the shared folder beside it, or the file an environment variable names. NULL, with
 * the sentence printed, when absent: the test then calls skip(). */
const char *shared_path(const char *relative);
const char *smollm2_path(void);

#endif
