/* SPDX-License-Identifier: MIT
 *
 * config_rope.c — how positions turn, from config.json and back.
 *
 * The settings have two places. transformers 4 has `rope_theta` and, for a stretched context, `rope_scaling`; transformers
 * 5 puts both into `rope_parameters`. A file may hold both places, and a folder edited by hand (Qwen's instructions tell
 * people to add a `rope_scaling`) does. The reference then takes `rope_scaling`, and `rope_theta` from inside the place it
 * took or else from beside it; so does this file. A wrong position is not seen in any error, only in the answers: a kind or
 * a key that is not known is refused.
 */
#include "config.h"
#include "pass.h"

#include <rephrase/json.h>

#include <string.h>

static const char *const kinds[] = {
    [RP_ROPE_PLAIN] = "default", [RP_ROPE_LINEAR] = "linear", [RP_ROPE_LLAMA3] = "llama3", [RP_ROPE_YARN] = "yarn"};

/* Keys that the kinds above have among themselves; what a kind does not use the reference passes over too. */
static const char *const known[] = {"rope_type",
                                    "type",
                                    "rope_theta",
                                    "factor",
                                    "low_freq_factor",
                                    "high_freq_factor",
                                    "attention_factor",
                                    "beta_fast",
                                    "beta_slow",
                                    "mscale",
                                    "mscale_all_dim",
                                    "truncate",
                                    "finetuned",
                                    "partial_rotary_factor",
                                    "original_max_position_embeddings",
                                    NULL};

static rp_status check_keys(const rp_json *rope) {
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    while (rp_json_next_member(rope, &iterator, &key, &value)) {
        size_t k = 0;
        while (known[k] && strcmp(known[k], key) != 0) k++;
        if (!known[k])
            return rp_json_fail(&value, RP_ERR_UNSUPPORTED, "this setting of rotary positions (%.60s) is not supported",
                                key);
    }
    return RP_OK;
}

static rp_status read_kind(const rp_json *rope, rp_rope_scaling *scaling) {
    rp_str name = rp_str_of("default");
    rp_json at = rp_json_key(rope, "rope_type");
    if (rp_json_typeof(&at) == RP_JSON_ABSENT) at = rp_json_key(rope, "type");
    RP_TRY(rp_json_opt_string(&at, &name));
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (rp_str_is(name, kinds[k])) {
            *scaling = (rp_rope_scaling)k;
            return RP_OK;
        }
    return rp_json_fail(&at, RP_ERR_UNSUPPORTED,
                        "rope scaling \"%.*s\" is not supported; default, linear, llama3 and yarn are",
                        (int)(name.length < 60 ? name.length : 60), name.data);
}

/* null and 0 mean the default, as `or` in the reference. */
static rp_status read_or(const rp_json *rope, const char *key, double missing, double *out) {
    const rp_json at = rp_json_key(rope, key);
    double value = 0;
    RP_TRY(rp_json_opt_double(&at, &value));
    *out = value != 0 ? value : missing;
    return RP_OK;
}

static double mscale(double factor, double m) {
    return factor <= 1 ? 1 : 0.1 * m * double_log(factor) + 1;
}

/* The attention factor is stated, or follows from the two mscales, or from the factor alone. */
static rp_status read_yarn(const rp_json *rope, rp_model_config *c) {
    double m, all, stated;
    bool truncate = true;
    const rp_json cut = rp_json_key(rope, "truncate");
    RP_TRY(read_or(rope, "beta_fast", 32, &c->rope_beta_fast));
    RP_TRY(read_or(rope, "beta_slow", 1, &c->rope_beta_slow));
    RP_TRY(read_or(rope, "mscale", 0, &m));
    RP_TRY(read_or(rope, "mscale_all_dim", 0, &all));
    RP_TRY(rp_json_opt_bool(&cut, &truncate));
    c->rope_whole_bounds = truncate;
    const double by_factor =
        m != 0 && all != 0 ? mscale(c->rope_factor, m) / mscale(c->rope_factor, all) : mscale(c->rope_factor, 1);
    const rp_json given = rp_json_key(rope, "attention_factor");
    stated = by_factor;
    RP_TRY(rp_json_opt_double(&given, &stated));
    c->rope_attention_factor = stated;
    return RP_OK;
}

