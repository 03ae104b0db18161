/* SPDX-License-Identifier: MIT
 *
 * capi.h — the oracle as a shared library: losses and their derivatives in double precision, for other languages.
 *
 * librephrase holds the double-precision build of base, policy, algorithms and the optimiser kernel, and shows nothing but
 * the functions below. The programs use it too: `rephrase oracle` computes in double precision whichever program runs it.
 * The interface has plain C types only and grows by addition; every other header of this project may change.
 *
 *   rephrase *r = rephrase_open();
 *   const char *out = rephrase_oracle(r, "loss", "grpo", "trl", NULL, json, strlen(json));
 *   if (!out) fprintf(stderr, "%s\n", rephrase_error(r));
 *   rephrase_close(r);
 */
#ifndef REPHRASE_CAPI_H
#define REPHRASE_CAPI_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && defined(REPHRASE_BUILDING)
#define REPHRASE_API __declspec(dllexport)
#elif defined(_WIN32)
#define REPHRASE_API __declspec(dllimport)
#elif defined(__GNUC__)
#define REPHRASE_API __attribute__((visibility("default")))
#else
#define REPHRASE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A context owns the memory of its last result and the sentence of its last error. One thread at a time. */
typedef struct rephrase rephrase;
REPHRASE_API rephrase *rephrase_open(void); /* NULL when memory is exhausted */
REPHRASE_API void rephrase_close(rephrase *context); /* accepts NULL */
REPHRASE_API const char *rephrase_error(const rephrase *context);
REPHRASE_API const char *rephrase_version(void);

/* `command` is loss, advantage, kl, gae, adamw or list; `algorithm` and `convention` are for loss (convention NULL = paper);
 * `settings` is a NULL-terminated list of "name=value" that goes on top of the document's settings, or NULL. The document is
 * described in docs/golden-format.md. Returns the answer as JSON, valid until the next call, or NULL with an error. */
REPHRASE_API const char *rephrase_oracle(rephrase *context, const char *command, const char *algorithm, const char *convention,
                                         const char *const *settings, const char *json, size_t length);

/* The batch of include/rephrase/policy.h with doubles; what is not needed is NULL. Tokens lie end to end; row i owns tokens
 * start[i] … start[i+1]-1. source: 0 policy, 1 expert, 2 rephrased. */
typedef struct rephrase_batch {
    size_t rows;
    const uint32_t *start, *group;
    const uint8_t *source, *mask, *prefix;
    const double *logp, *logp_old, *logp_behavior, *logp_ref, *entropy, *value, *value_old, *reward;
    size_t parts;
    const double *reward_parts;
    size_t topk;
    const int32_t *topk_ids, *token_ids;
    const double *topk_logp_behavior, *topk_logp;
    size_t total_rows, total_tokens, total_expert_rows, total_expert_tokens;
} rephrase_batch;

/* Arrays of one double per token, provided by the caller; NULL where not wanted. */
typedef struct rephrase_result {
    double loss;
    double *dlogp, *dentropy, *dvalue, *advantage, *weight;
} rephrase_result;

/* Returns 0, or -1 with an error. */
REPHRASE_API int rephrase_loss(rephrase *context, const char *algorithm, const char *convention, const char *const *settings,
                               const rephrase_batch *batch, rephrase_result *result);

#ifdef __cplusplus
}
#endif

#endif
