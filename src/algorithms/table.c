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

static size_t setting_index(const rp_algorithm *algorithm, const char *key) {
    size_t k = 0;
    while (algorithm->settings[k].name && strcmp(algorithm->settings[k].name, key) != 0) k++;
    return k;
}

bool rp_settings_has(const rp_algorithm *algorithm, const char *key) {
    return algorithm->settings[setting_index(algorithm, key)].name != NULL;
}

rp_settings rp_settings_defaults(const rp_algorithm *algorithm) {
    rp_settings settings = {{0}};
    for (size_t k = 0; algorithm->settings[k].name; k++) settings.value[k] = algorithm->settings[k].standard;
    return settings;
}

double rp_settings_get(const rp_algorithm *algorithm, const rp_settings *settings, const char *key) {
    const size_t k = setting_index(algorithm, key);
    RP_REQUIRE(algorithm->settings[k].name);
    return settings->value[k];
}

void rp_settings_put(const rp_algorithm *algorithm, rp_settings *settings, const char *key, double value) {
    const size_t k = setting_index(algorithm, key);
    RP_REQUIRE(algorithm->settings[k].name);
    settings->value[k] = value;
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
    const size_t k = setting_index(algorithm, key);
    RP_REQUIRE(algorithm->settings[k].name && algorithm->settings[k].kind == RP_SETTING_CHOICE);
    return algorithm->settings[k].choices[(size_t)settings->value[k]];
}

static bool parse_bool(const char *text, double *value) {
    static const char *const words[] = {"off", "on", "false", "true", "no", "yes", "0", "1"};
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (strcmp(words[k], text) == 0) {
            *value = (double)(k % 2);
            return true;
        }
    return false;
}

static rp_status parse_choice(const rp_algorithm *algorithm, const rp_setting *setting, const char *text, double *value) {
    char known[256] = "";
    for (size_t k = 0; setting->choices[k]; k++) {
        if (strcmp(setting->choices[k], text) == 0) {
            *value = (double)k;
            return RP_OK;
        }
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", k ? ", " : "", setting->choices[k]);
    }
    return rp_fail(RP_ERR_ARGUMENT, "%s: %s is one of %s, not \"%s\"", algorithm->name, setting->name, known, text);
}

static rp_status unknown_setting(const rp_algorithm *algorithm, const char *key) {
    const char *names[RP_MAX_SETTINGS];
    size_t count = 0;
    for (; algorithm->settings[count].name; count++) names[count] = algorithm->settings[count].name;
    const char *near = rp_nearest_name(key, names, count);
    return rp_fail(RP_ERR_ARGUMENT, "%s has no setting \"%s\"%s%s%s", algorithm->name, key, near ? "; did you mean \"" : "",
                   near ? near : "", near ? "\"?" : "");
}

rp_status rp_settings_set(const rp_algorithm *algorithm, const char *key, const char *value, rp_settings *settings) {
    const size_t k = setting_index(algorithm, key);
    const rp_setting *setting = &algorithm->settings[k];
    if (!setting->name) return unknown_setting(algorithm, key);
    double parsed = 0;
    if (setting->kind == RP_SETTING_CHOICE) {
        RP_TRY(parse_choice(algorithm, setting, value, &parsed));
    } else if (setting->kind == RP_SETTING_BOOL) {
        if (!parse_bool(value, &parsed))
            return rp_fail(RP_ERR_ARGUMENT, "%s: %s is on or off, not \"%s\"", algorithm->name, key, value);
    } else {
        const bool integer = setting->kind == RP_SETTING_INT;
        /* Written so that NaN fails too. */
        if (!rp_parse_double(value, &parsed) || !(parsed >= setting->lo && parsed <= setting->hi) ||
            (integer && parsed != floor(parsed)))
            return rp_fail(RP_ERR_ARGUMENT, "%s: %s is %s from %g to %g, not \"%s\"", algorithm->name, key,
                           integer ? "an integer" : "a number", setting->lo, setting->hi, value);
    }
    settings->value[k] = parsed;
    return RP_OK;
}

rp_status rp_settings_apply(const rp_algorithm *algorithm, const char *convention, rp_settings *settings) {
    if (!convention) return RP_OK;
    const char *names[RP_MAX_SETTINGS];
    size_t count = 0;
    for (const rp_convention *c = algorithm->conventions; c->name; c++) {
        if (strcmp(c->name, convention) != 0) {
            if (count < RP_MAX_SETTINGS) names[count++] = c->name;
            continue;
        }
        rp_settings applied = *settings;
        for (size_t k = 0; k < RP_MAX_SETTINGS && c->set[k].setting; k++)
            RP_TRY(rp_settings_set(algorithm, c->set[k].setting, c->set[k].value, &applied));
        *settings = applied;
        return RP_OK;
    }
    char known[256] = "";
    for (size_t k = 0; k < count; k++) {
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", k ? ", " : "", names[k]);
    }
    return rp_fail(RP_ERR_ARGUMENT, "%s has the conventions %s, not \"%s\"", algorithm->name, known, convention);
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
    if (status == RP_OK && !isfinite(loss->loss))
        return rp_fail(RP_ERR_NUMERIC, "%s: the loss is %g", algorithm->name, loss->loss);
    return status;
}
