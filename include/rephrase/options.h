/* SPDX-License-Identifier: MIT
 *
 * options.h — one kind of table for everything that somebody may set by name.
 *
 * A table describes the fields of one struct: flags of a command, keys of a recipe, settings of an algorithm, keys of a
 * comparison. It is the only place that knows a name, its type, default, range, choices and help. Parsing, defaults, error
 * sentences, --help, the Markdown of the documentation and the JSON for other programs all read the table.
 *
 *   typedef struct gate_settings {
 *       double rho;
 *       bool verify;
 *   } gate_settings;
 *   static const rp_option options[] = {
 *       RP_OPTION_REAL(gate_settings, rho, "rho", 0.75, 0, 1, "share of failures at which the gate opens"),
 *       RP_OPTION_BOOL(gate_settings, verify, "verify", true, "use only rephrasings that the verifier accepts"),
 *       RP_OPTION_END,
 *   };
 *
 * A row whose kind is not the type of its field does not compile. Text is parsed once, into the field.
 */
#ifndef REPHRASE_OPTIONS_H
#define REPHRASE_OPTIONS_H

#include <rephrase/json.h>

typedef enum rp_option_kind {
    RP_OPTION_KIND_BOOL,   /* bool: "true" or "false"; as flags --name and --no-name */
    RP_OPTION_KIND_INT,    /* int64_t, lo..hi */
    RP_OPTION_KIND_REAL,   /* double, lo..hi */
    RP_OPTION_KIND_TEXT,   /* const char * */
    RP_OPTION_KIND_CHOICE, /* int or an enum: the index of one of the choices */
    RP_OPTION_KIND_LIST    /* rp_text_list: each assignment adds an item */
} rp_option_kind;

enum { RP_LIST_MAX = 64 };
typedef struct rp_text_list {
    const char *items[RP_LIST_MAX];
    size_t count;
} rp_text_list;

typedef struct rp_option {
    const char *name;    /* words joined by "_"; a flag shows "-" instead */
    const char *section; /* of an INI file; NULL where there are no sections */
    const char *help;
    const char *value;          /* how --help names the value: "FILE"; NULL = by kind */
    const char *trl, *verl;     /* the name in TRL and in verl, where they have the option; NULL = none */
    const char *former;         /* earlier and other usual names, separated by commas; refused with the name of today */
    const char *text;           /* default of a text; NULL is a default too */
    const char *const *choices; /* NULL-terminated */
    double initial;             /* default: a number, 0 or 1, or the index of a choice */
    double lo, hi;              /* range of a number, both included */
    double above;               /* 0 is "off", and any other number must be above this; 0 = no such rule */
    size_t offset;              /* of the field in its struct */
    rp_option_kind kind;
} rp_option;

/* The offset of a field that has this type; any other type matches no association and does not compile. */
#define RP_FIELD_OF(type, structure, field) _Generic(&((structure *)0)->field, type * : offsetof(structure, field))
/* An enum is compatible with int or with unsigned int; the compiler chooses. */
#define RP_FIELD_OF_CHOICE(structure, field)                                                                               \
    _Generic(&((structure *)0)->field, int * : offsetof(structure, field), unsigned * : offsetof(structure, field))
#define RP_CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Rows. After the help text further members may follow: .trl = "epsilon_high", .value = "FILE". */
#define RP_OPTION_BOOL(structure, field, name_, initial_, ...)                                                             \
    {                                                                                                                      \
        .name = name_, .kind = RP_OPTION_KIND_BOOL, .offset = RP_FIELD_OF(bool, structure, field), .initial = initial_,    \
        .help = __VA_ARGS__                                                                                                \
    }
#define RP_OPTION_INT(structure, field, name_, initial_, lo_, hi_, ...)                                                    \
    {                                                                                                                      \
        .name = name_, .kind = RP_OPTION_KIND_INT, .offset = RP_FIELD_OF(int64_t, structure, field), .initial = initial_,  \
        .lo = lo_, .hi = hi_, .help = __VA_ARGS__                                                                          \
    }
