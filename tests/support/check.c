/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double excess(double a, double b, double absolute, double relative) {
    const double allowed = absolute + relative * fmax(fabs(a), fabs(b));
    const double difference = fabs(a - b);
    if (a == b) return 0.0;
    if (isnan(difference)) return (double)INFINITY;
    return allowed > 0 ? difference / allowed : (double)INFINITY;
}

void check_close(const real *a, const real *b, size_t n, double absolute, double relative, const char *what,
                 const char *file, int line) {
    double worst = 0.0;
    size_t where = 0;
    for (size_t i = 0; i < n; i++) {
        const double e = excess((double)a[i], (double)b[i], absolute, relative);
        if (e > worst) {
            worst = e;
            where = i;
        }
    }
    if (worst <= 1.0) return;
    print_error("%s: worst at [%zu] of %zu: %.17g against %.17g, %.3g times the tolerance\n", what, where, n,
                (double)a[where], (double)b[where], worst);
    _fail(file, line);
}

void check_near(double a, double b, double absolute, double relative, const char *what, const char *file, int line) {
    const double e = excess(a, b, absolute, relative);
    if (e <= 1.0) return;
    print_error("%s: %.17g against %.17g, %.3g times the tolerance\n", what, a, b, e);
    _fail(file, line);
}

void check_ok(rp_status status, const char *what, const char *file, int line) {
    if (status == RP_OK) return;
    print_error("%s failed (%s): %s\n", what, rp_status_name(status), rp_last_error());
    _fail(file, line);
}

void check_fails(rp_status actual, rp_status expected, const char *part, const char *what, const char *file, int line) {
    if (actual == expected && strstr(rp_last_error(), part)) return;
    print_error("%s gave \"%s\" with the sentence \"%s\"; expected \"%s\" with \"%s\"\n", what, rp_status_name(actual),
                actual == RP_OK ? "" : rp_last_error(), rp_status_name(expected), part);
    _fail(file, line);
}

void check_text(rp_str slice, const char *expected, const char *file, int line) {
    if (rp_str_is(slice, expected)) return;
    print_error("\"%.*s\" is not \"%s\"\n", (int)slice.length, slice.data, expected);
    _fail(file, line);
}

static const char *compose(const char *directory, const char *name) {
    static char paths[4][4096];
    static int turn;
    char *path = paths[turn = (turn + 1) % 4];
    char joined[sizeof paths[0]]; /* directory may itself lie in one of the four */
    (void)snprintf(joined, sizeof joined, "%s/%s", directory, name);
    memcpy(path, joined, sizeof joined);
    return path;
}

static const char *environment(const char *name, const char *fallback) {
    const char *value = getenv(name);
    return value && *value ? value : fallback;
}

const char *source_path(const char *relative) {
    return compose(environment("RP_SOURCE_DIR", "."), relative);
}

const char *temporary_path(const char *name) {
    const char *directory = compose(environment("RP_BUILD_DIR", "."), "test-files");
    check_ok(rp_make_directories(directory), "making the folder for test files", __FILE__, __LINE__);
    /* Tests of both precisions run side by side. */
    char unique[512];
    (void)snprintf(unique, sizeof unique, "f%d-%s", rp_precision(), name);
    return compose(directory, unique);
}

const char *shared_path(const char *relative) {
    const char *path =
        getenv("RP_SHARED") ? compose(environment("RP_SHARED", ""), relative) : compose(source_path("../shared"), relative);
    if (rp_file_exists(path)) return path;
    print_message("SKIP: %s is not here; set RP_SHARED to the folder that holds it\n", path);
    return NULL;
}

const char *smollm2_path(void) {
    const char *path = environment("RP_SMOLLM2_GGUF", source_path("downloads/SmolLM2-135M-Instruct.Q4_1.gguf"));
    if (rp_file_exists(path)) return path;
    print_message("SKIP: %s is not here; tools/fetch-smollm2 brings it, or set RP_SMOLLM2_GGUF\n", path);
    return NULL;
}
