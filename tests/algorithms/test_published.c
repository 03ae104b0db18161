/* SPDX-License-Identifier: MIT
 *
 * Numbers that were known before this program: intermediate values on B0 and small examples beside it, to 1e-6. Losses and
 * gradients on B0 are golden cases (flag Published); these are the quantities behind them.
 */
#include "toy.h"

static rp_arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = rp_arena_create("test", 0);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

#define SET(...)                                                                                                           \
    (const char *const[]) {                                                                                                \
        __VA_ARGS__, NULL                                                                                                  \
    }
#define near(a, b) assert_near((double)(a), b, 1e-6, 1e-6)

static double metric(const rp_loss *loss, const char *name) {
    for (size_t k = 0; k < loss->metric_count; k++)
        if (strcmp(loss->metrics[k].name, name) == 0) return loss->metrics[k].value;
    fail_msg("there is no metric %s", name);
    return 0;
}

static rp_batch rewarded(real first, real second) {
    rp_batch batch = toy_b0(arena);
    real *reward = rp_alloc(arena, real, 2);
    reward[0] = first;
    reward[1] = second;
    batch.reward = reward;
    return batch;
}

static void test_advantages_of_b0(void **state) {
    (void)state;
    static const struct {
        const char *algorithm, *convention;
        double first, second;
    } rows[] = {{"reinforce", "paper", 1, 0}, {"reinforce", "verl", .5, -.5},       {"rloo", "paper", 1, -1},
                {"grpo", "paper", 1, -1},     {"grpo", "trl", .7070068, -.7070068}, {"grpo", "verl", .7071058, -.7071058},
                {"opo", "paper", .25, -.75}};
    const rp_batch batch = toy_b0(arena);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const rp_loss loss = toy_loss(arena, rows[k].algorithm, rows[k].convention, NULL, &batch);
        near(loss.advantage[0], rows[k].first);
        near(loss.advantage[3], rows[k].second);
    }
}

/* R = 1, 0 | 1, 1 in groups of two, TRL's three ways to scale. */
static void test_scaling_by_group_batch_or_nothing(void **state) {
    (void)state;
    const rp_batch batch = {.rows = 4,
                            .start = (const uint32_t[]){0, 1, 2, 3, 4},
                            .group = (const uint32_t[]){0, 0, 1, 1},
                            .groups = 2,
                            .logp = (const real[]){R(-0.1), R(-0.2), R(-0.3), R(-0.4)},
                            .logp_old = (const real[]){R(-0.1), R(-0.2), R(-0.3), R(-0.4)},
                            .reward = (const real[]){1, 0, 1, 1}};
    rp_loss loss = toy_loss(arena, "grpo", "trl", NULL, &batch);
    near(loss.advantage[0], .7070068);
    near(loss.advantage[2], 0);
    loss = toy_loss(arena, "grpo", "trl", SET("scale_rewards=batch"), &batch);
    near(loss.advantage[0], .9998000);
    near(loss.advantage[1], -.9998000);
    loss = toy_loss(arena, "grpo", "trl", SET("std=none"), &batch);
    near(loss.advantage[0], .5);
}

/* One token with A = 1 and r = 1.25: clip-higher lets it count. */
static void test_clip_higher(void **state) {
    (void)state;
    const rp_batch batch = {.rows = 1,
                            .start = (const uint32_t[]){0, 1},
                            .group = (const uint32_t[]){0},
                            .groups = 1,
                            .logp = (const real[]){(real)log(.5)},
                            .logp_old = (const real[]){(real)log(.4)},
                            .reward = (const real[]){1}};
    near(toy_loss(arena, "dapo", NULL, SET("baseline=none", "std=none"), &batch).loss, -1.25);
    near(toy_loss(arena, "dapo", NULL, SET("baseline=none", "std=none", "epsilon_high=0.2"), &batch).loss, -1.2);
}

static void test_value_loss_of_the_example(void **state) {
    (void)state;
    const real V[] = {R(0.5), R(0.5), R(0.9)}, old[] = {R(0.2), R(0.5), R(0.6)};
    double sum = 0;
    for (size_t t = 0; t < 3; t++) sum += (double)rp_value_loss(V[t], old[t], 1, R(0.2)).value;
    near(sum / 3, .1083333);
}

