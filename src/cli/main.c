/* SPDX-License-Identifier: MIT
 *
 * main.c — the table of sub-commands.
 */
#include "cli.h"

#include <rephrase/real.h>

#include <signal.h>
#include <string.h>

typedef struct command {
    const char *name, *help;
    int (*run)(int argc, char **argv);
} command;

static const command commands[] = {
    {"train", "train a policy: pretrain, SFT, GRPO, RePO and the others, from one recipe", rp_cmd_train},
    {"compare", "several algorithms and seeds, one table", rp_cmd_compare},
    {"report", "one page of curves, tables and training groups from directories of runs", rp_cmd_report},
    {"eval", "answers to held-out problems, with verdicts", rp_cmd_eval},
    {"sample", "continue prompts or chats; log-probabilities as JSON", rp_cmd_sample},
    {"chat", "talk to a model by hand", rp_cmd_chat},
    {"info", "what a checkpoint holds", rp_cmd_info},
    {"convert", "a checkpoint as safetensors that transformers loads", rp_cmd_convert},
    {"verify", "is this answer the gold answer?", rp_cmd_verify},
    {"task", "print or export problems of the micro-world", rp_cmd_task},
    {"tokenize", "text to token ids and back", rp_cmd_tokenize},
    {"oracle", "loss and derivatives of a batch you give, in double precision", rp_cmd_oracle},
    {"explain", "an algorithm: equations, settings, needs, file", rp_cmd_explain},
    {NULL, NULL, NULL},
};

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
    for (const command *c = commands; c->name; c++) (void)fprintf(out, "  %-12s%s\n", c->name, c->help);
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
    for (const command *c = commands; c->name; c++) {
        if (strcmp(c->name, argv[1]) == 0) {
            const int code = c->run(argc - 1, argv + 1);
            if (fflush(stdout) != 0 && code == 0) return 1;
            return code;
        }
        names[count++] = c->name;
    }
    const char *near = rp_nearest_name(argv[1], names, count);
    (void)fprintf(stderr, "rephrase: there is no command \"%s\"%s%s%s\n", argv[1],
                  near ? "; did you mean \"" : "; --help lists them", near ? near : "", near ? "\"?" : "");
    return 2;
}
