/* SPDX-License-Identifier: MIT
 *
 * number.c — numbers in text, hashes, and the name somebody probably meant.
 */
#include <rephrase/base.h>

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t rp_hash64(const void *bytes, size_t n, uint64_t seed) {
    const unsigned char *p = bytes;
    uint64_t h = 0xCBF29CE484222325u ^ seed; /* FNV-1a's offset basis and prime */
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 0x100000001B3u;
    h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCDu; /* MurmurHash3's finaliser */
    h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53u;
    return h ^ (h >> 33);
}

size_t rp_format_double(double value, char out[32]) {
    if (isnan(value)) return (size_t)snprintf(out, 32, "NaN");
    if (isinf(value)) return (size_t)snprintf(out, 32, value < 0 ? "-Infinity" : "Infinity");
    /* Whole numbers in full: 300 and not 3e+02. */
    if (value == floor(value) && fabs(value) < 1e15) return (size_t)snprintf(out, 32, "%.0f", value);
    int length = 0;
    for (int digits = 1; digits <= DBL_DECIMAL_DIG; digits++) {
        /* Most values we print are short; start the search near the end only for those that are not. */
        if (digits == 7 && (length = snprintf(out, 32, "%.15g", value)) > 0 && strtod(out, NULL) != value) digits = 16;
        length = snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value) break;
    }
    return (size_t)length;
}

/* strtod and strtoll skip leading space and take prefixes; a setting is the whole text or nothing. */
static bool starts_like_number(const char *text) {
    return *text == '+' || *text == '-' || *text == '.' || (*text >= '0' && *text <= '9');
}

bool rp_parse_double(const char *text, double *value) {
    if (!starts_like_number(text) || strpbrk(text, "xXnNiI")) return false;
    char *end;
    errno = 0;
    const double parsed = strtod(text, &end);
    if (*end || end == text || !isfinite(parsed)) return false;
    *value = parsed;
    return true;
}

bool rp_parse_int64(const char *text, int64_t *value) {
    if (!starts_like_number(text)) return false;
    char *end;
    errno = 0;
    const long long parsed = strtoll(text, &end, 10);
    if (*end || end == text || errno == ERANGE) return false;
    *value = parsed;
    return true;
}

static char small_letter(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Damerau-Levenshtein distance (optimal string alignment) of two names of at most 63 bytes; "GRPO" and "grpo" are one name. */
static size_t edit_distance(const char *first, size_t n, const char *second, size_t m) {
    enum { WIDTH = 64 };
    char a[WIDTH], b[WIDTH];
    for (size_t i = 0; i < n; i++) a[i] = small_letter(first[i]);
    for (size_t j = 0; j < m; j++) b[j] = small_letter(second[j]);
    size_t rows[3][WIDTH];
    for (size_t j = 0; j <= m; j++) rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *const row = rows[i % 3], *const above = rows[(i - 1) % 3], *const above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best) best = above[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[n % 3][m];
}

const char *rp_nearest_name(const char *name, const char *const *candidates, size_t count) {
    const size_t n = strlen(name);
    const char *best = NULL;
    size_t best_distance = 2 + n / 3; /* a name is near when its distance is below this */
    if (n > 63) return NULL;
    for (size_t i = 0; i < count; i++) {
        const size_t m = strlen(candidates[i]);
        if (m > 63) continue;
        const size_t distance = edit_distance(name, n, candidates[i], m);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidates[i];
        }
    }
    return best;
}
