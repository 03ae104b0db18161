/* SPDX-License-Identifier: MIT
 *
 * oracle.c — JSON in, the numbers of the library out.
 *
 * Nothing is computed here. Each question reads its arrays, calls the function that the trainer calls, and writes what came
 * back with decimals that read back as the same doubles.
 */
#include "oracle.h"

#include <rephrase/kernels.h>

#include <string.h>

/* "name=value" in two; `name` must hold 64 bytes. */
static rp_status split(const char *text, char name[64], const char **value) {
    const char *equals = strchr(text, '=');
    if (!equals || (size_t)(equals - text) >= 64)
        return rp_fail(RP_ERR_ARGUMENT, "a setting is written name=value, not \"%s\"", text);
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = '\0';
    *value = equals + 1;
    return RP_OK;
}

rp_status oracle_assign(const rp_algorithm *algorithm, const char *const *assignments, rp_settings *settings) {
    for (; assignments && *assignments; assignments++) {
        char name[64];
        const char *value = NULL;
        RP_TRY(split(*assignments, name, &value));
        RP_TRY(rp_settings_set(algorithm, name, value, settings));
    }
    return RP_OK;
}

/* ---- Settings of questions without an algorithm ---------------------------------------------------------------- */

static rp_status find_option(const rp_option *options, const char *question, const char *name, const rp_option **found) {
    const rp_option *const tables[] = {options, NULL};
    char head[128];
    *found = rp_options_find(options, NULL, name);
    if (*found) return RP_OK;
    (void)snprintf(head, sizeof head, "the question %s has no setting \"%s\"", question, name);
    return rp_option_unknown(tables, name, false, head, "docs/golden-format.md lists them");
}

/* Defaults, then the document's settings, then the call's. */
static rp_status read_settings(const oracle_call *call, const rp_option *options, const char *question, void *structure) {
    const rp_json given = rp_json_key(call->document, "settings");
    const rp_option *option;
    rp_options_defaults(options, structure);
    if (rp_json_typeof(&given) != RP_JSON_ABSENT) RP_TRY(rp_json_require_type(&given, RP_JSON_OBJECT));
    rp_json_iterator iterator = {NULL};
    const char *name;
    rp_json member;
    while (rp_json_typeof(&given) != RP_JSON_ABSENT && rp_json_next_member(&given, &iterator, &name, &member)) {
        rp_status status = find_option(options, question, name, &option);
        if (status == RP_OK) status = rp_option_set_json(option, NULL, structure, &member);
        if (status != RP_OK) return rp_fail_prefix(status, "$.settings.%s", name);
    }
    for (const char *const *text = call->settings; text && *text; text++) {
        char key[64];
        const char *value = NULL;
        RP_TRY(split(*text, key, &value));
        RP_TRY(find_option(options, question, key, &option));
        RP_TRY(rp_option_set(option, NULL, structure, value));
    }
    return RP_OK;
}

/* ---- loss ---------------------------------------------------------------------------------------------------------- */

rp_status oracle_loss(const oracle_call *call) {
    if (!call->algorithm) return rp_fail(RP_ERR_ARGUMENT, "loss needs the name of an algorithm");
    const rp_algorithm *algorithm = rp_algorithm_find(call->algorithm);
    if (!algorithm) return RP_ERR_ARGUMENT;
    rp_settings settings = rp_settings_defaults(algorithm);
    rp_batch batch;
    rp_loss loss;
    RP_TRY(rp_settings_apply(algorithm, call->convention, &settings));
    RP_TRY(rp_batch_read(call->document, algorithm, call->arena, &batch, &settings));
    RP_TRY(oracle_assign(algorithm, call->settings, &settings));
    RP_TRY(rp_loss_create(call->arena, &batch, &loss));
    RP_TRY(rp_algorithm_loss(algorithm, &settings, &batch, call->arena, &loss));
    rp_loss_write(call->out, &batch, &loss);
    return RP_OK;
}

/* ---- advantage ----------------------------------------------------------------------------------------------------- */

typedef struct advantage_question {
    rp_baseline baseline;
    rp_std std;
    double std_epsilon;
    int scale_rewards, group_of_one;
} advantage_question;

