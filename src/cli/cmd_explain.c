/* SPDX-License-Identifier: MIT
 *
 * cmd_explain.c — rephrase explain: what an algorithm computes, what can be set, what it needs, where it stands.
 */
#include "commands.h"

#include <rephrase/algorithms.h>

#include <string.h>

/* What a bit of rp_needs asks of the trainer, in the order of the bits. */
static const char *const needs_text[] = {
    "rewards and groups",
    "log-probabilities under the policy at the start of the update phase (logp_old)",
    "log-probabilities as the sampler reported them (logp_behavior)",
    "a reference policy (logp_ref)",
    "a value head",
    "token entropies",
    "top-K probabilities at sampling and now",
    "exactly one update per rollout batch",
    "rows from an expert's solutions",
    "rephrased rows, by RePO's gate",
    "no rollouts: supervised only",
    "all rows of the step in one call",
    "rollouts that continue the beginning of a demonstration",
};

static rp_status print_settings(rp_arena *arena, const rp_algorithm *algorithm) {
    printf("Settings\n");
    for (const rp_option *s = algorithm->settings; s->name; s++) {
        char allowed[256], peers[160];
        rp_buffer standard = rp_buffer_in(arena);
        rp_option_describe(s, allowed);
        rp_option_peers(s, peers);
        rp_option_write_default(s, &standard);
        RP_TRY(rp_buffer_status(&standard));
        printf("  %-20s%s (%s)\n  %-20s%s%s\n", s->name, standard.data, allowed, "", s->help, peers);
    }
    return RP_OK;
}

static void print_conventions(const rp_algorithm *algorithm) {
    printf("\nConventions\n");
    for (const rp_convention *c = algorithm->conventions; c->name; c++) {
        printf("  %-20s%s\n", c->name, c->help);
        for (size_t k = 0; c->set[k].setting; k++) printf("  %-20s  %s = %s\n", "", c->set[k].setting, c->set[k].value);
    }
}

static rp_status explain(rp_arena *arena, const rp_algorithm *algorithm) {
    const rp_settings settings = rp_settings_defaults(algorithm);
    const unsigned needs = rp_algorithm_needs(algorithm, &settings);
    printf("%s: %s\n%s\n\nEquations  %s\nSource     %s in docs/bibliography.md\nCode       src/algorithms/%s.c\n"
           "Page       docs/algorithms/%s.md\nGoldens    data/golden/v1/algorithms/%s.json\n\nNeeds, with the defaults\n",
           algorithm->name, algorithm->title, algorithm->summary, algorithm->equations, algorithm->citation,
           algorithm->name, algorithm->name, algorithm->name);
    for (unsigned bit = 0; bit < sizeof needs_text / sizeof needs_text[0]; bit++)
        if (needs & (1u << bit)) printf("  %s\n", needs_text[bit]);
    printf("\n");
    RP_TRY(print_settings(arena, algorithm));
    print_conventions(algorithm);
    return RP_OK;
}

static rp_status run(const rp_invocation *call) {
    const rp_text_list *words = &call->words;
    for (size_t k = 0; words->count == 0 && k < rp_algorithm_count(); k++)
        printf("%-12s%s\n", rp_algorithm_at(k)->name, rp_algorithm_at(k)->summary);
    for (size_t k = 0; k < words->count; k++) {
        const rp_algorithm *algorithm = rp_algorithm_find(words->items[k]);
        if (!algorithm) return RP_ERR_ARGUMENT;
        if (k > 0) printf("\n");
        RP_TRY(explain(call->arena, algorithm));
    }
    return RP_OK;
}

const rp_command rp_command_explain = {
    .name = "explain",
    .summary = "an algorithm: equations, settings, needs, file",
    .usage = "rephrase explain [NAME]",
    .about =
        "Prints an algorithm's equations by their tags, its settings with defaults and bounds, the conventions of public "
        "implementations, what a training step must provide, and the file that computes it. Without a name: all names.",
    .examples = "  rephrase explain grpo\n",
    .words = "NAME",
    .run = run,
};
