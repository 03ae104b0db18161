/* SPDX-License-Identifier: MIT
 *
 * oracle.h — private to the shared library: the five questions one can ask it in JSON.
 */
#ifndef REPHRASE_CAPI_ORACLE_H
#define REPHRASE_CAPI_ORACLE_H

#include <rephrase/algorithms.h>

typedef struct oracle_call {
    const char *algorithm, *convention;
    const char *const *settings; /* "name=value", NULL-terminated, or NULL */
    const rp_json *document;
    rp_arena *arena;
    rp_json_writer *out;
} oracle_call;

/* Settings from "name=value" texts, on top. */
rp_status oracle_assign(const rp_algorithm *algorithm, const char *const *assignments, rp_settings *settings) RP_MUST_CHECK;

rp_status oracle_loss(const oracle_call *call) RP_MUST_CHECK;
rp_status oracle_advantage(const oracle_call *call) RP_MUST_CHECK;
rp_status oracle_kl(const oracle_call *call) RP_MUST_CHECK;
rp_status oracle_gae(const oracle_call *call) RP_MUST_CHECK;
rp_status oracle_adamw(const oracle_call *call) RP_MUST_CHECK;
rp_status oracle_list(const oracle_call *call) RP_MUST_CHECK;

#endif
