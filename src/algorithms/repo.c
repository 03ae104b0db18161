/* SPDX-License-Identifier: MIT
 *
 * repo.c — rephrasing policy optimisation: off-policy knowledge in the policy's own words.
 *
 * Where a group fails, the policy reads the question q together with off-policy knowledge k, restates a solution in its own
 * manner, and that trajectory takes the place of the group's worst answer. The update is then GRPO's. The gate and the
 * replacement happen in the trainer, before log-probabilities are taken; the settings that steer them stand here.
 *
 *   Eq      [repo.gate]  replace argmin R when (1/G) Σ 1[R < δ] >= ρ
 *           [repo.loss]  GRPO over the new group: A over all G rows, clipped ratio, mean over each row's tokens
 *   Source  arXiv 2602.10819 as three reading notes report it; ρ, δ and the conditioning of the ratio are not disclosed.
 *   The ratio of a rephrased row has four readings:
 *     A  π_θ(o|q)/π_old(o|q)       as if it had been an answer to q: 1 at the first update; biased, stable; the default
 *     B  π_θ(o|q)/π_old(o|q,k)     importance sampling proper; logp_behavior then holds log π_old(o|q,k)
 *     C  π_θ(o|q,k)/π_old(o|q,k)   trains the restating, not the solving; logp and logp_old are taken under (q,k)
 *     D  f(π_θ(o|q)), f = p/(p+γ)  LUFFY's shaping of the row
 *   Differs from GRPO in nothing but the rows whose source is not the policy; with reading A or C in nothing at all.
 */
#include "common.h"

enum { READING_A, READING_B, READING_C, READING_D };

static const rp_setting settings_of_repo[] = {
    SETTING_REAL("rho", 0.75, 0, 1, "share of failures from which the gate opens"),
    SETTING_REAL("delta", 0.5, -1e9, 1e9, "an answer fails when its reward is below delta"),
    SETTING_CHOICE("gate", 0, "rephrase gated groups only, or always", "gated", "always"),
    SETTING_BOOL("verify", 1, "inject only rephrases that pass the verifier and beat the worst answer"),
    SETTING_CHOICE("reading", READING_A, "ratio of an injected row: see the file's head", "A", "B", "C", "D"),
    SETTING_CHOICE("source", 0, "inject a rephrased trajectory, or the raw knowledge itself", "rephrase", "raw"),
    SETTING_INT("rephrases", 1, 1, 64, "rephrased trajectories sampled per question"),
    SETTING_REAL("gamma", 0.1, 1e-9, 1e9, "shaping constant of reading D"),
    SETTINGS_ADVANTAGE(RP_BASELINE_MEAN, RP_STD_POPULATION, 0),
    SETTINGS_AGGREGATE(RP_SEQ_MEAN_TOKEN_MEAN),
    SETTINGS_CLIP(0.2, 0.2),
    SETTINGS_PENALTY,
    SETTING_END,
};

static const rp_convention conventions_of_repo[] = {
    {.name = "paper", .help = "GRPO on the group after the replacement, reading A"},
    {.name = "verl",
     .help = "the same with verl's deviation and aggregation, which the paper's runs used",
     .set = {{"std", "bessel"},
             {"std_epsilon", "1e-6"},
             {"group_of_one", "reward"},
             {"aggregate", "token-mean"},
             {"empty_rows", "skip"},
             {"clip_dual", "3"},
             {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *settings) {
    const bool corrected = rp_settings_get(&rp_algorithm_repo, settings, "reading") == READING_B;
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | (corrected ? RP_NEEDS_BEHAVIOR : 0) |
           rp_common_needs(&rp_algorithm_repo, settings);
}

/* The gate [repo.gate]. */
static void plan(const rp_settings *settings, int64_t step, rp_plan *out) {
    const rp_algorithm *self = &rp_algorithm_repo;
    static const rp_conditioning conditioning[] = {[READING_A] = RP_UNDER_QUESTION,
                                                   [READING_B] = RP_BEHAVIOR_UNDER_KNOWLEDGE,
                                                   [READING_C] = RP_UNDER_KNOWLEDGE,
                                                   [READING_D] = RP_UNDER_QUESTION};
    (void)step;
    out->gate = (rp_gate){.wanted = true,
                          .always = rp_settings_get(self, settings, "gate") > 0,
                          .raw = rp_settings_get(self, settings, "source") > 0,
                          .verify = rp_settings_get(self, settings, "verify") > 0,
                          .rho = rp_settings_get(self, settings, "rho"),
                          .delta = rp_settings_get(self, settings, "delta"),
                          .rephrases = (size_t)rp_settings_get(self, settings, "rephrases"),
                          .conditioning = conditioning[(size_t)rp_settings_get(self, settings, "reading")]};
}

static rp_status loss(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *out) {
    const rp_algorithm *self = &rp_algorithm_repo;
    real *A, *W;
    RP_TRY(rp_common_advantage(self, settings, batch, arena, &A));
    RP_TRY(rp_common_weights(self, settings, batch, arena, &W));
    const rp_clip clip = rp_common_clip(self, settings);
    const rp_penalty penalty = rp_common_penalty(self, settings);
    const int reading = (int)rp_settings_get(self, settings, "reading");
    const real gamma = (real)rp_settings_get(self, settings, "gamma");
    rp_tally tally = {0};
    size_t injected = 0;
    for (size_t i = 0; i < batch->rows; i++) {
        const bool foreign = rp_row_source(batch, i) != RP_SOURCE_POLICY;
        const real *old = foreign && reading == READING_B ? batch->logp_behavior : batch->logp_old;
        injected += foreign;
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const rp_dual r = rp_ratio(batch->logp[t], old[t]);
            if (foreign && reading == READING_D) {
                rp_loss_add(out, t, W[i], rp_surrogate_shaped(batch->logp[t], A[i], gamma));
                rp_penalty_add(&penalty, batch, t, W[i], r, &tally, out);
                rp_tally_ratio(&tally, r.value, RP_CLIP_NONE);
                out->advantage[t] = A[i];
            } else
                rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out);
        }
    }
    rp_tally_write(&tally, out);
    rp_loss_metric(out, "injected_rows", (double)injected / (double)batch->rows);
    return RP_OK;
}

const rp_algorithm rp_algorithm_repo = {
    .name = "repo",
    .title = "Rephrasing policy optimisation",
    .citation = "xia2026repo",
    .equations = "repo.gate, repo.loss",
    .summary = "GRPO on groups whose worst answer gave way to a solution the policy restated in its own words.",
    .settings = settings_of_repo,
    .conventions = conventions_of_repo,
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
