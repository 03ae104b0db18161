/* SPDX-License-Identifier: MIT
 *
 * batch_json.c — the narrow waist in writing: a batch from JSON, a loss to JSON.
 *
 * Rows are lists of different lengths, so that nobody has to agree about padding. Every array has logp's shape; what does
 * not is refused with its path. Group labels are integers or text and are numbered in the order of their first row.
 */
#include "common.h"

#include <string.h>

/* ---- Reading ------------------------------------------------------------------------------------------------------- */

static rp_status get_real(const rp_json *at, real *out) {
    double value = 0;
    RP_TRY(rp_json_get_double(at, &value));
    if (!isfinite((real)value)) return rp_json_fail(at, RP_ERR_NUMERIC, "%g is not finite in this precision", value);
    *out = (real)value;
    return RP_OK;
}

/* Most trainers keep masks, labels and counts as floats: 1.0 is 1. */
static rp_status get_whole(const rp_json *at, int64_t lo, int64_t hi, int64_t *out) {
    double value = 0;
    if (rp_json_typeof(at) != RP_JSON_REAL) return rp_json_get_int(at, lo, hi, out);
    RP_TRY(rp_json_get_double(at, &value));
    if (!(fabs(value) <= 0x1p53) || value != floor(value) || value < (double)lo || value > (double)hi)
        return rp_json_fail(at, RP_ERR_FORMAT, "%g is not a whole number from %lld to %lld", value, (long long)lo,
                            (long long)hi);
    *out = (int64_t)value;
    return RP_OK;
}

rp_status rp_shape_read(const rp_json *object, const char *key, rp_arena *arena, rp_batch *batch) {
    const rp_json lists = rp_json_key(object, key);
    RP_TRY(rp_json_require_type(&lists, RP_JSON_ARRAY));
    const size_t rows = rp_json_length(&lists);
    if (rows == 0) return rp_json_fail(&lists, RP_ERR_SHAPE, "has no rows");
    uint32_t *start = rp_alloc_zero(arena, uint32_t, rows + 1);
    RP_TRY_ALLOC(start);
    for (size_t i = 0; i < rows; i++) {
        const rp_json row = rp_json_at(&lists, i);
        RP_TRY(rp_json_require_type(&row, RP_JSON_ARRAY));
        if (rp_json_length(&row) > UINT32_MAX - start[i]) return rp_json_fail(&row, RP_ERR_LIMIT, "has too many tokens");
        start[i + 1] = start[i] + (uint32_t)rp_json_length(&row);
    }
    batch->rows = rows;
    batch->start = start;
    return RP_OK;
}

/* The lists of `key`, checked to have the batch's shape; absent is fine and gives an absent value. */
static rp_status shaped_lists(const rp_json *object, const char *key, const rp_batch *shape, rp_json *lists) {
    *lists = rp_json_key(object, key);
    if (rp_json_typeof(lists) == RP_JSON_ABSENT) return RP_OK;
    RP_TRY(rp_json_require_type(lists, RP_JSON_ARRAY));
    if (rp_json_length(lists) != shape->rows)
        return rp_json_fail(lists, RP_ERR_SHAPE, "has %zu rows, the batch has %zu", rp_json_length(lists), shape->rows);
    for (size_t i = 0; i < shape->rows; i++) {
        const rp_json row = rp_json_at(lists, i);
        const size_t length = shape->start[i + 1] - shape->start[i];
        RP_TRY(rp_json_require_type(&row, RP_JSON_ARRAY));
        if (rp_json_length(&row) != length)
            return rp_json_fail(&row, RP_ERR_SHAPE, "has %zu tokens, the row has %zu", rp_json_length(&row), length);
    }
    return RP_OK;
}

rp_status rp_ragged_read(const rp_json *object, const char *key, const rp_batch *shape, rp_arena *arena, const real **out) {
    rp_json lists;
    RP_TRY(shaped_lists(object, key, shape, &lists));
    if (rp_json_typeof(&lists) == RP_JSON_ABSENT) return RP_OK;
    real *values = rp_alloc(arena, real, shape->start[shape->rows] + 1);
    RP_TRY_ALLOC(values);
    for (size_t i = 0; i < shape->rows; i++) {
        const rp_json row = rp_json_at(&lists, i);
        for (size_t t = shape->start[i]; t < shape->start[i + 1]; t++) {
            const rp_json value = rp_json_at(&row, t - shape->start[i]);
            RP_TRY(get_real(&value, &values[t]));
        }
    }
    *out = values;
    return RP_OK;
}

