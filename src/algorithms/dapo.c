/* SPDX-License-Identifier: MIT
 *
 * dapo.c — GRPO at scale: clip higher, mean over tokens, sample until groups disagree, mind the length.
 *
 *   Eq      [dapo.8]   L = (1/N) Σ_i Σ_t -min(r A, clip(r, 1-ε_low, 1+ε_high) A),  N all tokens of the step
 *           [dapo.13]  R_i + overlong(L_i): 0 up to Lmax - Lc, then falling to -1 at Lmax
 *   Source  arXiv 2503.14476. A as in GRPO, ε = .2/.28, no KL term. dynamic_sampling is the trainer's: groups whose
 *   rewards are all equal are thrown away and sampled anew, at most max_num_gen_batches times.
 *   Differs from verl: its overlong punishment has no floor at -1, and its recipe has a dual clip of 10.
 *   Differs from TRL (its default loss_type): Bessel deviation + 1e-4; no overlong term in the loss.
 */
#include "common.h"

typedef struct dapo_settings {
    bool dynamic_sampling;
    int64_t max_num_gen_batches;
    double overlong_max, overlong_cache;
    bool overlong_floor;
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} dapo_settings;
RP_SETTINGS_OF(dapo)

static const rp_option settings_of_dapo[] = {
    SETTING_BOOL(dapo, dynamic_sampling, true, "the trainer replaces groups whose rewards are all equal",
                 .verl = "algorithm.filter_groups.enable"),
    SETTING_INT(dapo, max_num_gen_batches, 10, 1, 1000, "batches sampled at most for one step",
                .verl = "algorithm.filter_groups.max_num_gen_batches", .former = "max_batches"),
    SETTING_REAL(dapo, overlong_max, 0, 0, 1e9, "Lmax of the overlong punishment, in tokens; 0 = no punishment"),
    SETTING_REAL(dapo, overlong_cache, 0, 0, 1e9, "Lc, the length of its ramp"),
    SETTING_BOOL(dapo, overlong_floor, true, "the punishment stops at -1"),
    SETTINGS_ADVANTAGE(dapo, RP_BASELINE_MEAN, RP_STD_POPULATION, 0),
    SETTINGS_AGGREGATE(dapo, RP_TOKEN_MEAN),
    SETTINGS_CLIP(dapo, 0.2, 0.28, 0),
    SETTINGS_PENALTY(dapo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_dapo[] = {
    {.name = "paper", .help = "clip 0.2/0.28, mean over all tokens of the step"},
    {.name = "trl",
     .help = "TRL 1.16 loss_type=\"dapo\" with epsilon_high 0.28",
     .set =
         {{"std", "bessel"}, {"std_epsilon", "1e-4"}, {"use_bias_correction_kl", "true"}, {"dynamic_sampling", "false"}}},
    {.name = "verl",
     .help = "verl recipe dapo",
     .set = {{"std", "bessel"},
             {"std_epsilon", "1e-6"},
             {"group_of_one", "reward"},
             {"empty_rows", "skip"},
             {"delta", "10"},
             {"overlong_floor", "false"},
             {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const dapo_settings settings = dapo_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

/* Further batches of questions in place of groups whose rewards are all equal [dapo.11]. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    const dapo_settings settings = dapo_of(given);
    (void)step;
    if (settings.dynamic_sampling) out->batches = (size_t)settings.max_num_gen_batches;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const dapo_settings settings = dapo_of(given);
    real *A, *W;
    real *R = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(R);
    const double Lmax = settings.overlong_max, Lc = settings.overlong_cache;
    const bool floored = settings.overlong_floor;
    for (size_t i = 0; i < batch->rows; i++) { /* [dapo.13] */
        const double punishment = Lmax > 0 ? rp_overlong_penalty(rp_row_length(batch, i), Lmax, Lc, floored) : 0;
        R[i] = (real)((double)batch->reward[i] + punishment);
    }
    RP_TRY(rp_common_advantage_of(&settings.advantage, batch, R, NULL, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
            rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out); /* [dapo.8] */
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_dapo = {
    .name = "dapo",
    .title = "Decoupled clip and dynamic sampling",
    .citation = "yu2025dapo",
    .equations = "dapo.8, dapo.13",
    .summary = "Asymmetric clip, one mean over all tokens, dynamic sampling, soft punishment of overlong answers.",
    .settings = settings_of_dapo,
    .conventions = conventions_of_dapo,
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
