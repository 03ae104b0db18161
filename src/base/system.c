/* SPDX-License-Identifier: MIT
 *
 * system.c — the machine around us: clock, memory in use, threads, the log callback, the wish to stop.
 */
#include <rephrase/base.h>

#include <signal.h>
#include <sys/resource.h>
#include <string.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif

double rp_seconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *rp_processor_name(rp_arena *arena) {
    rp_str text;
    const char *found = NULL;
    if (rp_file_read(arena, "/proc/cpuinfo", 1 << 24, &text) == RP_OK) found = strstr(text.data, "model name");
    if (found) found = strchr(found, ':');
    if (!found) return "unknown processor";
    found += 1 + strspn(found + 1, " \t");
    const char *name = rp_strndup(arena, found, strcspn(found, "\n"));
    return name ? name : "unknown processor";
}

size_t rp_peak_memory(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#ifdef __APPLE__
    return (size_t)usage.ru_maxrss; /* bytes there, KiB elsewhere */
#else
    return (size_t)usage.ru_maxrss * 1024;
#endif
}

int rp_thread_count(void) {
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

static rp_log_function *log_function;
static void *log_context;

void rp_log_set(rp_log_function *function, void *context) {
    log_function = function;
    log_context = context;
}

void rp_log(rp_log_level level, const char *format, ...) {
    if (!log_function) return;
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    log_function(log_context, level, message);
}

static volatile sig_atomic_t interrupted;
void rp_interrupt_request(void) {
    interrupted = 1;
}
static bool held;
void rp_interrupt_hold(bool hold) {
    held = hold;
}
bool rp_interrupt_requested(void) {
    return interrupted != 0 && !held;
}
