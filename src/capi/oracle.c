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

rp_status oracle_assign(const rp_algorithm *algorithm, const char *const *assignments, rp_settings *settings) {
    for (; assignments && *assignments; assignments++) {
        const char *equals = strchr(*assignments, '=');
        char key[64];
        if (!equals || (size_t)(equals - *assignments) >= sizeof key)
            return rp_fail(RP_ERR_ARGUMENT, "a setting is written name=value, not \"%s\"", *assignments);
        memcpy(key, *assignments, (size_t)(equals - *assignments));
        key[equals - *assignments] = '\0';
        RP_TRY(rp_settings_set(algorithm, key, equals + 1, settings));
    }
    return RP_OK;
}

/* The questions without an algorithm have settings all the same; these rows give them names, bounds and messages. */
static rp_status read_settings(const oracle_call *call, const rp_algorithm *row, rp_settings *settings) {
    *settings = rp_settings_defaults(row);
    RP_TRY(rp_settings_read(call->document, row, settings));
    return oracle_assign(row, call->settings, settings);
}

/* ---- loss
 * ------------------------------------------------------------------------------------------------------------------- */

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

/* ---- advantage
 * --------------------------------------------------------------------------------------------------------------- */

static const rp_setting advantage_settings[] = {
    {.name = "baseline", .kind = RP_SETTING_CHOICE, .standard = RP_BASELINE_MEAN, .choices = {RP_BASELINE_NAMES}},
    {.name = "std", .kind = RP_SETTING_CHOICE, .standard = RP_STD_POPULATION, .choices = {RP_STD_NAMES}},
    {.name = "std_epsilon", .kind = RP_SETTING_REAL, .hi = 1},
    {.name = "std_scope", .kind = RP_SETTING_CHOICE, .choices = {"group", "batch"}},
    {.name = "group_of_one", .kind = RP_SETTING_CHOICE, .choices = {"zero", "reward"}},
    {.name = NULL},
};
static const rp_algorithm advantage_row = {.name = "oracle advantage", .settings = advantage_settings};

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
    rp_settings settings;
    RP_TRY(rp_json_only_keys(call->document, known));
    RP_TRY(read_settings(call, &advantage_row, &settings));
    RP_TRY(advantage_shape(call, &batch));
    RP_TRY(rp_rows_read(call->document, call->arena, &batch));
    if (!batch.reward) return rp_json_fail(call->document, RP_ERR_FORMAT, "has neither reward nor rewards");
    const rp_advantage_options options = {
        .baseline = (rp_baseline)rp_settings_get(&advantage_row, &settings, "baseline"),
        .std = (rp_std)rp_settings_get(&advantage_row, &settings, "std"),
        .std_epsilon = rp_settings_get(&advantage_row, &settings, "std_epsilon"),
        .std_of_batch = rp_settings_get(&advantage_row, &settings, "std_scope") > 0,
        .single_keeps_reward = rp_settings_get(&advantage_row, &settings, "group_of_one") > 0,
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

/* ---- kl
 * -----------------------------------------------------------------------------------------------------------------------
 */

static const rp_setting kl_settings[] = {
    {.name = "kl", .kind = RP_SETTING_CHOICE, .standard = RP_KL_K3, .choices = {RP_KL_NAMES}},
    {.name = "kl_cap", .kind = RP_SETTING_REAL, .hi = 1e9},
    {.name = NULL},
};
static const rp_algorithm kl_row = {.name = "oracle kl", .settings = kl_settings};

rp_status oracle_kl(const oracle_call *call) {
    static const char *const known[] = {"logp", "logp_ref", "mask", "settings", NULL};
    rp_batch batch = {.rows = 0};
    rp_settings settings;
    RP_TRY(rp_json_only_keys(call->document, known));
    RP_TRY(read_settings(call, &kl_row, &settings));
    RP_TRY(rp_shape_read(call->document, "logp", call->arena, &batch));
    RP_TRY(rp_ragged_read(call->document, "logp", &batch, call->arena, &batch.logp));
    RP_TRY(rp_ragged_read(call->document, "logp_ref", &batch, call->arena, &batch.logp_ref));
    RP_TRY(rp_rows_read(call->document, call->arena, &batch));
    if (!batch.logp_ref) return rp_json_fail(call->document, RP_ERR_FORMAT, "has no logp_ref");
    const size_t n = batch.start[batch.rows];
    real *value = rp_alloc_zero(call->arena, real, n + 1), *slope = rp_alloc_zero(call->arena, real, n + 1);
    if (!value || !slope) return RP_ERR_MEMORY;
    double sum = 0, count = 0;
    for (size_t t = 0; t < n; t++) {
        if (!rp_token_counts(&batch, t)) continue;
        const rp_dual k = rp_kl_estimate((rp_kl)rp_settings_get(&kl_row, &settings, "kl"), batch.logp[t], batch.logp_ref[t],
                                         (real)rp_settings_get(&kl_row, &settings, "kl_cap"));
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

/* ---- gae
 * ---------------------------------------------------------------------------------------------------------------------- */

static const rp_setting gae_settings[] = {
    {.name = "gamma", .kind = RP_SETTING_REAL, .standard = 1, .hi = 1},
    {.name = "lambda", .kind = RP_SETTING_REAL, .standard = 1, .hi = 1},
    {.name = "whiten", .kind = RP_SETTING_BOOL, .hi = 1},
    {.name = NULL},
};
static const rp_algorithm gae_row = {.name = "oracle gae", .settings = gae_settings};

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
    rp_settings settings;
    const real *after = NULL;
    real *rho = NULL;
    RP_TRY(rp_json_only_keys(call->document, known));
    RP_TRY(read_settings(call, &gae_row, &settings));
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
               (real)rp_settings_get(&gae_row, &settings, "gamma"), (real)rp_settings_get(&gae_row, &settings, "lambda"),
               after ? after[i] : 0, A + first, returns + first);
    }
    if (rp_settings_get(&gae_row, &settings, "whiten") > 0) rp_advantage_whiten(&batch, A);
    rp_json_begin_object(call->out);
    rp_ragged_write(call->out, "advantage", &batch, A);
    rp_ragged_write(call->out, "returns", &batch, returns);
    rp_json_end_object(call->out);
    return RP_OK;
}