rp_status rp_logp_check(const rp_json *object, const char *key, const rp_batch *batch, const real *values) {
    const rp_json lists = rp_json_key(object, key);
    for (size_t i = 0; values && i < batch->rows; i++) {
        const rp_json row = rp_json_at(&lists, i);
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            const rp_json at = rp_json_at(&row, t - batch->start[i]);
            if (rp_token_counts(batch, t) && (double)values[t] > RP_LOGP_SLACK)
                return rp_json_fail(&at, RP_ERR_NUMERIC,
                                    "%g is above 0; a log-probability is at most 0 (a logit or a probability is none)",
                                    (double)values[t]);
        }
    }
    return RP_OK;
}

static rp_status read_bits(const rp_json *object, const char *key, const rp_batch *shape, rp_arena *arena,
                           const uint8_t **out) {
    rp_json lists;
    RP_TRY(shaped_lists(object, key, shape, &lists));
    if (rp_json_typeof(&lists) == RP_JSON_ABSENT) return RP_OK;
    uint8_t *bits = rp_alloc(arena, uint8_t, shape->start[shape->rows] + 1);
    RP_TRY_ALLOC(bits);
    for (size_t i = 0; i < shape->rows; i++) {
        const rp_json row = rp_json_at(&lists, i);
        for (size_t t = shape->start[i]; t < shape->start[i + 1]; t++) {
            const rp_json value = rp_json_at(&row, t - shape->start[i]);
            bool on = false;
            int64_t number = 0;
            if (rp_json_typeof(&value) == RP_JSON_BOOL)
                RP_TRY(rp_json_get_bool(&value, &on));
            else if (get_whole(&value, 0, 1, &number) != RP_OK)
                return rp_json_fail(&value, RP_ERR_FORMAT, "expected 0 or 1 (1.0, 0.0, true and false are taken too)");
            bits[t] = on || number == 1;
        }
    }
    *out = bits;
    return RP_OK;
}

rp_status rp_list_read(const rp_json *object, const char *key, size_t count, rp_arena *arena, const real **out) {
    const rp_json list = rp_json_key(object, key);
    if (rp_json_typeof(&list) == RP_JSON_ABSENT) return RP_OK;
    RP_TRY(rp_json_require_type(&list, RP_JSON_ARRAY));
    if (rp_json_length(&list) != count)
        return rp_json_fail(&list, RP_ERR_SHAPE, "has %zu numbers, expected %zu", rp_json_length(&list), count);
    real *values = rp_alloc(arena, real, count + 1);
    RP_TRY_ALLOC(values);
    for (size_t i = 0; i < count; i++) {
        const rp_json value = rp_json_at(&list, i);
        RP_TRY(get_real(&value, &values[i]));
    }
    *out = values;
    return RP_OK;
}

static rp_status check_rewards(const rp_json *object, const char *key, const real *values, size_t count) {
    const rp_json list = rp_json_key(object, key);
    for (size_t i = 0; values && i < count; i++) {
        const rp_json at = rp_json_at(&list, i);
        if (fabs((double)values[i]) > RP_REWARD_LIMIT)
            return rp_json_fail(&at, RP_ERR_NUMERIC,
                                "%g: rewards beyond %g are refused, their squares leave the range of numbers",
                                (double)values[i], RP_REWARD_LIMIT);
    }
    return RP_OK;
}

/* rewards {component: list}: the parts, and their sum as the total where no reward is given. */
static rp_status read_rewards(const rp_json *object, rp_arena *arena, rp_batch *batch) {
    const rp_json parts = rp_json_key(object, "rewards");
    RP_TRY(rp_list_read(object, "reward", batch->rows, arena, &batch->reward));
    RP_TRY(check_rewards(object, "reward", batch->reward, batch->rows));
    if (rp_json_typeof(&parts) == RP_JSON_ABSENT) return RP_OK;
    RP_TRY(rp_json_require_type(&parts, RP_JSON_OBJECT));
    const size_t count = rp_json_length(&parts);
    if (count == 0) return rp_json_fail(&parts, RP_ERR_SHAPE, "has no component");
    if (count > 1024) return rp_json_fail(&parts, RP_ERR_LIMIT, "has %zu components", count);
    real *values = rp_alloc(arena, real, batch->rows * count), *total = rp_alloc_zero(arena, real, batch->rows);
    if (!values || !total) return RP_ERR_MEMORY;
    rp_json_iterator iterator = {NULL};
    const char *name;
    rp_json member;
    for (size_t p = 0; rp_json_next_member(&parts, &iterator, &name, &member); p++) {
        const real *list = NULL;
        RP_TRY(rp_list_read(&parts, name, batch->rows, arena, &list));
        RP_TRY(check_rewards(&parts, name, list, batch->rows));
        for (size_t i = 0; i < batch->rows; i++) {
            values[i * count + p] = list[i];
            total[i] += list[i];
        }
    }
    batch->parts = count;
    batch->reward_parts = values;
    if (!batch->reward) batch->reward = total;
    return RP_OK;
}