static void test_dppo_in_its_ratio_form_and_the_whole_vocabulary(void **state) {
    (void)state;
    rp_batch batch = toy_b0(arena);
    const rp_loss loss = toy_loss(arena, "dppo", NULL, NULL, &batch);
    double ratio_form = 0;
    for (size_t t = 0; t < 4; t++) ratio_form -= (double)loss.weight[t] / 4;
    near(ratio_form, -.1925);
    static const double tv[] = {.2, .2, .01, .24}, kl[] = {.0871767, .1046496, .0002621, .1276485};
    for (size_t t = 0; t < 4; t++) {
        near(rp_token_divergence(RP_BINARY_TV, &batch, batch.logp_behavior, t), tv[t]);
        near(rp_token_divergence(RP_BINARY_KL, &batch, batch.logp_behavior, t), kl[t]);
    }
    static const double mu[] = {.5, .25, .12, .08, .05}, pi[] = {.35, .35, .2, .02, .08};
    real logmu[5], logpi[5];
    for (size_t j = 0; j < 5; j++) {
        logmu[j] = (real)log(mu[j]);
        logpi[j] = (real)log(pi[j]);
    }
    const rp_batch whole = {.rows = 1,
                            .start = (const uint32_t[]){0, 1},
                            .logp = logpi + 4,
                            .topk = 5,
                            .topk_logp_behavior = logmu,
                            .topk_logp = logpi,
                            .topk_ids = (const int32_t[]){0, 1, 2, 3, 4},
                            .token_ids = (const int32_t[]){4}};
    near(rp_token_divergence(RP_TOPK_TV, &whole, logmu + 4, 0), .21);
    near(rp_token_divergence(RP_TOPK_KL, &whole, logmu + 4, 0), .1203237);
}

static void test_minpro_multiplies_with_the_smallest_prefix(void **state) {
    (void)state;
    const rp_batch batch = toy_b0(arena);
    const rp_loss loss = toy_loss(arena, "minpro", NULL, SET("epsilon=1", "epsilon_high=100", "std=none"), &batch);
    static const double c[] = {1.4, .7, .52, .7};
    for (size_t t = 0; t < 4; t++) near(loss.weight[t] / loss.advantage[t], c[t]);
}

#define HELD "low_start=0.6", "low_limit=0.6", "high_start=1.2", "high_limit=1.2", "baseline=none", "std=none"

static void test_bapo_statistics_at_given_bounds(void **state) {
    (void)state;
    const rp_batch small = rewarded(R(0.5), R(-1.5)), large = rewarded(R(0.5), -3);
    rp_loss loss = toy_loss(arena, "bapo", NULL, SET(HELD), &small);
    near(metric(&loss, "bapo_statistic"), .3868613);
    loss = toy_loss(arena, "bapo", NULL, SET(HELD, "statistic=net"), &small);
    near(metric(&loss, "bapo_statistic"), 1.7096774);
    loss = toy_loss(arena, "bapo", "release", SET("baseline=none", "std=none"), &small);
    near(metric(&loss, "bapo_statistic"), 1.3047619);
    near(metric(&loss, "bapo_high"), 1.2); /* nothing was raised */
    /* The trap: the literal statistic falls when c_low rises from .6 to .8, and recovers a little by c_high = 2. */
    loss = toy_loss(arena, "bapo", "release", SET(HELD), &large);
    assert_near(metric(&loss, "bapo_statistic"), .6524, 5e-5, 0);
    loss = toy_loss(arena, "bapo", "release", SET(HELD, "low_limit=0.8", "low_start=0.8"), &large);
    assert_near(metric(&loss, "bapo_statistic"), .5708, 5e-5, 0);
    loss = toy_loss(arena, "bapo", "release", SET("baseline=none", "std=none"), &large);
    assert_near(metric(&loss, "bapo_statistic"), .6125, 1e-4, 0);
    near(metric(&loss, "bapo_low"), .8);
    near(metric(&loss, "bapo_high"), 2);
    /* The active one jumps to 1 when c_low passes the ratio .7. */
    loss = toy_loss(arena, "bapo", NULL, SET(HELD, "statistic=active"), &large);
    assert_near(metric(&loss, "bapo_statistic"), .1204, 5e-5, 0);
    loss = toy_loss(arena, "bapo", NULL, SET(HELD, "statistic=active", "low_limit=0.72", "low_start=0.72"), &large);
    near(metric(&loss, "bapo_statistic"), 1);
}

