/* SPDX-License-Identifier: MIT
 *
 * main.c — finds the sub-command and runs it.
 */
#include "commands.h"

#include <rephrase/real.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

static void on_signal(int number) {
    rp_interrupt_request();
    (void)signal(number, SIG_DFL); /* a second one ends the program at once */
}

static void on_log(void *context, rp_log_level level, const char *message) {
    (void)context;
    static const char *const prefix[] = {"", "", "warning: "};
    (void)fprintf(stderr, "%s%s\n", prefix[level], message);
}

static void print_usage(FILE *out) {
    (void)fprintf(
        out,
        "rephrase %s (%d-bit arithmetic): reinforcement-learning post-training of language models, by the paper\n\n"
        "Usage: rephrase COMMAND [flags]    (rephrase COMMAND --help explains one)\n\nCommands:\n",
        RP_VERSION, rp_precision());
    for (size_t i = 0; rp_commands[i]; i++)
        (void)fprintf(out, "  %-12s%s\n", rp_commands[i]->name, rp_commands[i]->summary);
}

/* What was printed and could not be written (a full disk, /dev/full) is a failure, and it is said. */
static int finish(int code) {
    const bool failed = fflush(stdout) != 0 || ferror(stdout);
    if (!failed || code != 0) return code;
    (void)fprintf(stderr, "rephrase: standard output: cannot write: %s\n",
                  errno ? strerror(errno) : "the stream has failed");
    return 1;
}

/* Thousands of threads on a few cores are a mistyped number; the OpenMP library would end the program without a sentence. */
static bool check_threads(void) {
    enum { MOST_THREADS = 1024 };
    if (rp_thread_count() <= MOST_THREADS) return true;
    (void)fprintf(stderr, "rephrase: OMP_NUM_THREADS asks for %d threads; at most %d are used\n", rp_thread_count(),
                  MOST_THREADS);
    return false;
}

int main(int argc, char **argv) {
    if (!check_threads()) return 2;
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    if (signal(SIGHUP, on_signal) == SIG_IGN) (void)signal(SIGHUP, SIG_IGN); /* nohup */
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe becomes an error of the write */
    rp_log_set(on_log, NULL);
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("rephrase %s\n", RP_VERSION);
        return finish(0);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return finish(0);
    }
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; rp_commands[i]; i++) {
        if (strcmp(rp_commands[i]->name, argv[1]) == 0) {
            const int code = rp_command_run(rp_commands[i], argc - 1, argv + 1);
            return finish(code);
        }
        names[count++] = rp_commands[i]->name;
    }
    const char *near = rp_nearest_name(argv[1], names, count);
    (void)fprintf(stderr, "rephrase: there is no command \"%s\"%s%s%s\n", argv[1],
                  near ? "; did you mean \"" : "; --help lists them", near ? near : "", near ? "\"?" : "");
    return 2;
}
