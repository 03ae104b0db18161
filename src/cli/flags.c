/* SPDX-License-Identifier: MIT
 *
 * flags.c — one table per sub-command drives parsing, defaults, --help and the message for a mistyped flag.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static void print_default(const rp_flag *flag, char out[96]) {
    out[0] = '\0';
    char digits[32];
    if (flag->kind == RP_FLAG_TEXT && *(const char **)flag->target) {
        (void)snprintf(out, 96, " (default %s)", *(const char **)flag->target);
    } else if (flag->kind == RP_FLAG_INT) {
        (void)snprintf(out, 96, " (default %lld)", (long long)*(int64_t *)flag->target);
    } else if (flag->kind == RP_FLAG_REAL) {
        (void)rp_format_double(*(double *)flag->target, digits);
        (void)snprintf(out, 96, " (default %s)", digits);
    }
}

static void print_help(const rp_flag *flags, const rp_command_help *help) {
    enum { COLUMN = 28, WIDTH = 100 };
    printf("Usage: %s\n\n", help->usage);
    print_wrapped(help->about, 0, WIDTH);
    printf("\nFlags:\n");
    for (const rp_flag *flag = flags; flag->name; flag++) {
        char left[80], standard[96], text[1024];
        (void)snprintf(left, sizeof left, "  --%s%s%s", flag->name, flag->value ? " " : "", flag->value ? flag->value : "");
        print_default(flag, standard);
        (void)snprintf(text, sizeof text, "%s%s", flag->help, standard);
        if (strlen(left) + 2 > COLUMN)
            printf("%s\n%*s", left, COLUMN, "");
        else
            printf("%-*s", COLUMN, left);
        print_wrapped(text, COLUMN, WIDTH);
    }
    printf("%-*s%s\n", COLUMN, "  --help", "print this");
    if (help->examples) printf("\nExamples:\n%s", help->examples);
}

/* Names in recipes have underscores and flags have dashes: both are understood. */
static bool same_name(const char *a, const char *b, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (a[i] != (b[i] == '_' ? '-' : b[i])) return false;
    return true;
}

static const rp_flag *find_flag(const rp_flag *flags, const char *name, size_t length) {
    for (const rp_flag *flag = flags; flag->name; flag++)
        if (strlen(flag->name) == length && same_name(flag->name, name, length)) return flag;
    return NULL;
}

static rp_status fail_unknown(const rp_flag *flags, const char *name) {
    const char *names[256];
    size_t count = 0;
    for (const rp_flag *flag = flags; flag->name && count < 256; flag++) names[count++] = flag->name;
    const char *near = rp_nearest_name(name, names, count);
    if (near) return rp_fail(RP_ERR_ARGUMENT, "there is no flag --%s; did you mean --%s?", name, near);
    return rp_fail(RP_ERR_ARGUMENT, "there is no flag --%s; --help lists them", name);
}

static rp_status store(const rp_flag *flag, const char *text) {
    switch (flag->kind) {
    case RP_FLAG_BOOL:
        return rp_fail(RP_ERR_ARGUMENT, "--%s takes no value", flag->name);
    case RP_FLAG_TEXT:
        *(const char **)flag->target = text;
        return RP_OK;
    case RP_FLAG_INT:
        if (rp_parse_int64(text, flag->target)) return RP_OK;
        return rp_fail(RP_ERR_ARGUMENT, "--%s wants a whole number, not \"%s\"", flag->name, text);
    case RP_FLAG_REAL:
        if (rp_parse_double(text, flag->target)) return RP_OK;
        return rp_fail(RP_ERR_ARGUMENT, "--%s wants a number, not \"%s\"", flag->name, text);
    case RP_FLAG_LIST: {
        rp_text_list *list = flag->target;
        if (list->count == RP_LIST_MAX)
            return rp_fail(RP_ERR_LIMIT, "--%s was given more than %d times", flag->name, RP_LIST_MAX);
        list->items[list->count++] = text;
        return RP_OK;
    }
    }
    return RP_OK;
}

/* One argument that starts with two dashes; consumes the next one when it is this flag's value. */
static rp_status parse_flag(const rp_flag *flags, int argc, char **argv, int *at) {
    const char *name = argv[*at] + 2;
    const char *equals = strchr(name, '=');
    const size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const rp_flag *flag = find_flag(flags, name, length);
    if (!flag && !equals && strncmp(name, "no-", 3) == 0) {
        flag = find_flag(flags, name + 3, length - 3);
        if (flag && flag->kind == RP_FLAG_BOOL) {
            *(bool *)flag->target = false;
            return RP_OK;
        }
        flag = NULL;
    }
    if (!flag) {
        char shown[64];
        (void)snprintf(shown, sizeof shown, "%.*s", (int)(length < 63 ? length : 63), name);
        return fail_unknown(flags, shown);
    }
    if (equals) return store(flag, equals + 1);
    if (flag->kind == RP_FLAG_BOOL) {
        *(bool *)flag->target = true;
        return RP_OK;
    }
    if (*at + 1 >= argc) return rp_fail(RP_ERR_ARGUMENT, "--%s wants a value (%s)", flag->name, flag->value);
    return store(flag, argv[++*at]);
}

rp_status rp_flags_parse(const rp_flag *flags, const rp_command_help *help, int argc, char **argv, rp_text_list *words,
                         bool *done) {
    *done = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(flags, help);
            *done = true;
            return RP_OK;
        }
        if (strcmp(argv[i], "--") == 0) break;
    }
    bool only_words = false;
    for (int i = 1; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && strncmp(argv[i], "--", 2) == 0) {
            RP_TRY(parse_flag(flags, argc, argv, &i));
        } else {
            if (!words) return rp_fail(RP_ERR_ARGUMENT, "\"%s\" is not a flag; --help lists them", argv[i]);
            if (words->count == RP_LIST_MAX) return rp_fail(RP_ERR_LIMIT, "more than %d words were given", RP_LIST_MAX);
            words->items[words->count++] = argv[i];
        }
    }
    return RP_OK;
}

int rp_command_failed(const char *command, rp_status status) {
    (void)fflush(stdout);
    (void)fprintf(stderr, "rephrase %s: %s\n", command, rp_last_error());
    return status == RP_ERR_ARGUMENT ? 2 : 1;
}

rp_status rp_put_line(const char *text, size_t n) {
    if (fwrite(text, 1, n, stdout) != n || putchar('\n') == EOF)
        return rp_fail(RP_ERR_IO, "standard output: cannot write: %s", strerror(errno));
    return RP_OK;
}