/* A label as bytes to compare; integers and text never meet, because the kind is part of the key. */
static rp_status label_key(const rp_json *label, rp_arena *arena, rp_str *key) {
    int64_t number = 0;
    if (rp_json_typeof(label) == RP_JSON_STRING) {
        rp_str text = {NULL, 0};
        RP_TRY(rp_json_get_string(label, &text));
        char *copy = rp_alloc(arena, char, text.length + 1);
        RP_TRY_ALLOC(copy);
        copy[0] = 's';
        if (text.length) memcpy(copy + 1, text.data, text.length);
        *key = (rp_str){copy, text.length + 1};
        return RP_OK;
    }
    RP_TRY(get_whole(label, INT64_MIN, INT64_MAX, &number));
    char *copy = rp_sprintf(arena, "i%lld", (long long)number);
    RP_TRY_ALLOC(copy);
    *key = rp_str_of(copy);
    return RP_OK;
}

/* Numbers labels in the order of their first row, through an open-addressing table of row numbers. */
static rp_status read_groups(const rp_json *object, rp_arena *arena, rp_batch *batch) {
    const rp_json labels = rp_json_key(object, "group");
    uint32_t *group = rp_alloc_zero(arena, uint32_t, batch->rows);
    RP_TRY_ALLOC(group);
    batch->group = group;
    batch->groups = 1;
    if (rp_json_typeof(&labels) == RP_JSON_ABSENT) return RP_OK;
    RP_TRY(rp_json_require_type(&labels, RP_JSON_ARRAY));
    if (rp_json_length(&labels) != batch->rows)
        return rp_json_fail(&labels, RP_ERR_SHAPE, "has %zu labels, the batch has %zu rows", rp_json_length(&labels),
                            batch->rows);
    size_t capacity = 4;
    while (capacity < 2 * batch->rows) capacity *= 2;
    uint32_t *table = rp_alloc_zero(arena, uint32_t, capacity); /* row + 1; 0 = free */
    rp_str *keys = rp_alloc(arena, rp_str, batch->rows);
    if (!table || !keys) return RP_ERR_MEMORY;
    uint32_t groups = 0;
    for (size_t i = 0; i < batch->rows; i++) {
        const rp_json label = rp_json_at(&labels, i);
        RP_TRY(label_key(&label, arena, &keys[i]));
        size_t slot = rp_hash64(keys[i].data, keys[i].length, 0) & (capacity - 1);
        while (table[slot] && !rp_str_equal(keys[table[slot] - 1], keys[i])) slot = (slot + 1) & (capacity - 1);
        group[i] = table[slot] ? group[table[slot] - 1] : groups++;
        if (!table[slot]) table[slot] = (uint32_t)i + 1;
    }
    batch->groups = groups;
    return RP_OK;
}

rp_status rp_rows_read(const rp_json *object, rp_arena *arena, rp_batch *batch) {
    RP_TRY(read_bits(object, "mask", batch, arena, &batch->mask));
    RP_TRY(read_groups(object, arena, batch));
    return read_rewards(object, arena, batch);
}

static rp_status read_sources(const rp_json *object, rp_arena *arena, rp_batch *batch) {
    static const char *const names[] = {"policy", "expert", "rephrased"};
    const rp_json list = rp_json_key(object, "source");
    if (rp_json_typeof(&list) == RP_JSON_ABSENT) return RP_OK;
    RP_TRY(rp_json_require_type(&list, RP_JSON_ARRAY));
    if (rp_json_length(&list) != batch->rows)
        return rp_json_fail(&list, RP_ERR_SHAPE, "has %zu sources, the batch has %zu rows", rp_json_length(&list),
                            batch->rows);
    uint8_t *source = rp_alloc(arena, uint8_t, batch->rows);
    RP_TRY_ALLOC(source);
    for (size_t i = 0; i < batch->rows; i++) {
        const rp_json item = rp_json_at(&list, i);
        rp_str text;
        RP_TRY(rp_json_get_string(&item, &text));
        uint8_t kind = 0;
        while (kind < 3 && !rp_str_is(text, names[kind])) kind++;
        if (kind == 3) return rp_json_fail(&item, RP_ERR_ARGUMENT, "is not policy, expert or rephrased");
        source[i] = kind;
    }
    batch->source = source;
    return RP_OK;
}