static const rp_option advantage_options[] = {
    RP_OPTION_CHOICE(advantage_question, baseline, "baseline", RP_BASELINE_MEAN, RP_CHOICES(RP_BASELINE_NAMES), ""),
    RP_OPTION_CHOICE(advantage_question, std, "std", RP_STD_POPULATION, RP_CHOICES(RP_STD_NAMES), ""),
    RP_OPTION_REAL(advantage_question, std_epsilon, "std_epsilon", 0, 0, 1, ""),
    RP_OPTION_CHOICE(advantage_question, scale_rewards, "scale_rewards", 0, RP_CHOICES("group", "batch", "none"), ""),
    RP_OPTION_CHOICE(advantage_question, group_of_one, "group_of_one", 0, RP_CHOICES("zero", "reward"), ""),
    RP_OPTION_END,
};

/* Rows of one token each where the document has rewards but no lists to take lengths from. */
static rp_status advantage_shape(const oracle_call *call, rp_batch *batch) {
    static const char *const shapes[] = {"logp", "mask"};
    for (size_t k = 0; k < 2; k++) {
        const rp_json lists = rp_json_key(call->document, shapes[k]);
        if (rp_json_typeof(&lists) != RP_JSON_ABSENT) return rp_shape_read(call->document, shapes[k], call->arena, batch);
    }
    const rp_json reward = rp_json_key(call->document, "reward");
    RP_TRY(rp_json_require_type(&reward, RP_JSON_ARRAY));
    const size_t rows = rp_json_length(&reward);
    if (rows == 0) return rp_json_fail(&reward, RP_ERR_SHAPE, "has no rows");
    uint32_t *start = rp_alloc(call->arena, uint32_t, rows + 1);
    RP_TRY_ALLOC(start);
    for (size_t i = 0; i <= rows; i++) start[i] = (uint32_t)i;
    batch->rows = rows;
    batch->start = start;
    return RP_OK;
}

rp_status oracle_advantage(const oracle_call *call) {
    static const char *const known[] = {"reward", "rewards", "group", "mask", "logp", "settings", NULL};
    rp_batch batch = {.rows = 0};
    advantage_question s;
    RP_TRY(rp_json_only_keys(call->document, known));
    RP_TRY(read_settings(call, advantage_options, "advantage", &s));
    RP_TRY(advantage_shape(call, &batch));
    RP_TRY(rp_rows_read(call->document, call->arena, &batch));
    if (!batch.reward) return rp_json_fail(call->document, RP_ERR_FORMAT, "has neither reward nor rewards");
    const rp_advantage_options options = {
        .baseline = s.baseline,
        .std = s.scale_rewards == 2 ? RP_STD_NONE : s.std,
        .std_epsilon = s.std_epsilon,
        .std_of_batch = s.scale_rewards > 0,
        .single_keeps_reward = s.group_of_one > 0,
    };
    real *A = rp_alloc(call->arena, real, batch.rows);
    RP_TRY_ALLOC(A);
    RP_TRY(rp_advantage(&batch, batch.reward, &options, call->arena, A));
    rp_json_begin_object(call->out);
    rp_json_put_key(call->out, "advantage");
    rp_json_begin_array(call->out);
    for (size_t i = 0; i < batch.rows; i++) rp_json_put_double(call->out, (double)A[i]);
    rp_json_end_array(call->out);
    rp_json_end_object(call->out);
    return RP_OK;
}

/* ---- kl ------------------------------------------------------------------------------------------------------------ */

typedef struct kl_question {
    rp_kl kl;
    double kl_cap;
} kl_question;

static const rp_option kl_options[] = {
    RP_OPTION_CHOICE(kl_question, kl, "kl", RP_KL_K3, RP_CHOICES(RP_KL_NAMES), ""),
    RP_OPTION_REAL(kl_question, kl_cap, "kl_cap", 0, 0, 1e9, ""),
    RP_OPTION_END,
};

