/* SPDX-License-Identifier: MIT
 *
 * main.c — finds the sub-command and runs it.
 */
#include "commands.h"

#include <rephrase/real.h>

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

int main(int argc, char **argv) {
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe becomes an error of the write */
    rp_log_set(on_log, NULL);
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("rephrase %s\n", RP_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return 0;
    }
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; rp_commands[i]; i++) {
        if (strcmp(rp_commands[i]->name, argv[1]) == 0) {
            const int code = rp_command_run(rp_commands[i], argc - 1, argv + 1);
            if (fflush(stdout) != 0 && code == 0) return 1;
            return code;
        }
        names[count++] = rp_commands[i]->name;
    }
    const char *near = rp_nearest_name(argv[1], names, count);
    (void)fprintf(stderr, "rephrase: there is no command \"%s\"%s%s%s\n", argv[1],
                  near ? "; did you mean \"" : "; --help lists them", near ? near : "", near ? "\"?" : "");
    return 2;
}