/* Beside the settings it has priority; inside them it may be missing and is then the model's own context. */
static rp_status read_original(const rp_json *root, const rp_json *rope, rp_model_config *c) {
    const rp_json outside = rp_json_key(root, "original_max_position_embeddings"),
                  inside = rp_json_key(rope, "original_max_position_embeddings");
    int64_t value = c->context;
    RP_TRY(rp_json_opt_int(rp_json_typeof(&outside) > RP_JSON_NULL ? &outside : &inside, 1, INT32_MAX, &value));
    c->rope_original_context = (int)value;
    return RP_OK;
}

static rp_status read_settings(const rp_json *root, const rp_json *rope, rp_model_config *c) {
    const rp_json theta = rp_json_key(rope, "rope_theta"), factor = rp_json_key(rope, "factor"),
                  low = rp_json_key(rope, "low_freq_factor"), high = rp_json_key(rope, "high_freq_factor");
    RP_TRY(rp_json_require_type(rope, RP_JSON_OBJECT));
    RP_TRY(read_kind(rope, &c->rope_scaling)); /* before the keys: the name of the kind says more */
    RP_TRY(check_keys(rope));
    RP_TRY(rp_json_opt_double(&theta, &c->rope_theta));
    if (c->rope_scaling == RP_ROPE_PLAIN) return RP_OK;
    RP_TRY(rp_json_get_double(&factor, &c->rope_factor));
    if (c->rope_scaling == RP_ROPE_LINEAR) return RP_OK;
    RP_TRY(read_original(root, rope, c));
    if (c->rope_scaling == RP_ROPE_YARN) return read_yarn(rope, c);
    RP_TRY(rp_json_get_double(&low, &c->rope_low_freq_factor));
    return rp_json_get_double(&high, &c->rope_high_freq_factor);
}

static rp_status refuse_partial(const rp_json *object) {
    const rp_json at = rp_json_key(object, "partial_rotary_factor");
    double fraction = 1;
    RP_TRY(rp_json_opt_double(&at, &fraction));
    return fraction == 1 ? RP_OK
                         : rp_json_fail(&at, RP_ERR_UNSUPPORTED, "rotating only a part of each head is not supported");
}

rp_status rp_config_read_rope(const rp_json *root, rp_model_config *c) {
    const rp_json theta = rp_json_key(root, "rope_theta");
    rp_json rope = rp_json_key(root, "rope_scaling");
    /* An empty object counts as none there, as in the reference. */
    if (rp_json_typeof(&rope) <= RP_JSON_NULL || (rp_json_typeof(&rope) == RP_JSON_OBJECT && rp_json_length(&rope) == 0))
        rope = rp_json_key(root, "rope_parameters");
    RP_TRY(rp_json_opt_double(&theta, &c->rope_theta));
    RP_TRY(refuse_partial(root));
    if (rp_json_typeof(&rope) <= RP_JSON_NULL) return RP_OK;
    RP_TRY(read_settings(root, &rope, c));
    return refuse_partial(&rope);
}

/* ---- Check and use --------------------------------------------------------------------------------------------- */

static rp_status check_positive(const char *field, double value) {
    if (value > 0 && isfinite(value)) return RP_OK;
    return rp_fail(RP_ERR_ARGUMENT, "model configuration: %s is %g; it must be positive", field, value);
}

static rp_status check_yarn(const rp_model_config *c) {
    RP_TRY(check_positive("beta_fast", c->rope_beta_fast));
    RP_TRY(check_positive("beta_slow", c->rope_beta_slow));
    RP_TRY(check_positive("attention_factor", c->rope_attention_factor));
    if (c->rope_theta <= 1)
        return rp_fail(RP_ERR_ARGUMENT, "model configuration: YaRN needs a rope_theta above 1, not %g", c->rope_theta);
    if (c->rope_beta_fast >= c->rope_beta_slow) return RP_OK;
    return rp_fail(RP_ERR_ARGUMENT, "model configuration: beta_fast %g is below beta_slow %g", c->rope_beta_fast,
                   c->rope_beta_slow);
}

