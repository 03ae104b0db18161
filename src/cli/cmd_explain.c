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

static void print_settings(const rp_algorithm *algorithm) {
    printf("Settings\n");
    for (const rp_setting *s = algorithm->settings; s->name; s++) {
        printf("  %-20s", s->name);
        if (s->kind == RP_SETTING_CHOICE) {
            printf("%s (", s->choices[(size_t)s->standard]);
            for (size_t k = 0; s->choices[k]; k++) printf("%s%s", k ? ", " : "", s->choices[k]);
            printf(")");
        } else if (s->kind == RP_SETTING_BOOL)
            printf("%s", s->standard > 0 ? "on" : "off");
        else
            printf("%g (%g to %g)", s->standard, s->lo, s->hi);
        printf("\n  %-20s%s\n", "", s->help);
    }
}

static void print_conventions(const rp_algorithm *algorithm) {
    printf("\nConventions\n");
    for (const rp_convention *c = algorithm->conventions; c->name; c++) {
        printf("  %-20s%s\n", c->name, c->help);
        for (size_t k = 0; k < RP_MAX_SETTINGS && c->set[k].setting; k++)
            printf("  %-20s  %s = %s\n", "", c->set[k].setting, c->set[k].value);
    }
}

static void explain(const rp_algorithm *algorithm) {
    const rp_settings settings = rp_settings_defaults(algorithm);
    const unsigned needs = rp_algorithm_needs(algorithm, &settings);
    printf("%s: %s\n%s\n\nEquations  %s\nSource     %s in docs/bibliography.md\nCode       src/algorithms/%s.c\n"
           "Page       docs/algorithms/%s.md\nGoldens    data/golden/v1/algorithms/%s.json\n\nNeeds, with the defaults\n",
           algorithm->name, algorithm->title, algorithm->summary, algorithm->equations, algorithm->citation,
           algorithm->name, algorithm->name, algorithm->name);
    for (unsigned bit = 0; bit < sizeof needs_text / sizeof needs_text[0]; bit++)
        if (needs & (1u << bit)) printf("  %s\n", needs_text[bit]);
    printf("\n");
    print_settings(algorithm);
    print_conventions(algorithm);
}

static rp_status run(const rp_invocation *call) {
    const rp_text_list *words = &call->words;
    for (size_t k = 0; words->count == 0 && k < rp_algorithm_count(); k++)
        printf("%-12s%s\n", rp_algorithm_at(k)->name, rp_algorithm_at(k)->summary);
    for (size_t k = 0; k < words->count; k++) {
        const rp_algorithm *algorithm = rp_algorithm_find(words->items[k]);
        if (!algorithm) return RP_ERR_ARGUMENT;
        if (k > 0) printf("\n");
        explain(algorithm);
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
