/* SPDX-License-Identifier: MIT
 *
 * metrics.c — every column of metrics.jsonl, with its meaning and unit, in one table.
 *
 * A name that is not in the table cannot be logged: rp_metrics_set refuses it, so the documentation cannot lag behind.
 */
#include <rephrase/learn.h>

#include <string.h>

static const struct {
    const char *name, *meaning;
} table[] = {
    {"step", "finished training steps"},
    {"seconds", "wall time of the step (s)"},
    {"learning_rate", "AdamW's learning rate at this step"},
    {"loss",
     "the algorithm's loss, last optimiser update of the step; surrogate losses are not objectives: see docs/metrics.md"},
    {"grad_norm", "global L2 norm of the gradient before clipping, last update"},
    {"entropy", "mean entropy of the policy at response tokens (nats)"},
    {"reward", "mean reward of the rollouts as sampled, before any replacement"},
    {"accuracy", "share of rollouts whose verdict is equal, whatever the strict rule says"},
    {"accuracy_easy", "share of rewarded rollouts on the tier easy"},
    {"accuracy_medium", "share of rewarded rollouts on the tier medium"},
    {"accuracy_near", "share of rewarded rollouts on the tier near"},
    {"accuracy_hard", "share of rewarded rollouts on the tier hard"},
    {"accuracy_general", "share of rewarded rollouts on the tier general"},
    {"validation", "share of rewarded greedy answers to the validation problems, every eval_steps steps"},
    {"validation_easy", "the same on the tier easy"},
    {"validation_medium", "the same on the tier medium"},
    {"validation_near", "the same on the tier near"},
    {"validation_hard", "the same on the tier hard"},
    {"validation_general", "the same on the tier general"},
    {"unsound", "share of rollouts with at least one false equation"},
    {"expert_style_share", "share of rollouts written in the expert's style"},
    {"truncated", "share of rollouts cut at max_new or the context"},
    {"response_tokens", "mean response length (tokens, end token included)"},
    {"groups_all_failed", "share of questions all of whose rollouts failed"},
    {"groups_all_passed", "share of questions all of whose rollouts passed"},
    {"gate_opened", "questions whose share of failures reached rho"},
    {"rephrase_sampled", "rephrasings sampled: those that passed and the rejected, by reason"},
    {"rephrase_passed",
     "rephrasings that passed strip, filters and verifier and are above the lowest reward of their group"},
    {"rephrase_pass_rate", "rephrase_passed / rephrase_sampled"},
    {"rephrase_rejected_empty", "rejected: nothing left after stripping"},
    {"rephrase_rejected_truncated", "rejected: no end token"},
    {"rephrase_rejected_leak", "rejected: mentions the material"},
    {"rephrase_rejected_copy", "rejected: too much of it is one run of the solution's words"},
    {"rephrase_rejected_reward", "rejected: its reward is below delta"},
    {"rephrase_rejected_not_better", "rejected: not above the lowest reward of the group"},
    {"rephrase_rejected_long", "rejected: does not fit the context behind the plain prompt"},
    {"rephrase_rejected_not_gated", "rejected unread: sampled eagerly for a question whose gate stayed closed"},
    {"raw_rejected", "solutions that were offered in their own words (source = raw) and replaced nothing"},
    {"rephrase_copy_share", "mean longest run of words shared with the solution, as a share of the rephrasing"},
    {"replaced", "rollouts replaced by a rephrasing (or by the raw solution): at most one a question"},
    {"logp_policy", "mean log-probability of the rollouts' tokens under the plain question (nats)"},
    {"logp_rephrased", "mean log-probability of injected rephrasings' tokens under the plain question (nats)"},
    {"logp_expert", "mean log-probability of injected expert tokens under the plain question (nats)"},
    {"rare_policy", "share of the rollouts' tokens with probability below 0.01"},
    {"rare_rephrased", "share of the rephrasings' tokens with probability below 0.01"},
    {"rare_expert", "share of the expert rows' tokens with probability below 0.01"},
    {"sampler_gap", "largest |log-probability when sampled - recomputed by the trainer| of the rollouts (nats)"},
    {"sampler_gap_mean", "the mean of it over the rollouts' tokens (nats)"},
    {"dynamic_batches", "batches of questions sampled for this step (DAPO's dynamic sampling)"},
    {"dynamic_kept", "groups whose answers disagreed, kept for the update (DAPO's dynamic sampling)"},
    {"failures_waiting", "questions collected for the next supervised update (ReLIFT)"},
    {"failures_dropped", "failed questions of this step for which there was no more room (ReLIFT)"},
    {"supervised_loss", "loss of the supervised update on collected failures (ReLIFT), in steps that had one"},
    {"prefix_tokens", "mean length of the copied beginning of hybrid rows (Prefix-RFT, tokens)"},
    {"tokens_sampled", "tokens sampled in this step, rephrasings included"},
    {"tokens_trained", "response tokens in the update"},
    {"tokens_forward", "tokens the policy's forward passes of the update read, prompts included"},
    {"tokens_backward", "tokens its backward passes read: rows without a gradient take no part"},
    {"seconds_sampling", "time in sampling (s)"},
    {"seconds_update", "time in the update (s)"},
};
static const size_t table_count = sizeof table / sizeof table[0];

const char *rp_metric_meaning(const char *name) {
    for (size_t i = 0; i < table_count; i++)
        if (strcmp(table[i].name, name) == 0) return table[i].meaning;
    return NULL;
}
size_t rp_metric_count(void) {
    return table_count;
}
const char *rp_metric_name(size_t index) {
    return table[index].name;
}

const char *rp_metric_of_tier(const char *stem, size_t tier) {
    const size_t n = strlen(stem);
    for (size_t i = 0; i < table_count; i++)
        if (strncmp(table[i].name, stem, n) == 0 && table[i].name[n] == '_' &&
            strcmp(table[i].name + n + 1, rp_tiers[tier]) == 0)
            return table[i].name;
    RP_REQUIRE(false && "a tier without its metric");
    return NULL;
}

static void put(rp_metrics *metrics, const char *name, double value) {
    for (size_t i = 0; i < metrics->count; i++) {
        if (strcmp(metrics->name[i], name) == 0) {
            metrics->value[i] = value;
            return;
        }
    }
    RP_REQUIRE(metrics->count < RP_METRICS_MAX);
    metrics->name[metrics->count] = name;
    metrics->value[metrics->count++] = value;
}

void rp_metrics_set(rp_metrics *metrics, const char *name, double value) {
    RP_REQUIRE(rp_metric_meaning(name)); /* an undocumented metric is a bug */
    put(metrics, name, value);
}

double rp_metrics_get(const rp_metrics *metrics, const char *name, double absent) {
    for (size_t i = 0; i < metrics->count; i++)
        if (strcmp(metrics->name[i], name) == 0) return metrics->value[i];
    return absent;
}

void rp_metrics_of_loss(rp_metrics *metrics, const rp_loss *loss) {
    for (size_t i = 0; i < loss->metric_count; i++) put(metrics, loss->metrics[i].name, loss->metrics[i].value);
}

void rp_metrics_write(const rp_metrics *metrics, rp_json_writer *w) {
    rp_json_begin_object(w);
    for (size_t i = 0; i < metrics->count; i++) {
        rp_json_put_key(w, metrics->name[i]);
        rp_json_put_double(w, metrics->value[i]);
    }
    rp_json_end_object(w);
}
