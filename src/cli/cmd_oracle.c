/* SPDX-License-Identifier: MIT
 *
 * cmd_oracle.c — rephrase oracle: a batch on standard input, its loss and derivatives on standard output.
 *
 * Both programs ask librephrase, which computes in double precision; `rephrase oracle` and `rephrase-f64 oracle` give the
 * same bytes.
 */
#include "commands.h"

#include <rephrase/algorithms.h>
#include <rephrase/capi.h>

#include <string.h>

static void print_setting(const rp_option *setting) {
    char allowed[256], standard[32];
    rp_option_describe(setting, allowed);
    (void)rp_format_double(setting->initial, standard);
    const char *word = setting->kind == RP_OPTION_KIND_CHOICE ? setting->choices[(size_t)setting->initial]
                       : setting->kind == RP_OPTION_KIND_BOOL ? (setting->initial > 0 ? "true" : "false")
                                                              : standard;
    printf("    %-20s%s, %s\n", setting->name, word, allowed);
}

static void print_list(void) {
    printf("Each setting: its default, then what it may be. rephrase explain NAME says more about one.\n");
    for (size_t k = 0; k < rp_algorithm_count(); k++) {
        const rp_algorithm *algorithm = rp_algorithm_at(k);
        const rp_settings settings = rp_settings_defaults(algorithm);
        const unsigned needs = rp_algorithm_needs(algorithm, &settings);
        printf("\n%s: %s\n  needs", algorithm->name, algorithm->summary);
        for (unsigned bit = 0; rp_needs_name(bit); bit++)
            if (needs & (1u << bit)) printf(" %s", rp_needs_name(bit));
        printf("\n  conventions");
        for (const rp_convention *c = algorithm->conventions; c->name; c++) printf(" %s", c->name);
        printf("\n");
        for (const rp_option *setting = algorithm->settings; setting->name; setting++) print_setting(setting);
    }
}

static rp_status ask(const char *command, const char *algorithm, const char *convention, const rp_text_list *set) {
    const char *assignments[RP_LIST_MAX + 1] = {NULL};
    for (size_t k = 0; k < set->count; k++) assignments[k] = set->items[k];
    rp_arena *arena = rp_arena_create("input", 0);
    if (!arena) return RP_ERR_MEMORY;
    rephrase *context = rephrase_open();
    rp_str text = {NULL, 0};
    rp_status status = context ? RP_OK : rp_fail(RP_ERR_MEMORY, "no memory for the oracle");
    if (status == RP_OK && strcmp(command, "list") != 0) status = rp_file_read(arena, "-", (size_t)1 << 30, &text);
    if (status == RP_OK) {
        const char *answer = rephrase_oracle(context, command, algorithm, convention, assignments, text.data, text.length);
        status = answer ? rp_put_line(answer, strlen(answer)) : rp_fail(RP_ERR_ARGUMENT, "%s", rephrase_error(context));
    }
    rephrase_close(context);
    rp_arena_destroy(arena);
    return status;
}

typedef struct arguments {
    const char *algorithm, *convention;
    rp_text_list set;
    bool json;
} arguments;

static const rp_option options[] = {
    RP_OPTION_TEXT(arguments, algorithm, "algorithm", NULL, "whose loss; \"rephrase oracle list\" names them",
                   .value = "NAME"),
    RP_OPTION_TEXT(arguments, convention, "convention", NULL, "paper, trl, verl or release, where the algorithm has it",
                   .value = "NAME"),
    RP_OPTION_LIST(arguments, set, "set", "a setting, over the convention and the document's settings", .value = "K=V"),
    RP_OPTION_BOOL(arguments, json, "json", false, "list: print JSON"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const arguments *chosen = call->arguments;
    if (call->words.count != 1) return rp_fail(RP_ERR_ARGUMENT, "say one of loss, advantage, kl, gae, adamw, list");
    const char *question = call->words.items[0];
    if (strcmp(question, "list") != 0 || chosen->json)
        return ask(question, chosen->algorithm, chosen->convention, &chosen->set);
    print_list();
    return RP_OK;
}

const rp_command rp_command_oracle = {
    .name = "oracle",
    .summary = "loss and derivatives of a batch you give, in double precision",
    .usage = "rephrase oracle loss|advantage|kl|gae|adamw|list [flags] < batch.json",
    .about =
        "Computes what a training step would, from arrays that you give: the loss of any algorithm with its derivatives by "
        "log-probability, entropy and value, group advantages, KL estimates, GAE, AdamW steps. One JSON object on standard "
        "input, one on standard output, in double precision; docs/golden-format.md names the keys. \"list\" reads nothing "
        "and prints every algorithm with its settings.",
    .examples = "  echo '{\"logp\": [[-0.36,-1.6],[-0.58]], \"logp_old\": [[-0.7,-0.9],[-0.2]], \"reward\": [1,0]}' |\n"
                "    rephrase oracle loss --algorithm grpo --convention trl\n"
                "  rephrase oracle list --json\n",
    .words = "QUESTION",
    .arguments = sizeof(arguments),
    .options = options,
    .run = run,
};
