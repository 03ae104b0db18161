/* SPDX-License-Identifier: MIT
 *
 * capi.h — the oracle and the verifier as shared libraries, for programs of any language.
 *
 * librephrase holds the double-precision build of base, policy, algorithms and the optimiser kernel: losses and their
 * derivatives. The programs use it too: `rephrase oracle` computes in double precision whichever program runs it.
 * librephrase-verify holds the verifier of answers. It is a library of its own because it needs GMP and MPFR, and the oracle
 * does not. Both show nothing but the functions below. The interface has plain C types only and grows by addition; every
 * other header of this project may change. This one stands alone and may be included from C++.
 *
 *   cc program.c $(pkg-config --cflags --libs rephrase)              the oracle; rephrase-verify is the other module
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

/* ---- Is this answer the gold answer? librephrase-verify ----------------------------------------------------------- */

/* As above: a verifier owns the texts of its last verdict and the sentence of its last error. One thread at a time; any
 * number of verifiers may work at once. The texts are freed by the next call or by rephrase_verifier_close, never by you. */
typedef struct rephrase_verifier rephrase_verifier;
REPHRASE_API rephrase_verifier *rephrase_verifier_open(void); /* NULL when memory is exhausted */
REPHRASE_API void rephrase_verifier_close(rephrase_verifier *verifier); /* accepts NULL */
REPHRASE_API const char *rephrase_verifier_error(const rephrase_verifier *verifier);

/* No member is NULL after a call that returned 0; what does not exist is "". Texts are UTF-8. */
typedef struct rephrase_verdict {
    int equal;               /* 1 only for the verdict "equal": the reward */
    const char *verdict;     /* "equal" "different" "unparsed" "budget" */
    const char *reason;      /* "rational", "unit", "syntax", … */
    const char *sentence;    /* the reason as words */
    const char *certificate; /* "proved", "probable(2^-200)", "numeric(4096)", "none" */
    const char *gold;        /* the two normal forms */
    const char *answer;
    const char *span;        /* what was extracted from a response */
    size_t offset;           /* of a syntax error, in bytes of the answer */
} rephrase_verdict;

/* Compares `answer` with `gold`; neither needs a NUL at its end. `options` is a NULL-terminated list of "name=on" or
 * "name=off", or NULL: response (the text is a model's whole response; its final answer is searched first), lenient, rounded,
 * percent_fraction, units_optional, open_box, numeric (docs/verifier.md). What is wrong with an answer is a verdict; an error
 * is an unknown option or exhausted memory. Returns 0, or -1 with an error and the verdict untouched. */
REPHRASE_API int rephrase_verify(rephrase_verifier *verifier, const char *gold, size_t gold_length, const char *answer,
                                 size_t answer_length, const char *const *options, rephrase_verdict *verdict);

#ifdef __cplusplus
}
#endif

#endif
