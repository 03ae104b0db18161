/* SPDX-License-Identifier: MIT
 *
 * config.h — the model types this program knows.
 */
#ifndef REPHRASE_MODEL_CONFIG_H
#define REPHRASE_MODEL_CONFIG_H

#include <rephrase/json.h>
#include <rephrase/model.h>

typedef struct model_family {
    const char *name;       /* model_type in config.json, general.architecture in GGUF */
    const char *class_name; /* transformers' */
    bool qkv_bias, qk_norm;
    int head_size; /* when config.json does not say; 0 = channels / heads */
    int window;    /* the sliding window that silence means; 0 = none */
} model_family;

extern const model_family rp_model_families[];
/* Rope settings (config_rope.c). */
rp_status rp_config_read_rope(const rp_json *root, rp_model_config *config) RP_MUST_CHECK;
rp_status rp_config_check_rope(const rp_model_config *config) RP_MUST_CHECK;
void rp_config_write_rope(rp_json_writer *writer, const rp_model_config *config);
/* One more end token; an id that is there already or outside the vocabulary changes nothing. */
rp_status rp_config_add_end(rp_model_config *config, int64_t id) RP_MUST_CHECK;
/* NULL when there is none of that name. */
const model_family *rp_family_find(rp_str architecture);

#endif
