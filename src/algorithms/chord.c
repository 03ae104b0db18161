/* SPDX-License-Identifier: MIT
 *
 * chord.c — one loss between imitation and exploration, weighted globally (mu) and per token (phi).
 *
 *   Eq      [chord.4]  L = (1-μ) L_GRPO(policy rows) + μ L_SFT(expert rows)
 *           [chord.6]  phi: L_SFT = -mean sg[p (1-p)] log π: neither what is certain nor what is hopeless
 *   Source  arXiv 2508.11408 and Trinity-RFT. mu: μ rises to mu_peak in warmup steps and falls by half a cosine to
 *   mu_valley; phi: μ constant 0.1. weight=is multiplies by sg[p]. Clip .2, each term a mean over its own tokens,
 *   about a fifth expert rows.
 */
#include "common.h"

enum { WEIGHT_ONE, WEIGHT_PHI, WEIGHT_IS };

typedef struct chord_settings {
    int weight;
    double mu;
    bool schedule;
    double mu_peak, mu_valley;
    int64_t mu_warmup_steps, mu_decay_steps;
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} chord_settings;
RP_SETTINGS_OF(chord)

static const rp_option settings_of_chord[] = {
    SETTING_CHOICE(chord, weight, WEIGHT_ONE, RP_CHOICES("one", "phi", "is"),
                   "weight of an expert's token: 1 (mu), p(1-p) (phi), p"),
    SETTING_REAL(chord, mu, 0.1, 0, 1, "share of the supervised term; set by the schedule when it is on"),
    SETTING_BOOL(chord, schedule, false, "mu follows warm-up and cosine"),
    SETTING_REAL(chord, mu_peak, 0.9, 0, 1, "mu after the warm-up"),
    SETTING_REAL(chord, mu_valley, 0.05, 0, 1, "mu after the decay"),
    SETTING_INT(chord, mu_warmup_steps, 0, 0, 1e9, "steps to the peak", .former = "warmup"),
    SETTING_INT(chord, mu_decay_steps, 200, 0, 1e9, "steps from peak to valley", .former = "decay"),
    SETTINGS_ADVANTAGE(chord, RP_BASELINE_MEAN, RP_STD_POPULATION, 0),
    SETTINGS_AGGREGATE(chord, RP_TOKEN_MEAN),
    SETTINGS_CLIP(chord, 0.2, 0.2, 0),
    SETTINGS_PENALTY(chord),
    RP_OPTION_END,
};

static const rp_convention conventions_of_chord[] = {
    {.name = "paper", .help = "CHORD-mu at the mu given"},
    {.name = "release",
     .help = "CHORD-phi as in mix_chord.yaml",
     .set = {{"weight", "phi"}, {"mu", "0.1"}, {"std", "bessel"}, {"std_epsilon", "1e-6"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const chord_settings settings = chord_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

/* One row of each group is the solution as it is; mu follows its schedule. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    chord_settings s = chord_of(given);
    out->demonstration[out->demonstrations++] = (rp_demonstration){.whole = true};
    if (!s.schedule) return;
    s.mu = rp_cosine_schedule((double)step, (double)s.mu_warmup_steps, (double)s.mu_decay_steps, s.mu_peak, s.mu_valley);
    memcpy(out->settings.bytes, &s, sizeof s);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const chord_settings settings = chord_of(given);
    real *A, *W;
    real *V;
    uint8_t *own;
    RP_TRY(rp_common_policy_rows(batch, arena, &own));
    RP_TRY(rp_common_advantage_of(&settings.advantage, batch, batch->reward, own, arena, &A));
    RP_TRY(rp_common_weights_of(&settings.aggregate, batch, RP_PART_POLICY, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    V = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(V);
    rp_aggregate_weights(batch, RP_TOKEN_MEAN, 0, false, RP_PART_EXPERT, V);
    const real mu = (real)settings.mu;
    const int weight = settings.weight;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            if (own[i]) {
                const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
                rp_common_clipped_token(batch, t, (1 - mu) * W[i], r, A[i], clip, &penalty, &tally, out); /* [chord.4] */
            } else {
                const real p = real_exp(real_fmin(rp_detached(batch, t), 0));
                const real w = (const real[]){1, p * (1 - p), p}[weight]; /* [chord.6] */
                rp_common_sft_token(batch, t, mu * V[i], w, out);
            }
        }
    rp_tally_write(&tally, out);
    rp_loss_metric(out, "mu", (double)mu);
    return RP_OK;
}

const rp_algorithm rp_algorithm_chord = {
    .name = "chord",
    .title = "CHORD",
    .citation = "zhang2025chord",
    .equations = "chord.4, chord.6",
    .summary = "A scheduled mixture of GRPO and SFT, optionally weighted per token by p(1-p).",
    .settings = settings_of_chord,
    .conventions = conventions_of_chord,
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