/* ---- adamw
 * -------------------------------------------------------------------------------------------------------------------- */

static const rp_setting adamw_settings[] = {
    {.name = "rate", .kind = RP_SETTING_REAL, .standard = 1e-3, .hi = 1e9},
    {.name = "beta1", .kind = RP_SETTING_REAL, .standard = 0.9, .hi = 0.999999999},
    {.name = "beta2", .kind = RP_SETTING_REAL, .standard = 0.999, .hi = 0.999999999},
    {.name = "epsilon", .kind = RP_SETTING_REAL, .standard = 1e-8, .hi = 1},
    {.name = "decay", .kind = RP_SETTING_REAL, .hi = 1e9},
    {.name = "max_norm", .kind = RP_SETTING_REAL, .hi = 1e9},
    {.name = NULL},
};
static const rp_algorithm adamw_row = {.name = "oracle adamw", .settings = adamw_settings};

static void put_vector(rp_json_writer *out, const char *key, const real *x, size_t n) {
    rp_json_put_key(out, key);
    rp_json_begin_array(out);
    for (size_t i = 0; i < n; i++) rp_json_put_double(out, (double)x[i]);
    rp_json_end_array(out);
}

rp_status oracle_adamw(const oracle_call *call) {
    static const char *const known[] = {"parameter", "gradient", "settings", NULL};
    rp_settings settings;
    const real *start = NULL, *gradient = NULL;
    RP_TRY(rp_json_only_keys(call->document, known));
    RP_TRY(read_settings(call, &adamw_row, &settings));
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
    const rp_adamw adamw = {.rate = rp_settings_get(&adamw_row, &settings, "rate"),
                            .beta1 = rp_settings_get(&adamw_row, &settings, "beta1"),
                            .beta2 = rp_settings_get(&adamw_row, &settings, "beta2"),
                            .epsilon = rp_settings_get(&adamw_row, &settings, "epsilon"),
                            .decay = rp_settings_get(&adamw_row, &settings, "decay")};
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
        rp_adamw_update(w, m, v, g, n, &adamw, (int64_t)t + 1,
                        rp_clip_factor(norm, rp_settings_get(&adamw_row, &settings, "max_norm")), adamw.decay > 0);
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