static void test_red_weight_with_a_weighted_baseline(void **state) {
    (void)state;
    const rp_batch batch = toy_b0(arena);
    const rp_loss loss = toy_loss(arena, "red_weight", "release", SET("weighted_baseline=true"), &batch);
    /* R - .7310586 times exp(.5), and 0 - .7310586 times exp(-.5) */
    near(loss.weight[0], .4434094);
    near(loss.weight[3], -.4434094);
    near(exp(.5) / (exp(.5) + exp(-.5)), .7310586);
}

/* p = 1/4, 1/2, 3/4: m = .5, v = .0625, a = b = 1.5, α = β = 1.5 and f = 1.1026578, 1.2732395, 1.1026578. */
static void test_bnpo_divides_by_a_density(void **state) {
    (void)state;
    uint32_t start[13], group[12];
    real reward[12], logp[12];
    for (uint32_t i = 0; i < 12; i++) {
        start[i] = i;
        group[i] = i / 4;
        reward[i] = i % 4 <= i / 4;
        logp[i] = R(-1.0);
    }
    start[12] = 12;
    const rp_batch batch = {
        .rows = 12, .start = start, .group = group, .groups = 3, .reward = reward, .logp = logp, .logp_old = logp};
    const rp_loss loss = toy_loss(arena, "bnpo", NULL, NULL, &batch);
    near(loss.advantage[0], .75 / 1.1026578);
    near(loss.advantage[0], .6801748);
    near(loss.advantage[1], -.2267249);
    near(loss.advantage[4], .5 / 1.2732395);
    near(loss.advantage[8], .25 / 1.1026578);
}

static void test_spo_accumulates_q_along_the_answer(void **state) {
    (void)state;
    static const double Q[] = {.5154151, .4748686, .4787906};
    for (size_t n = 1; n <= 3; n++) {
        rp_batch batch = toy_b0(arena);
        uint8_t *mask = rp_alloc_zero(arena, uint8_t, 4);
        for (size_t t = 0; t < n; t++) mask[t] = 1;
        batch.mask = mask;
        const rp_loss loss = toy_loss(arena, "spo", NULL, SET("q0=0.5"), &batch);
        near(loss.dlogp[0], 2 * .1 * (Q[n - 1] - 1) / 2); /* 2β (Q_T - r)/B */
    }
    const rp_batch batch = toy_b0(arena);
    const rp_loss loss = toy_loss(arena, "spo", NULL, SET("q0=0.5"), &batch);
    near(loss.dlogp[3], 2 * .1 * .4776856 / 2);
}

/* Three answers of one token, ref = (.5, .3, .2), r = (1, 0, .5), β = .5: at π* = ref exp((r - Q0)/β) every Q_T is r. */
static void test_spo_is_at_rest_at_the_optimum(void **state) {
    (void)state;
    static const double ref[] = {.5, .3, .2}, r[] = {1, 0, .5};
    double sum = 0;
    for (size_t j = 0; j < 3; j++) sum += ref[j] * exp(r[j] / .5);
    const double Q0 = .5 * log(sum);
    real logp[3], logp_ref[3], reward[3];
    for (size_t j = 0; j < 3; j++) {
        logp_ref[j] = (real)log(ref[j]);
        logp[j] = (real)(log(ref[j]) + (r[j] - Q0) / .5);
        reward[j] = (real)r[j];
    }
    const rp_batch batch = {.rows = 3,
                            .start = (const uint32_t[]){0, 1, 2, 3},
                            .group = (const uint32_t[]){0, 0, 0},
                            .groups = 1,
                            .reward = reward,
                            .logp = logp,
                            .logp_ref = logp_ref};
    char q0[64];
    snprintf(q0, sizeof q0, "q0=%.17g", Q0);
    const rp_loss loss = toy_loss(arena, "spo", NULL, SET("beta=0.5", q0), &batch);
    assert_near(loss.loss, 0, 1e-12, 0);
    for (size_t j = 0; j < 3; j++) near(loss.dlogp[j], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_advantages_of_b0),
        TEST(test_scaling_by_group_batch_or_nothing),
        TEST(test_clip_higher),
        TEST(test_value_loss_of_the_example),
        TEST(test_dppo_in_its_ratio_form_and_the_whole_vocabulary),
        TEST(test_minpro_multiplies_with_the_smallest_prefix),
        TEST(test_bapo_statistics_at_given_bounds),
        TEST(test_red_weight_with_a_weighted_baseline),
        TEST(test_bnpo_divides_by_a_density),
        TEST(test_spo_accumulates_q_along_the_answer),
        TEST(test_spo_is_at_rest_at_the_optimum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