#define RP_OPTION_REAL(structure, field, name_, initial_, lo_, hi_, ...)                                                   \
    {                                                                                                                      \
        .name = name_, .kind = RP_OPTION_KIND_REAL, .offset = RP_FIELD_OF(double, structure, field), .initial = initial_,  \
        .lo = lo_, .hi = hi_, .help = __VA_ARGS__                                                                          \
    }
#define RP_OPTION_TEXT(structure, field, name_, initial_, ...)                                                             \
    {                                                                                                                      \
        .name = name_, .kind = RP_OPTION_KIND_TEXT, .offset = RP_FIELD_OF(const char *, structure, field),                 \
        .text = initial_, .help = __VA_ARGS__                                                                              \
    }
#define RP_OPTION_CHOICE(structure, field, name_, initial_, choices_, ...)                                                 \
    {                                                                                                                      \
        .name = name_, .kind = RP_OPTION_KIND_CHOICE, .offset = RP_FIELD_OF_CHOICE(structure, field), .initial = initial_, \
        .choices = choices_, .help = __VA_ARGS__                                                                           \
    }
#define RP_OPTION_LIST(structure, field, name_, ...)                                                                       \
    {                                                                                                                      \
        .name = name_, .kind = RP_OPTION_KIND_LIST, .offset = RP_FIELD_OF(rp_text_list, structure, field),                 \
        .help = __VA_ARGS__                                                                                                \
    }
#define RP_OPTION_END                                                                                                      \
    { .name = NULL }

size_t rp_options_count(const rp_option *options);
/* Every default into the struct. The other members of the struct are not touched. */
void rp_options_defaults(const rp_option *options, void *structure);
/* The option of this name, with "_" or "-" between the words; NULL when there is none. `section` NULL = any. */
const rp_option *rp_options_find(const rp_option *options, const char *section, const char *name);

/* Parses `value` and stores it in the option's field; nothing is stored when it fails. Texts are not copied.
 *   shown   the name in the error sentence; NULL = the option's own
 *   Fails   RP_ERR_ARGUMENT: "epsilon is a number from 0 to 1, not "2"" */
rp_status rp_option_set(const rp_option *option, const char *shown, void *structure, const char *value) RP_MUST_CHECK;
/* The same from JSON: a number, true or false, or a string. Not for texts and lists. */
rp_status rp_option_set_json(const rp_option *option, const char *shown, void *structure,
                             const rp_json *value) RP_MUST_CHECK;
/* One field from another struct of the same type. */
void rp_option_copy(const rp_option *option, void *structure, const void *from);
/* The value as text that rp_option_set reads back to the same field. A list has no such text. */
void rp_option_write(const rp_option *option, const void *structure, rp_buffer *out);
/* A bool, number or choice as a number. */
double rp_option_number(const rp_option *option, const void *structure);
/* What a value may be: "a number from 0 to 1", "one of group, batch". */
void rp_option_describe(const rp_option *option, char out[256]);
/* The default as text; empty for a list and for a text without one. */
void rp_option_write_default(const rp_option *option, rp_buffer *out);
/* The names in TRL and verl, " (TRL epsilon_high, verl clip_ratio_high)", or nothing. */
void rp_option_peers(const rp_option *option, char out[160]);

/* Says that a name is unknown, and what it should be: "HEAD; here it is called epsilon_high" for a former name or one of TRL's
 * or verl's, else "HEAD; did you mean epsilon?", else "HEAD; TAIL".
 *   tables  ends with NULL; dashes: names are shown as flags */
rp_status rp_option_unknown(const rp_option *const *tables, const char *name, bool dashes, const char *head,
                            const char *tail) RP_MUST_CHECK;

/* A table as a JSON array, for manual pages, completions and other programs. */
void rp_options_json(const rp_option *options, rp_json_writer *writer);

#endif