rp_status oracle_kl(const oracle_call *call) {
    static const char *const known[] = {"logp", "logp_ref", "mask", "settings", NULL};
    rp_batch batch = {.rows = 0};
    kl_question s;
    RP_TRY(rp_json_only_keys(call->document, known));
    RP_TRY(read_settings(call, kl_options, "kl", &s));
    RP_TRY(rp_shape_read(call->document, "logp", call->arena, &batch));
    RP_TRY(rp_ragged_read(call->document, "logp", &batch, call->arena, &batch.logp));
    RP_TRY(rp_ragged_read(call->document, "logp_ref", &batch, call->arena, &batch.logp_ref));
    RP_TRY(rp_rows_read(call->document, call->arena, &batch));
    RP_TRY(rp_logp_check(call->document, "logp", &batch, batch.logp));
    RP_TRY(rp_logp_check(call->document, "logp_ref", &batch, batch.logp_ref));
    if (!batch.logp_ref) return rp_json_fail(call->document, RP_ERR_FORMAT, "has no logp_ref");
    const size_t n = batch.start[batch.rows];
    real *value = rp_alloc_zero(call->arena, real, n + 1), *slope = rp_alloc_zero(call->arena, real, n + 1);
    if (!value || !slope) return RP_ERR_MEMORY;
    double sum = 0, count = 0;
    for (size_t t = 0; t < n; t++) {
        if (!rp_token_counts(&batch, t)) continue;
        const rp_dual k = rp_kl_estimate(s.kl, batch.logp[t], batch.logp_ref[t], (real)s.kl_cap);
        value[t] = k.value;
        slope[t] = k.slope;
        sum += (double)k.value;
        count += 1;
    }
    rp_json_begin_object(call->out);
    rp_json_put_key(call->out, "mean");
    rp_json_put_double(call->out, count > 0 ? sum / count : 0);
    rp_ragged_write(call->out, "value", &batch, value);
    rp_ragged_write(call->out, "slope", &batch, slope);
    rp_json_end_object(call->out);
    return RP_OK;
}

/* ---- gae ----------------------------------------------------------------------------------------------------------- */

typedef struct gae_question {
    double gamma, lam;
    bool whiten;
} gae_question;

static const rp_option gae_options[] = {
    RP_OPTION_REAL(gae_question, gamma, "gamma", 1, 0, 1, ""),
    RP_OPTION_REAL(gae_question, lam, "lam", 1, 0, 1, "", .former = "lam"),
    RP_OPTION_BOOL(gae_question, whiten, "whiten", false, ""),
    RP_OPTION_END,
};

/* Per-token rewards: those given, plus the row's reward at its last counted token. */
static rp_status token_rewards(const oracle_call *call, const rp_batch *batch, real **rho) {
    const real *given = NULL;
    RP_TRY(rp_ragged_read(call->document, "token_reward", batch, call->arena, &given));
    if (!given && !batch->reward) return rp_json_fail(call->document, RP_ERR_FORMAT, "has neither reward nor token_reward");
    *rho = rp_alloc_zero(call->arena, real, batch->start[batch->rows] + 1);
    RP_TRY_ALLOC(*rho);
    for (size_t i = 0; i < batch->rows; i++) {
        size_t last = batch->start[i + 1];
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            last = t;
            if (given) (*rho)[t] = given[t];
        }
        if (batch->reward && last < batch->start[i + 1]) (*rho)[last] += batch->reward[i];
    }
    return RP_OK;
}

rp_status oracle_gae(const oracle_call *call) {
    static const char *const known[] = {"value", "reward", "token_reward", "mask", "after", "settings", NULL};
    rp_batch batch = {.rows = 0};
    gae_question s;
    const real *after = NULL;
    real *rho = NULL;
    RP_TRY(rp_json_only_keys(call->document, known));
    RP_TRY(read_settings(call, gae_options, "gae", &s));
    RP_TRY(rp_shape_read(call->document, "value", call->arena, &batch));
    RP_TRY(rp_ragged_read(call->document, "value", &batch, call->arena, &batch.value));
    RP_TRY(rp_rows_read(call->document, call->arena, &batch));
    RP_TRY(rp_list_read(call->document, "after", batch.rows, call->arena, &after));
    RP_TRY(token_rewards(call, &batch, &rho));
    const size_t n = batch.start[batch.rows];
    real *A = rp_alloc_zero(call->arena, real, n + 1), *returns = rp_alloc_zero(call->arena, real, n + 1);
    if (!A || !returns) return RP_ERR_MEMORY;
    for (size_t i = 0; i < batch.rows; i++) {
        const size_t first = batch.start[i];
        rp_gae(rho + first, batch.value + first, batch.mask ? batch.mask + first : NULL, batch.start[i + 1] - first,
               (real)s.gamma, (real)s.lam, after ? after[i] : 0, A + first, returns + first);
    }
    if (s.whiten) rp_advantage_whiten(&batch, A);
    rp_json_begin_object(call->out);
    rp_ragged_write(call->out, "advantage", &batch, A);
    rp_ragged_write(call->out, "returns", &batch, returns);
    rp_json_end_object(call->out);
    return RP_OK;
}

