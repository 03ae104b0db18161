/* SPDX-License-Identifier: MIT
 *
 * cli.h — private to the program: what a sub-command is, its flags, output that is checked.
 *
 * A sub-command is one file src/cli/cmd_<name>.c that defines `const rp_command rp_command_<name>`, and its name in commands.h and
 * commands.c.
 * Its flags are a table of options over a struct of its own. The program parses the command line into that struct, then calls
 * `run`. Exit codes: 0; 1 when the command failed (the sentence goes to standard error); 2 when it was called wrongly.
 */
#ifndef REPHRASE_CLI_H
#define REPHRASE_CLI_H

#include <rephrase/base.h>
#include <rephrase/options.h>

typedef struct rp_invocation { /* one call of a command, parsed */
    rp_arena *arena;           /* lives until the command has returned */
    const void *arguments;     /* the command's struct */
    rp_text_list words;        /* what is no flag; after "--" all are words */
    /* Of commands that take a recipe; NULL or empty elsewhere. */
    const char *recipe_path;
    const char *const *recipe_values; /* parallel to the recipe's table of keys; NULL = not given */
    rp_text_list assignments;         /* --set KEY=VALUE */
} rp_invocation;

typedef struct rp_command {
    const char *name, *summary;      /* a line in the list of commands */
    const char *usage;               /* "rephrase verify --gold G --answer A [--explain]" */
    const char *about;               /* a short paragraph */
    const char *examples;            /* indented lines, or NULL */
    const char *words;               /* what words are, "PROMPT"; NULL = none are allowed */
    const rp_option *options;        /* of `arguments`; NULL = none */
    const rp_option *shared;         /* further options, of the struct at shared_offset in `arguments`; NULL = none */
    size_t arguments, shared_offset; /* size of the struct; 0 = none */
    bool recipe;                     /* every key of a recipe is a flag too, and --recipe and --set are */
    rp_status (*run)(const rp_invocation *call);
} rp_command;

/* Fills *call. `--help` prints and sets *done. Fails with RP_ERR_ARGUMENT and the nearest name for an unknown flag. */
rp_status rp_flags_parse(const rp_command *command, rp_arena *arena, int argc, char **argv, rp_invocation *call,
                         bool *done) RP_MUST_CHECK;
/* Parses argv[1..], runs the command, prints "rephrase NAME: sentence" when it failed. Returns the exit code. */
int rp_command_run(const rp_command *command, int argc, char **argv);

/* "learning_rate" is shown as "--learning-rate". */
void rp_flag_name(const rp_option *option, char out[80]);

/* One line of output; a full disk or a closed pipe is RP_ERR_IO. */
rp_status rp_put_line(const char *text, size_t n) RP_MUST_CHECK;

#endif
