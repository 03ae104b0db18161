/* SPDX-License-Identifier: MIT
 *
 * config.h — the model types this program knows.
 */
#ifndef REPHRASE_MODEL_CONFIG_H
#define REPHRASE_MODEL_CONFIG_H

#include <rephrase/model.h>

typedef struct model_family {
    const char *name;       /* model_type in config.json, general.architecture in GGUF */
    const char *class_name; /* transformers' */
    bool qkv_bias, qk_norm;
    int head_size; /* when config.json does not say; 0 = channels / heads */
} model_family;

extern const model_family rp_model_families[];
/* NULL when there is none of that name. */
const model_family *rp_family_find(rp_str architecture);

#endif