rp_status rp_config_check_rope(const rp_model_config *c) {
    RP_TRY(check_positive("rope_theta", c->rope_theta));
    if (c->rope_scaling == RP_ROPE_PLAIN) return RP_OK;
    RP_TRY(check_positive("the rope scaling factor", c->rope_factor));
    if (c->rope_scaling == RP_ROPE_LINEAR) return RP_OK;
    if (c->rope_original_context < 1)
        return rp_fail(RP_ERR_ARGUMENT, "model configuration: original_max_position_embeddings is %d; it must be positive",
                       c->rope_original_context);
    if (c->rope_scaling == RP_ROPE_YARN) return check_yarn(c);
    RP_TRY(check_positive("low_freq_factor", c->rope_low_freq_factor));
    if (c->rope_high_freq_factor > c->rope_low_freq_factor && isfinite(c->rope_high_freq_factor)) return RP_OK;
    return rp_fail(RP_ERR_ARGUMENT, "model configuration: high_freq_factor %g is not above low_freq_factor %g",
                   c->rope_high_freq_factor, c->rope_low_freq_factor);
}

rp_rope rp_rope_of(const rp_model_config *c) {
    return (rp_rope){.theta = c->rope_theta,
                     .factor = c->rope_scaling == RP_ROPE_PLAIN ? 1 : c->rope_factor,
                     .llama3 = c->rope_scaling == RP_ROPE_LLAMA3,
                     .low_freq_factor = c->rope_low_freq_factor,
                     .high_freq_factor = c->rope_high_freq_factor,
                     .original_context = c->rope_original_context,
                     .yarn = c->rope_scaling == RP_ROPE_YARN,
                     .beta_fast = c->rope_beta_fast,
                     .beta_slow = c->rope_beta_slow,
                     .attention = c->rope_attention_factor,
                     .whole_bounds = c->rope_whole_bounds};
}

/* ---- Back to config.json --------------------------------------------------------------------------------------- */

static void put_double(rp_json_writer *w, const char *key, double value) {
    rp_json_put_key(w, key);
    rp_json_put_double(w, value);
}

/* The settings as transformers 4 (without theta) or 5 (with it) has them. */
static void put_settings(rp_json_writer *w, const char *key, const rp_model_config *c, bool with_theta) {
    rp_json_put_key(w, key);
    if (!with_theta && c->rope_scaling == RP_ROPE_PLAIN) {
        rp_json_put_null(w);
        return;
    }
    rp_json_begin_object(w);
    rp_json_put_key(w, "rope_type");
    rp_json_put_text(w, kinds[c->rope_scaling]);
    if (with_theta) put_double(w, "rope_theta", c->rope_theta);
    if (c->rope_scaling != RP_ROPE_PLAIN) put_double(w, "factor", c->rope_factor);
    if (c->rope_scaling == RP_ROPE_LLAMA3) {
        put_double(w, "low_freq_factor", c->rope_low_freq_factor);
        put_double(w, "high_freq_factor", c->rope_high_freq_factor);
    }
    if (c->rope_scaling == RP_ROPE_YARN) {
        put_double(w, "beta_fast", c->rope_beta_fast);
        put_double(w, "beta_slow", c->rope_beta_slow);
        put_double(w, "attention_factor", c->rope_attention_factor);
        rp_json_put_key(w, "truncate");
        rp_json_put_bool(w, c->rope_whole_bounds);
    }
    if (c->rope_scaling == RP_ROPE_LLAMA3 || c->rope_scaling == RP_ROPE_YARN) {
        rp_json_put_key(w, "original_max_position_embeddings");
        rp_json_put_int(w, c->rope_original_context);
    }
    rp_json_end_object(w);
}

void rp_config_write_rope(rp_json_writer *w, const rp_model_config *c) {
    put_double(w, "rope_theta", c->rope_theta);
    put_settings(w, "rope_scaling", c, false);
    put_settings(w, "rope_parameters", c, true);
}