/* ---- adamw --------------------------------------------------------------------------------------------------------- */

typedef struct adamw_question {
    rp_optimizer adamw;
} adamw_question;

static const rp_option adamw_options[] = {
    RP_OPTION_REAL(adamw_question, adamw.learning_rate, "learning_rate", 1e-3, 0, 1e9, "", .former = "rate"),
    RP_OPTION_REAL(adamw_question, adamw.beta1, "beta1", 0.9, 0, 0.999999999, ""),
    RP_OPTION_REAL(adamw_question, adamw.beta2, "beta2", 0.999, 0, 0.999999999, ""),
    RP_OPTION_REAL(adamw_question, adamw.epsilon, "epsilon", 1e-8, 0, 1, ""),
    RP_OPTION_REAL(adamw_question, adamw.weight_decay, "weight_decay", 0, 0, 1e9, "", .former = "decay"),
    RP_OPTION_REAL(adamw_question, adamw.max_grad_norm, "max_grad_norm", 0, 0, 1e9, "", .former = "max_norm"),
    RP_OPTION_END,
};

static void put_vector(rp_json_writer *out, const char *key, const real *x, size_t n) {
    rp_json_put_key(out, key);
    rp_json_begin_array(out);
    for (size_t i = 0; i < n; i++) rp_json_put_double(out, (double)x[i]);
    rp_json_end_array(out);
}

rp_status oracle_adamw(const oracle_call *call) {
    static const char *const known[] = {"parameter", "gradient", "settings", NULL};
    adamw_question s;
    const real *start = NULL, *gradient = NULL;
    RP_TRY(rp_json_only_keys(call->document, known));
    RP_TRY(read_settings(call, adamw_options, "adamw", &s));
    const rp_json parameter = rp_json_key(call->document, "parameter");
    RP_TRY(rp_json_require_type(&parameter, RP_JSON_ARRAY));
    const size_t n = rp_json_length(&parameter);
    RP_TRY(rp_list_read(call->document, "parameter", n, call->arena, &start));
    rp_batch steps = {.rows = 0}; /* row t: the gradient of step t + 1 */
    RP_TRY(rp_shape_read(call->document, "gradient", call->arena, &steps));
    RP_TRY(rp_ragged_read(call->document, "gradient", &steps, call->arena, &gradient));
    real *w = rp_alloc(call->arena, real, n + 1), *m = rp_alloc_zero(call->arena, real, n + 1);
    real *v = rp_alloc_zero(call->arena, real, n + 1);
    if (!w || !m || !v) return RP_ERR_MEMORY;
    memcpy(w, start, n * sizeof *w);
    for (size_t t = 0; t < steps.rows; t++)
        if (steps.start[t + 1] - steps.start[t] != n)
            return rp_fail(RP_ERR_SHAPE, "$.gradient[%zu]: has %u numbers, the parameter has %zu", t,
                           steps.start[t + 1] - steps.start[t], n);
    rp_json_begin_object(call->out);
    rp_json_put_key(call->out, "steps");
    rp_json_begin_array(call->out);
    for (size_t t = 0; t < steps.rows; t++) {
        const real *g = gradient + steps.start[t];
        const double norm = sqrt(rp_sum_squares(g, n));
        rp_adamw_update(w, m, v, g, n, &s.adamw, (int64_t)t + 1, rp_clip_factor(norm, s.adamw.max_grad_norm),
                        s.adamw.weight_decay > 0);
        rp_json_begin_object(call->out);
        put_vector(call->out, "parameter", w, n);
        put_vector(call->out, "m", m, n);
        put_vector(call->out, "v", v, n);
        rp_json_end_object(call->out);
    }
    rp_json_end_array(call->out);
    rp_json_end_object(call->out);
    return RP_OK;
}