/* Lists of lists of lists, K numbers per token, all of one K. Integers go to `ids`, reals to `values`. */
static rp_status read_topk_array(const rp_json *object, const char *key, rp_batch *batch, rp_arena *arena, int32_t **ids,
                                 real **values) {
    rp_json lists;
    RP_TRY(shaped_lists(object, key, batch, &lists));
    RP_TRY(rp_json_require_type(&lists, RP_JSON_ARRAY));
    for (size_t i = 0; i < batch->rows; i++) {
        const rp_json row = rp_json_at(&lists, i);
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            const rp_json token = rp_json_at(&row, t - batch->start[i]);
            const size_t K = rp_json_length(&token);
            RP_TRY(rp_json_require_type(&token, RP_JSON_ARRAY));
            if (K == 0 || K > 4096) return rp_json_fail(&token, RP_ERR_SHAPE, "has %zu candidates", K);
            if (batch->topk == 0) batch->topk = K;
            if (K != batch->topk)
                return rp_json_fail(&token, RP_ERR_SHAPE, "has %zu candidates, others have %zu", K, batch->topk);
            const size_t n = batch->start[batch->rows] * K;
            if (ids && !*ids) RP_TRY_ALLOC(*ids = rp_alloc(arena, int32_t, n));
            if (values && !*values) RP_TRY_ALLOC(*values = rp_alloc(arena, real, n));
            for (size_t k = 0; k < K; k++) {
                const rp_json item = rp_json_at(&token, k);
                int64_t id = 0;
                if (ids) {
                    RP_TRY(get_whole(&item, INT32_MIN, INT32_MAX, &id));
                    (*ids)[t * K + k] = (int32_t)id;
                } else
                    RP_TRY(get_real(&item, &(*values)[t * K + k]));
            }
        }
    }
    return RP_OK;
}

static rp_status read_topk(const rp_json *object, rp_arena *arena, rp_batch *batch) {
    static const char *const known[] = {"ids", "logp_behavior", "logp", "token_ids", NULL};
    const rp_json topk = rp_json_key(object, "topk");
    if (rp_json_typeof(&topk) == RP_JSON_ABSENT) return RP_OK;
    RP_TRY(rp_json_require_type(&topk, RP_JSON_OBJECT));
    RP_TRY(rp_json_only_keys(&topk, known));
    int32_t *ids = NULL;
    real *mu = NULL, *pi = NULL;
    const real *token = NULL;
    RP_TRY(read_topk_array(&topk, "ids", batch, arena, &ids, NULL));
    RP_TRY(read_topk_array(&topk, "logp_behavior", batch, arena, NULL, &mu));
    RP_TRY(read_topk_array(&topk, "logp", batch, arena, NULL, &pi));
    RP_TRY(rp_ragged_read(&topk, "token_ids", batch, arena, &token));
    if (!token) return rp_json_fail(&topk, RP_ERR_FORMAT, "has no token_ids");
    int32_t *tokens = rp_alloc(arena, int32_t, batch->start[batch->rows] + 1);
    RP_TRY_ALLOC(tokens);
    for (size_t t = 0; t < batch->start[batch->rows]; t++) {
        if (!(token[t] >= 0 && token[t] < R(16777216.0)))
            return rp_json_fail(&topk, RP_ERR_SHAPE, "token_ids holds no token id");
        tokens[t] = (int32_t)token[t];
    }
    batch->topk_ids = ids;
    batch->topk_logp_behavior = mu;
    batch->topk_logp = pi;
    batch->token_ids = tokens;
    return RP_OK;
}

static rp_status read_totals(const rp_json *object, rp_batch *batch) {
    const struct {
        const char *key;
        size_t *to;
    } totals[] = {{"total_rows", &batch->total_rows},
                  {"total_tokens", &batch->total_tokens},
                  {"total_expert_rows", &batch->total_expert_rows},
                  {"total_expert_tokens", &batch->total_expert_tokens}};
    for (size_t k = 0; k < sizeof totals / sizeof totals[0]; k++) {
        const rp_json at = rp_json_key(object, totals[k].key);
        int64_t value = 0;
        if (rp_json_typeof(&at) > RP_JSON_NULL) RP_TRY(get_whole(&at, 0, INT64_C(1) << 40, &value));
        *totals[k].to = (size_t)value;
    }
    return RP_OK;
}

