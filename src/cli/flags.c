/* SPDX-License-Identifier: MIT
 *
 * flags.c — the command line of every sub-command: tables of options in, a filled struct out; --help from the same tables.
 *
 * Most flags go straight into the command's struct. Keys of a recipe wait as text, because the recipe's file is read before
 * them and they go over it.
 */
#include "recipe_flags.h"

#include <errno.h>
#include <string.h>

/* ---- The tables of a command ------------------------------------------------------------------------------------- */

static const rp_option recipe_options[] = {
    RP_OPTION_TEXT(rp_invocation, recipe_path, "recipe", NULL, "INI file of settings; single flags go over it",
                   .value = "FILE"),
    RP_OPTION_LIST(rp_invocation, assignments, "set",
                   "any key, and settings of algorithms: --set repo.rho=0.5 --set grpo.convention=trl",
                   .value = "KEY=VALUE"),
    RP_OPTION_END,
};

typedef struct flag_table {
    const rp_option *options;
    void *structure;
    const char **waiting; /* instead of the struct: texts, parallel to the options */
} flag_table;

enum { TABLES = 4 };
typedef struct flag_set {
    flag_table tables[TABLES];
    size_t count;
} flag_set;

static void add_table(flag_set *set, const rp_option *options, void *structure, const char **waiting) {
    if (!options) return;
    set->tables[set->count++] = (flag_table){options, structure, waiting};
    if (!waiting) rp_options_defaults(options, structure);
}

static rp_status tables_of(const rp_command *command, rp_invocation *call, flag_set *set) {
    char *arguments = rp_alloc_bytes_zero(call->arena, 1, command->arguments + 1);
    RP_TRY_ALLOC(arguments);
    call->arguments = arguments;
    *set = (flag_set){.count = 0};
    if (command->recipe) add_table(set, recipe_options, call, NULL);
    add_table(set, command->options, arguments, NULL);
    add_table(set, command->shared, arguments + command->shared_offset, NULL);
    if (!command->recipe) return RP_OK;
    const char **waiting = rp_alloc_zero(call->arena, const char *, rp_options_count(rp_recipe_keys) + 1);
    RP_TRY_ALLOC(waiting);
    call->recipe_values = waiting;
    add_table(set, rp_recipe_keys, NULL, waiting);
    return RP_OK;
}

/* ---- --help -------------------------------------------------------------------------------------------------------- */

static void print_wrapped(const char *text, int indent, int width) {
    int column = indent;
    const char *at = text;
    while (*at) {
        const size_t word = strcspn(at, " \n");
        if (column > indent && column + 1 + (int)word > width) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)word, at);
        column += (int)word;
        at += word;
        at += strspn(at, " ");
        if (*at == '\n') {
            printf("\n%*s", indent, "");
            column = indent;
            at++;
        }
    }
    putchar('\n');
}

void rp_flag_name(const rp_option *option, char out[80]) {
    (void)snprintf(out, 80, "--%s", option->name);
    for (char *c = out; *c; c++)
        if (*c == '_') *c = '-';
}

static const char *value_name(const rp_option *option) {
    static const char *const by_kind[] = {NULL, "N", "X", "TEXT", "NAME", "TEXT"};
    return option->value ? option->value : by_kind[option->kind];
}

/* Help, then what a choice may be, the default, and the names elsewhere. */
static void describe(const rp_option *option, rp_buffer *out) {
    char allowed[256], peers[160];
    rp_option_describe(option, allowed);
    rp_option_peers(option, peers);
    rp_buffer_text(out, option->help);
    if (option->kind == RP_OPTION_KIND_CHOICE) rp_buffer_format(out, ": %s", allowed + strlen("one of "));
    if (option->kind == RP_OPTION_KIND_BOOL) {
        char name[80];
        rp_flag_name(option, name);
        if (option->initial > 0) rp_buffer_format(out, " (default true; --no-%s turns it off)", name + 2);
    } else if (option->kind != RP_OPTION_KIND_LIST &&
               (option->kind != RP_OPTION_KIND_TEXT || (option->text && *option->text))) {
        rp_buffer_text(out, " (default ");
        rp_option_write_default(option, out);
        rp_buffer_char(out, ')');
    }
    rp_buffer_text(out, peers);
}

enum { COLUMN = 28, WIDTH = 100 };

static void print_flag(rp_arena *arena, const rp_option *option) {
    char name[80], left[120];
    rp_buffer text = rp_buffer_in(arena);
    const char *value = value_name(option);
    rp_flag_name(option, name);
    (void)snprintf(left, sizeof left, "  %s%s%s", name, value ? " " : "", value ? value : "");
    describe(option, &text);
    if (strlen(left) + 2 > COLUMN)
        printf("%s\n%*s", left, COLUMN, "");
    else
        printf("%-*s", COLUMN, left);
    print_wrapped(text.data, COLUMN, WIDTH);
}

