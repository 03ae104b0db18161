/* SPDX-License-Identifier: MIT
 *
 * table.c — rows to array, look-ups, and settings by name.
 *
 * What the command line, the recipe parser, the oracle and the documentation know of an algorithm they know from its row.
 */
#include "common.h"

#include <string.h>

static const rp_algorithm *const table[] = {
#define ALGORITHM(name) &rp_algorithm_##name,
#include "algorithms.def"
#undef ALGORITHM
};
enum { TABLE_ROWS = sizeof table / sizeof table[0] };

const char *rp_needs_name(unsigned bit) {
    static const char *const names[] = {"reward",     "logp_old",   "logp_behavior", "logp_ref", "value",
                                        "entropy",    "topk",       "on-policy",     "expert",   "rephrase",
                                        "no-rollout", "whole-step", "prefix"};
    return bit < sizeof names / sizeof names[0] ? names[bit] : NULL;
}

size_t rp_algorithm_count(void) {
    return TABLE_ROWS;
}

const rp_algorithm *rp_algorithm_at(size_t index) {
    return index < TABLE_ROWS ? table[index] : NULL;
}

const rp_algorithm *rp_algorithm_find(const char *name) {
    const char *names[TABLE_ROWS];
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        if (strcmp(table[i]->name, name) == 0) return table[i];
        names[i] = table[i]->name;
    }
    const char *near = rp_nearest_name(name, names, TABLE_ROWS);
    rp_fail(RP_ERR_ARGUMENT, "no algorithm is called \"%s\"%s%s%s", name, near ? "; did you mean \"" : "", near ? near : "",
            near ? "\"?" : "");
    return NULL;
}

/* ---- Settings by name ------------------------------------------------------------------------------------------ */

static const rp_option *find(const rp_algorithm *algorithm, const char *key) {
    return rp_options_find(algorithm->settings, NULL, key);
}

static const rp_option *must_find(const rp_algorithm *algorithm, const rp_settings *settings, const char *key) {
    const rp_option *option = find(algorithm, key);
    RP_REQUIRE(option && settings->of == algorithm);
    return option;
}

bool rp_settings_has(const rp_algorithm *algorithm, const char *key) {
    return find(algorithm, key) != NULL;
}

rp_settings rp_settings_defaults(const rp_algorithm *algorithm) {
    rp_settings settings = {.of = algorithm};
    rp_options_defaults(algorithm->settings, settings.bytes);
    return settings;
}

double rp_settings_get(const rp_algorithm *algorithm, const rp_settings *settings, const char *key) {
    return rp_option_number(must_find(algorithm, settings, key), settings->bytes);
}

void rp_settings_put(const rp_algorithm *algorithm, rp_settings *settings, const char *key, double value) {
    const rp_option *option = must_find(algorithm, settings, key);
    char text[32];
    (void)rp_format_double(value, text);
    const char *word = option->kind == RP_OPTION_KIND_CHOICE ? option->choices[(size_t)value] : text;
    if (option->kind == RP_OPTION_KIND_BOOL) word = value > 0 ? "true" : "false";
    RP_REQUIRE(rp_option_set(option, NULL, settings->bytes, word) == RP_OK);
}

rp_plan rp_algorithm_plan(const rp_algorithm *algorithm, const rp_settings *settings, int64_t step) {
    rp_plan plan = {.settings = *settings, .rollouts = true, .batches = 1};
    if (algorithm->plan) algorithm->plan(settings, step, &plan);
    RP_REQUIRE(plan.demonstrations <= RP_MAX_DEMONSTRATIONS && plan.batches >= 1);
    RP_REQUIRE(plan.rollouts || plan.demonstrations); /* a step without rows is no step */
    plan.needs = algorithm->needs(&plan.settings) | (plan.rollouts ? 0 : RP_NEEDS_NO_ROLLOUT) |
                 (plan.demonstrations || plan.failures ? RP_NEEDS_EXPERT : 0) | (plan.gate.wanted ? RP_NEEDS_REPHRASE : 0);
    return plan;
}

unsigned rp_algorithm_needs(const rp_algorithm *algorithm, const rp_settings *settings) {
    return rp_algorithm_plan(algorithm, settings, 0).needs;
}

const char *rp_settings_choice(const rp_algorithm *algorithm, const rp_settings *settings, const char *key) {
    const rp_option *option = must_find(algorithm, settings, key);
    RP_REQUIRE(option->kind == RP_OPTION_KIND_CHOICE);
    return option->choices[(size_t)rp_option_number(option, settings->bytes)];
}

