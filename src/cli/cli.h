/* SPDX-License-Identifier: MIT
 *
 * cli.h — private to the program: the table of flags, the table of sub-commands, output that is checked.
 *
 * A sub-command is one file src/cli/cmd_<name>.c with `int rp_cmd_<name>(int argc, char **argv)` and one row in main.c.
 * argv[0] is the sub-command's name. It returns an exit code: 0, 1 (it failed; the sentence went to standard error), 2 (it
 * was called wrongly).
 */
#ifndef REPHRASE_CLI_H
#define REPHRASE_CLI_H

#include <rephrase/base.h>
#include <rephrase/json.h>

typedef enum rp_flag_kind {
    RP_FLAG_BOOL, /* bool: --name, or --no-name */
    RP_FLAG_TEXT, /* const char *: --name VALUE or --name=VALUE */
    RP_FLAG_INT,  /* int64_t */
    RP_FLAG_REAL, /* double */
    RP_FLAG_LIST  /* rp_text_list: may be repeated */
} rp_flag_kind;

enum { RP_LIST_MAX = 64 };
typedef struct rp_text_list {
    const char *items[RP_LIST_MAX];
    size_t count;
} rp_text_list;

typedef struct rp_flag {
    const char *name; /* without the dashes */
    rp_flag_kind kind;
    void *target;      /* keeps its value when the flag is absent: defaults are set before parsing */
    const char *value; /* how --help names the value: "FILE" */
    const char *help;
} rp_flag;

typedef struct rp_command_help {
    const char *usage;    /* "rephrase verify --gold G --answer A [--explain]" */
    const char *about;    /* a short paragraph */
    const char *examples; /* indented lines, or NULL */
} rp_command_help;

/* Parses argv[1..]. flags ends with name NULL. Words that are no flags go to `words` (NULL = none allowed; after "--" all are
 * words). `--help` prints and sets *done. Returns RP_ERR_ARGUMENT with the nearest name for an unknown flag. */
rp_status rp_flags_parse(const rp_flag *flags, const rp_command_help *help, int argc, char **argv, rp_text_list *words,
                         bool *done) RP_MUST_CHECK;

/* "rephrase verify: sentence" on standard error; returns the exit code that fits the status (2 for a wrong call, else 1). */
int rp_command_failed(const char *command, rp_status status);

/* One line of output; a full disk or a closed pipe is RP_ERR_IO. */
rp_status rp_put_line(const char *text, size_t n) RP_MUST_CHECK;

/* Sub-commands. */
int rp_cmd_train(int argc, char **argv);
int rp_cmd_compare(int argc, char **argv);
int rp_cmd_sample(int argc, char **argv);
int rp_cmd_chat(int argc, char **argv);
int rp_cmd_eval(int argc, char **argv);
int rp_cmd_info(int argc, char **argv);
int rp_cmd_convert(int argc, char **argv);
int rp_cmd_verify(int argc, char **argv);
int rp_cmd_tokenize(int argc, char **argv);
int rp_cmd_oracle(int argc, char **argv);
int rp_cmd_explain(int argc, char **argv);
int rp_cmd_task(int argc, char **argv);
int rp_cmd_report(int argc, char **argv);

#endif