static void print_help(const rp_command *command, rp_arena *arena, const flag_set *set) {
    printf("Usage: %s\n\n", command->usage);
    print_wrapped(command->about, 0, WIDTH);
    printf("\nFlags:\n");
    const char *section = NULL;
    for (size_t t = 0; t < set->count; t++)
        for (const rp_option *option = set->tables[t].options; option->name; option++) {
            if (option->section && (!section || strcmp(section, option->section) != 0))
                printf("\n  Keys of a recipe, section [%s]:\n", option->section);
            section = option->section;
            print_flag(arena, option);
        }
    printf("%s%-*s%s\n", section ? "\n" : "", COLUMN, "  --help", "print this");
    if (command->examples) printf("\nExamples:\n%s", command->examples);
}

/* ---- Parsing ------------------------------------------------------------------------------------------------------- */

typedef struct found_flag {
    const flag_table *table; /* NULL = unknown */
    const rp_option *option;
    char shown[80];
} found_flag;

static found_flag find_flag(const flag_set *set, const char *name) {
    found_flag found = {.table = NULL};
    for (size_t t = 0; t < set->count && !found.table; t++) {
        found.option = rp_options_find(set->tables[t].options, NULL, name);
        if (found.option) found.table = &set->tables[t];
    }
    if (found.table) rp_flag_name(found.option, found.shown);
    return found;
}

static rp_status fail_unknown(const flag_set *set, const char *name) {
    const rp_option *tables[TABLES + 1] = {NULL};
    char head[120];
    for (size_t t = 0; t < set->count; t++) tables[t] = set->tables[t].options;
    (void)snprintf(head, sizeof head, "there is no flag --%s", name);
    return rp_option_unknown(tables, name, true, head, "--help lists them");
}

static rp_status store(const found_flag *flag, const char *value) {
    const flag_table *table = flag->table;
    if (!table->waiting) return rp_option_set(flag->option, flag->shown, table->structure, value);
    table->waiting[flag->option - table->options] = value;
    return RP_OK;
}

/* One argument that starts with two dashes; consumes the next one when it is this flag's value. */
static rp_status parse_flag(const flag_set *set, rp_arena *arena, int argc, char **argv, int *at) {
    const char *text = argv[*at] + 2, *equals = strchr(text, '=');
    const char *name = rp_strndup(arena, text, equals ? (size_t)(equals - text) : strlen(text));
    RP_TRY_ALLOC(name);
    found_flag flag = find_flag(set, name);
    if (!flag.table && !equals && strncmp(name, "no-", 3) == 0) {
        flag = find_flag(set, name + 3);
        if (flag.table && flag.option->kind == RP_OPTION_KIND_BOOL) return store(&flag, "false");
        flag.table = NULL;
    }
    if (!flag.table) return fail_unknown(set, name);
    if (equals) return store(&flag, equals + 1);
    if (flag.option->kind == RP_OPTION_KIND_BOOL) return store(&flag, "true");
    if (*at + 1 >= argc) return rp_fail(RP_ERR_ARGUMENT, "%s needs a value (%s)", flag.shown, value_name(flag.option));
    return store(&flag, argv[++*at]);
}

static bool asks_for_help(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

rp_status rp_flags_parse(const rp_command *command, rp_arena *arena, int argc, char **argv, rp_invocation *call,
                         bool *done) {
    flag_set set;
    *call = (rp_invocation){.arena = arena};
    RP_TRY(tables_of(command, call, &set));
    *done = asks_for_help(argc, argv);
    if (*done) print_help(command, arena, &set);
    bool only_words = false;
    for (int i = 1; i < argc && !*done; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && strncmp(argv[i], "--", 2) == 0) {
            RP_TRY(parse_flag(&set, arena, argc, argv, &i));
        } else {
            rp_text_list *words = &call->words;
            if (!command->words) return rp_fail(RP_ERR_ARGUMENT, "\"%s\" is not a flag; --help lists them", argv[i]);
            if (words->count == RP_LIST_MAX) return rp_fail(RP_ERR_LIMIT, "more than %d words were given", RP_LIST_MAX);
            words->items[words->count++] = argv[i];
        }
    }
    return RP_OK;
}

int rp_command_run(const rp_command *command, int argc, char **argv) {
    rp_arena *arena = rp_arena_create(command->name, 0);
    rp_invocation call;
    bool done = false;
    rp_status status = arena ? rp_flags_parse(command, arena, argc, argv, &call, &done) : RP_ERR_MEMORY;
    if (status == RP_OK && !done) status = command->run(&call);
    (void)fflush(stdout);
    if (status != RP_OK) (void)fprintf(stderr, "rephrase %s: %s\n", command->name, rp_last_error());
    rp_arena_destroy(arena);
    return status == RP_OK ? 0 : status == RP_ERR_ARGUMENT ? 2 : 1;
}

rp_status rp_put_line(const char *text, size_t n) {
    if (fwrite(text, 1, n, stdout) != n || putchar('\n') == EOF)
        return rp_fail(RP_ERR_IO, "standard output: cannot write: %s", strerror(errno));
    return RP_OK;
}