/* From text, or from JSON when `text` is NULL. */
static rp_status set(const rp_algorithm *algorithm, const char *key, const char *text, const rp_json *json,
                     rp_settings *settings) {
    const rp_option *option = find(algorithm, key);
    char shown[128];
    RP_REQUIRE(settings->of == algorithm);
    if (!option) {
        const rp_option *const tables[] = {algorithm->settings, NULL};
        (void)snprintf(shown, sizeof shown, "%s has no setting \"%s\"", algorithm->name, key);
        return rp_option_unknown(tables, key, false, shown, "`rephrase explain` lists the settings of an algorithm");
    }
    (void)snprintf(shown, sizeof shown, "%s.%s", algorithm->name, option->name);
    RP_TRY(text ? rp_option_set(option, shown, settings->bytes, text)
                : rp_option_set_json(option, shown, settings->bytes, json));
    settings->given |= UINT64_C(1) << (option - algorithm->settings);
    return RP_OK;
}

rp_status rp_settings_set(const rp_algorithm *algorithm, const char *key, const char *value, rp_settings *settings) {
    return set(algorithm, key, value, NULL, settings);
}

rp_status rp_settings_set_json(const rp_algorithm *algorithm, const char *key, const rp_json *value,
                               rp_settings *settings) {
    return set(algorithm, key, NULL, value, settings);
}

/* The convention's values go into a fresh struct; what was set by name goes over them. */
static rp_status take(const rp_algorithm *algorithm, const rp_convention *convention, rp_settings *settings) {
    rp_settings made = rp_settings_defaults(algorithm);
    for (size_t k = 0; convention->set[k].setting; k++)
        RP_TRY(rp_settings_set(algorithm, convention->set[k].setting, convention->set[k].value, &made));
    made.given = settings->given;
    for (size_t k = 0; algorithm->settings[k].name; k++)
        if (settings->given >> k & 1) rp_option_copy(&algorithm->settings[k], made.bytes, settings->bytes);
    *settings = made;
    return RP_OK;
}

rp_status rp_settings_apply(const rp_algorithm *algorithm, const char *convention, rp_settings *settings) {
    const char *name;
    return convention ? rp_settings_convention(algorithm, convention, settings, &name) : RP_OK;
}

rp_status rp_settings_convention(const rp_algorithm *algorithm, const char *convention, rp_settings *settings,
                                 const char **name) {
    const rp_convention *c = algorithm->conventions;
    char known[256] = "";
    for (; c->name && strcmp(c->name, convention) != 0; c++) {
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", c->name);
    }
    if (!c->name)
        return rp_fail(RP_ERR_ARGUMENT, "%s has the conventions %s, not \"%s\"", algorithm->name, known, convention);
    *name = c->name;
    return take(algorithm, c, settings);
}

static rp_status check_needs(const rp_algorithm *algorithm, unsigned needs, const rp_batch *batch) {
    const struct {
        unsigned bit;
        const char *name;
        bool present;
    } arrays[] = {{RP_NEEDS_REWARD, "reward", batch->reward != NULL},
                  {RP_NEEDS_REWARD, "group", batch->group != NULL},
                  {RP_NEEDS_OLD, "logp_old", batch->logp_old != NULL},
                  {RP_NEEDS_BEHAVIOR, "logp_behavior", batch->logp_behavior != NULL},
                  {RP_NEEDS_REFERENCE, "logp_ref", batch->logp_ref != NULL},
                  {RP_NEEDS_VALUE, "value", batch->value != NULL},
                  {RP_NEEDS_VALUE, "value_old", batch->value_old != NULL},
                  {RP_NEEDS_ENTROPY, "entropy", batch->entropy != NULL},
                  {RP_NEEDS_PREFIX, "prefix", batch->prefix != NULL},
                  {RP_NEEDS_TOPK, "topk", batch->topk > 0}};
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++)
        if ((needs & arrays[k].bit) && !arrays[k].present)
            return rp_fail(RP_ERR_ARGUMENT, "%s with these settings needs %s, which the batch does not have",
                           algorithm->name, arrays[k].name);
    return RP_OK;
}

rp_status rp_algorithm_loss(const rp_algorithm *algorithm, const rp_settings *settings, const rp_batch *batch,
                            rp_arena *arena, rp_loss *loss) {
    RP_TRY(rp_batch_check(batch));
    RP_TRY(check_needs(algorithm, algorithm->needs(settings), batch));
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    const rp_status status = algorithm->loss(batch, settings, arena, loss);
    rp_arena_rewind(arena, mark);
    if (status == RP_ERR_ARGUMENT) return rp_fail_prefix(status, "%s", algorithm->name);
    if (status == RP_OK && !isfinite(loss->loss))
        return rp_fail(RP_ERR_NUMERIC, "%s: the loss is %g", algorithm->name, loss->loss);
    return status;
}
