/* SPDX-License-Identifier: MIT
 *
 * cmd_options.c — rephrase options: everything that can be set by name, from the tables that parse it.
 *
 * Manual pages, completions of shells and the tables of the documentation are made from the JSON, so that none of them can say
 * something else than the program.
 */
#include "commands.h"
#include "recipe_flags.h"

#include <string.h>

typedef struct arguments {
    bool json;
} arguments;

static const rp_option options[] = {
    RP_OPTION_BOOL(arguments, json, "json", false, "print names, kinds, defaults, ranges, choices and help as JSON"),
    RP_OPTION_END,
};

static void put_pair(rp_json_writer *writer, const char *key, const char *text) {
    rp_json_put_key(writer, key);
    rp_json_put_text(writer, text);
}

static void put_command(const rp_command *command, rp_json_writer *writer) {
    static const rp_option none[] = {RP_OPTION_END};
    rp_json_begin_object(writer);
    put_pair(writer, "name", command->name);
    put_pair(writer, "summary", command->summary);
    put_pair(writer, "usage", command->usage);
    put_pair(writer, "about", command->about);
    put_pair(writer, "examples", command->examples);
    put_pair(writer, "words", command->words);
    rp_json_put_key(writer, "recipe");
    rp_json_put_bool(writer, command->recipe);
    rp_json_put_key(writer, "options");
    rp_options_json(command->options ? command->options : none, writer);
    rp_json_put_key(writer, "shared");
    rp_options_json(command->shared ? command->shared : none, writer);
    rp_json_end_object(writer);
}

static rp_status print_json(rp_arena *arena) {
    rp_buffer text = rp_buffer_in(arena);
    rp_json_writer writer = rp_json_write_to(&text);
    rp_json_begin_object(&writer);
    put_pair(&writer, "version", RP_VERSION);
    rp_json_put_key(&writer, "commands");
    rp_json_begin_array(&writer);
    for (size_t i = 0; rp_commands[i]; i++) put_command(rp_commands[i], &writer);
    rp_json_end_array(&writer);
    const struct {
        const char *name;
        const rp_option *table;
    } tables[] = {{"recipe", rp_recipe_keys}, {"compare", rp_comparison_keys}, {"row", rp_compared_keys}};
    for (size_t i = 0; i < 3; i++) {
        rp_json_put_key(&writer, tables[i].name);
        rp_options_json(tables[i].table, &writer);
    }
    rp_json_put_key(&writer, "algorithms");
    rp_json_begin_object(&writer);
    for (size_t i = 0; i < rp_algorithm_count(); i++) {
        rp_json_put_key(&writer, rp_algorithm_at(i)->name);
        rp_options_json(rp_algorithm_at(i)->settings, &writer);
    }
    rp_json_end_object(&writer);
    rp_json_end_object(&writer);
    RP_TRY(rp_buffer_status(&text));
    return rp_put_line(text.data, text.length);
}

static void print_names(const rp_option *table) {
    for (const rp_option *option = table; table && option->name; option++)
        printf("  %-28s%s\n", option->name, option->help);
}

static rp_status run(const rp_invocation *call) {
    const arguments *chosen = call->arguments;
    if (chosen->json) return print_json(call->arena);
    for (size_t i = 0; rp_commands[i]; i++) {
        printf("%srephrase %s\n", i ? "\n" : "", rp_commands[i]->name);
        print_names(rp_commands[i]->options);
        print_names(rp_commands[i]->shared);
    }
    printf("\nkeys of a recipe\n");
    print_names(rp_recipe_keys);
    printf("\nsection [compare]\n");
    print_names(rp_comparison_keys);
    printf("\nsections [row NAME]\n");
    print_names(rp_compared_keys);
    for (size_t i = 0; i < rp_algorithm_count(); i++) {
        printf("\nsection [%s]\n", rp_algorithm_at(i)->name);
        print_names(rp_algorithm_at(i)->settings);
    }
    return RP_OK;
}

const rp_command rp_command_options = {
    .name = "options",
    .summary = "everything that can be set by name; as JSON for other programs",
    .usage = "rephrase options [--json]",
    .about = "Lists the flags of every command, the keys of a recipe and of a comparison, and the settings of algorithms. "
             "With --json: with their kinds, defaults, ranges and "
             "choices, for manual pages, completions and other programs.",
    .examples = "  rephrase options --json > options.json\n",
    .arguments = sizeof(arguments),
    .options = options,
    .run = run,
};
