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

typedef struct repo_settings {
    double rho, reward_threshold;
    int gate;
    bool verify;
    int reading, source;
    int64_t rephrases;
    double gamma;
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} repo_settings;
RP_SETTINGS_OF(repo)

static const rp_option settings_of_repo[] = {
    SETTING_REAL(repo, rho, 0.75, 0, 1, "share of failures from which the gate opens"),
    SETTING_REAL(repo, reward_threshold, 0.5, -1e9, 1e9, "δ: an answer fails when its reward is below it"),
    SETTING_CHOICE(repo, gate, 0, RP_CHOICES("gated", "always"), "rephrase gated groups only, or always"),
    SETTING_BOOL(repo, verify, true, "inject only rephrases that pass the verifier and beat the worst answer"),
    SETTING_CHOICE(repo, reading, READING_A, RP_CHOICES("A", "B", "C", "D"),
                   "ratio of an injected row: see the file's head"),
    SETTING_CHOICE(repo, source, 0, RP_CHOICES("rephrase", "raw"),
                   "inject a rephrased trajectory, or the raw knowledge itself"),
    SETTING_INT(repo, rephrases, 1, 1, 64, "rephrased trajectories sampled per question"),
    SETTING_REAL(repo, gamma, 0.1, 1e-9, 1e9, "shaping constant of reading D"),
    SETTINGS_ADVANTAGE(repo, RP_BASELINE_MEAN, RP_STD_POPULATION, 0),
    SETTINGS_AGGREGATE(repo, RP_SEQ_MEAN_TOKEN_MEAN),
    SETTINGS_CLIP(repo, 0.2, 0.2, 0),
    SETTINGS_PENALTY(repo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_repo[] = {
    {.name = "paper", .help = "GRPO on the group after the replacement, reading A"},
    {.name = "verl",
     .help = "the same with verl's deviation and aggregation, which the paper's runs used",
     .set = {{"std", "bessel"},
             {"std_epsilon", "1e-6"},
             {"group_of_one", "reward"},
             {"loss_type", "token-mean"},
             {"empty_rows", "skip"},
             {"delta", "3"},
             {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const repo_settings settings = repo_of(given);
    const bool corrected = settings.reading == READING_B;
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | (corrected ? RP_NEEDS_BEHAVIOR : 0) |
           rp_common_needs(&settings.advantage, &settings.penalty);
}

/* The gate [repo.gate]. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    const repo_settings settings = repo_of(given);
    static const rp_conditioning conditioning[] = {[READING_A] = RP_UNDER_QUESTION,
                                                   [READING_B] = RP_BEHAVIOR_UNDER_KNOWLEDGE,
                                                   [READING_C] = RP_UNDER_KNOWLEDGE,
                                                   [READING_D] = RP_UNDER_QUESTION};
    (void)step;
    out->gate = (rp_gate){.wanted = true,
                          .always = settings.gate > 0,
                          .raw = settings.source > 0,
                          .verify = settings.verify,
                          .rho = settings.rho,
                          .delta = settings.reward_threshold,
                          .rephrases = (size_t)settings.rephrases,
                          .conditioning = conditioning[(size_t)settings.reading]};
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const repo_settings settings = repo_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const int reading = settings.reading;
    const real gamma = (real)settings.gamma;
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
