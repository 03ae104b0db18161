/* SPDX-License-Identifier: MIT
 *
 * status.c — how failure travels: a code up the call chain, one sentence beside it.
 */
#include <rephrase/base.h>
#include <rephrase/real.h>

#include <stdlib.h>
#include <string.h>

const int rp_precision_guard = RP_PRECISION;

enum { SENTENCE_SIZE = 1024 };
static _Thread_local char sentence[SENTENCE_SIZE];

const char *rp_status_name(rp_status status) {
    static const char *const names[] = {"ok",          "argument", "io",     "format",  "shape",
                                        "unsupported", "limit",    "memory", "numeric", "interrupted"};
    const int index = -(int)status;
    return index >= 0 && index < (int)(sizeof names / sizeof names[0]) ? names[index] : "unknown";
}

rp_status rp_fail(rp_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    /* The new sentence may quote the old one, so it is composed beside it. */
    char composed[SENTENCE_SIZE];
    (void)vsnprintf(composed, sizeof composed, format, arguments);
    va_end(arguments);
    memcpy(sentence, composed, sizeof composed);
    return status;
}

rp_status rp_fail_prefix(rp_status status, const char *format, ...) {
    char prefix[SENTENCE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    char rest[SENTENCE_SIZE];
    memcpy(rest, sentence, sizeof rest);
    const size_t used = strlen(prefix);
    (void)snprintf(sentence, sizeof sentence, "%s: ", prefix);
    if (used + 3 < sizeof sentence) (void)snprintf(sentence + used + 2, sizeof sentence - used - 2, "%s", rest);
    return status;
}

const char *rp_last_error(void) {
    return sentence;
}

void rp_require_failed(const char *condition, const char *file, int line) {
    (void)fprintf(stderr, "%s:%d: this is a bug in rephrase: violated precondition: %s\n", file, line, condition);
    abort();
}
