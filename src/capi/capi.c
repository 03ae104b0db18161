/* SPDX-License-Identifier: MIT
 *
 * capi.c — the public face of librephrase: contexts, dispatch by name, arrays in and out.
 */
#include <rephrase/capi.h>

#include "oracle.h"

#include <string.h>

/* Rejects documents that would need more memory than any hand-made batch; a run-away caller gets an error, not a swap. */
#define ARENA_LIMIT ((size_t)4 << 30)

struct rephrase {
    rp_arena *arena; /* rewound at each call; the context itself lies below the mark */
    rp_arena_mark empty;
    char error[1024];
};

rephrase *rephrase_open(void) {
    rp_arena *arena = rp_arena_create("oracle", ARENA_LIMIT);
    if (!arena) return NULL;
    rephrase *context = rp_alloc_zero(arena, rephrase, 1);
    if (!context) {
        rp_arena_destroy(arena);
        return NULL;
    }
    context->arena = arena;
    context->empty = rp_arena_get_mark(arena);
    return context;
}

void rephrase_close(rephrase *context) {
    if (context) rp_arena_destroy(context->arena);
}

const char *rephrase_error(const rephrase *context) {
    return context->error;
}

const char *rephrase_version(void) {
    return RP_VERSION;
}

static void keep_error(rephrase *context) {
    (void)snprintf(context->error, sizeof context->error, "%s", rp_last_error());
}

typedef struct question {
    const char *name;
    rp_status (*answer)(const oracle_call *call);
    bool reads; /* a document */
} question;

static const question questions[] = {{"loss", oracle_loss, true},   {"advantage", oracle_advantage, true},
                                     {"kl", oracle_kl, true},       {"gae", oracle_gae, true},
                                     {"adamw", oracle_adamw, true}, {"list", oracle_list, false}};

static rp_status answer(const question *asked, oracle_call *call, const char *json, size_t length, rp_buffer *text) {
    rp_json_document *document = NULL;
    rp_json root;
    rp_json_writer writer = rp_json_write_to(text);
    call->out = &writer;
    if (asked->reads) {
        if (!json) return rp_fail(RP_ERR_ARGUMENT, "%s needs a document", asked->name);
        RP_TRY(rp_json_parse(json, length, "input", &document));
        root = rp_json_root(document);
        call->document = &root;
    }
    rp_status status = asked->reads ? rp_json_require_type(call->document, RP_JSON_OBJECT) : RP_OK;
    if (status == RP_OK) status = asked->answer(call);
    rp_json_free(document);
    return status != RP_OK ? status : rp_buffer_status(text);
}

const char *rephrase_oracle(rephrase *context, const char *command, const char *algorithm, const char *convention,
                            const char *const *settings, const char *json, size_t length) {
    enum { COUNT = sizeof questions / sizeof questions[0] };
    const char *names[COUNT];
    rp_arena_rewind(context->arena, context->empty);
    for (size_t k = 0; k < COUNT; k++) {
        names[k] = questions[k].name;
        if (strcmp(names[k], command) != 0) continue;
        rp_buffer text = rp_buffer_in(context->arena);
        oracle_call call = {
            .algorithm = algorithm, .convention = convention, .settings = settings, .arena = context->arena};
        if (answer(&questions[k], &call, json, length, &text) == RP_OK) return text.data;
        keep_error(context);
        return NULL;
    }
    const char *near = rp_nearest_name(command, names, COUNT);
    (void)snprintf(context->error, sizeof context->error,
                   "the oracle answers loss, advantage, kl, gae, adamw and list, not \"%s\"%s%s%s", command,
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return NULL;
}

static rp_status loss_of_arrays(rephrase *context, const char *name, const char *convention, const char *const *settings,
                                const rephrase_batch *b, rephrase_result *result) {
    const rp_algorithm *algorithm = rp_algorithm_find(name);
    if (!algorithm) return RP_ERR_ARGUMENT;
    rp_settings values = rp_settings_defaults(algorithm);
    RP_TRY(rp_settings_apply(algorithm, convention, &values));
    RP_TRY(oracle_assign(algorithm, settings, &values));
    rp_batch batch = {.rows = b->rows,
                      .start = b->start,
                      .group = b->group,
                      .source = b->source,
                      .mask = b->mask,
                      .prefix = b->prefix,
                      .logp = b->logp,
                      .logp_old = b->logp_old,
                      .logp_behavior = b->logp_behavior,
                      .logp_ref = b->logp_ref,
                      .entropy = b->entropy,
                      .value = b->value,
                      .value_old = b->value_old,
                      .reward = b->reward,
                      .reward_parts = b->reward_parts,
                      .parts = b->parts,
                      .topk = b->topk,
                      .topk_ids = b->topk_ids,
                      .token_ids = b->token_ids,
                      .topk_logp_behavior = b->topk_logp_behavior,
                      .topk_logp = b->topk_logp,
                      .total_rows = b->total_rows,
                      .total_tokens = b->total_tokens,
                      .total_expert_rows = b->total_expert_rows,
                      .total_expert_tokens = b->total_expert_tokens};
    for (size_t i = 0; b->group && i < b->rows; i++)
        if (b->group[i] >= batch.groups) batch.groups = (size_t)b->group[i] + 1;
    RP_TRY(rp_batch_check(&batch));
    rp_loss loss;
    RP_TRY(rp_loss_create(context->arena, &batch, &loss));
    RP_TRY(rp_algorithm_loss(algorithm, &values, &batch, context->arena, &loss));
    result->loss = loss.loss;
    const struct {
        double *to;
        const real *from;
    } arrays[] = {{result->dlogp, loss.dlogp},
                  {result->dentropy, loss.dentropy},
                  {result->dvalue, loss.dvalue},
                  {result->advantage, loss.advantage},
                  {result->weight, loss.weight}};
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++)
        for (size_t t = 0; arrays[k].to && t < batch.start[batch.rows]; t++) arrays[k].to[t] = (double)arrays[k].from[t];
    return RP_OK;
}

int rephrase_loss(rephrase *context, const char *algorithm, const char *convention, const char *const *settings,
                  const rephrase_batch *batch, rephrase_result *result) {
    rp_arena_rewind(context->arena, context->empty);
    if (loss_of_arrays(context, algorithm, convention, settings, batch, result) == RP_OK) return 0;
    keep_error(context);
    return -1;
}