rp_status rp_settings_read(const rp_json *object, const rp_algorithm *algorithm, rp_settings *settings) {
    const rp_json given = rp_json_key(object, "settings");
    if (rp_json_typeof(&given) == RP_JSON_ABSENT) return RP_OK;
    RP_TRY(rp_json_require_type(&given, RP_JSON_OBJECT));
    rp_json_iterator iterator = {NULL};
    const char *name;
    rp_json value;
    while (rp_json_next_member(&given, &iterator, &name, &value)) {
        const rp_status status = rp_settings_set_json(algorithm, name, &value, settings);
        if (status != RP_OK) return rp_fail_prefix(status, "$.settings.%s", name);
    }
    return RP_OK;
}

rp_status rp_batch_read(const rp_json *object, const rp_algorithm *algorithm, rp_arena *arena, rp_batch *batch,
                        rp_settings *settings) {
    static const char *const known[] = {"logp",
                                        "logp_old",
                                        "logp_behavior",
                                        "logp_ref",
                                        "entropy",
                                        "value",
                                        "value_old",
                                        "logp_detached",
                                        "mask",
                                        "prefix",
                                        "reward",
                                        "rewards",
                                        "group",
                                        "source",
                                        "topk",
                                        "settings",
                                        "total_rows",
                                        "total_tokens",
                                        "total_expert_rows",
                                        "total_expert_tokens",
                                        NULL};
    rp_batch b = {.rows = 0};
    RP_TRY(rp_json_require_type(object, RP_JSON_OBJECT));
    RP_TRY(rp_json_only_keys(object, known));
    RP_TRY(rp_shape_read(object, "logp", arena, &b));
    const real **const targets[] = {&b.logp,    &b.logp_old, &b.logp_behavior, &b.logp_ref,
                                    &b.entropy, &b.value,    &b.value_old,     &b.logp_detached};
    for (size_t k = 0; k < sizeof targets / sizeof targets[0]; k++)
        RP_TRY(rp_ragged_read(object, known[k], &b, arena, targets[k]));
    RP_TRY(rp_rows_read(object, arena, &b));
    for (size_t k = 0; k < sizeof targets / sizeof targets[0]; k++)
        if (strncmp(known[k], "logp", 4) == 0) RP_TRY(rp_logp_check(object, known[k], &b, *targets[k]));
    RP_TRY(read_bits(object, "prefix", &b, arena, &b.prefix));
    RP_TRY(read_sources(object, arena, &b));
    RP_TRY(read_topk(object, arena, &b));
    RP_TRY(read_totals(object, &b));
    if (algorithm) RP_TRY(rp_settings_read(object, algorithm, settings));
    *batch = b;
    return RP_OK;
}

/* ---- Writing ------------------------------------------------------------------------------------------------------- */

void rp_ragged_write(rp_json_writer *writer, const char *key, const rp_batch *batch, const real *values) {
    rp_json_put_key(writer, key);
    rp_json_begin_array(writer);
    for (size_t i = 0; i < batch->rows; i++) {
        rp_json_begin_array(writer);
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) rp_json_put_double(writer, (double)values[t]);
        rp_json_end_array(writer);
    }
    rp_json_end_array(writer);
}

void rp_loss_write(rp_json_writer *writer, const rp_batch *batch, const rp_loss *loss) {
    rp_json_begin_object(writer);
    rp_json_put_key(writer, "loss");
    rp_json_put_double(writer, loss->loss);
    rp_ragged_write(writer, "advantage", batch, loss->advantage);
    rp_ragged_write(writer, "weight", batch, loss->weight);
    rp_ragged_write(writer, "dlogp", batch, loss->dlogp);
    rp_ragged_write(writer, "dentropy", batch, loss->dentropy);
    rp_ragged_write(writer, "dvalue", batch, loss->dvalue);
    rp_json_put_key(writer, "metrics");
    rp_json_begin_object(writer);
    for (size_t k = 0; k < loss->metric_count; k++) {
        rp_json_put_key(writer, loss->metrics[k].name);
        rp_json_put_double(writer, loss->metrics[k].value);
    }
    rp_json_end_object(writer);
    rp_json_end_object(writer);
}
