/* SPDX-License-Identifier: MIT
 *
 * A world small enough to sum over: three tokens, at most three steps, the third token ends the answer. There are fifteen
 * answers, so an expectation is a sum and "unbiased" is an equality.
 *
 * The policy has its own three logits for every prefix. The true objective J = Σ p(y) R(y) is differentiated numerically;
 * no line of the library takes part in that.
 */
#include "toy.h"

enum { V = 3, STEPS = 3, PREFIXES = 7, PARAMETERS = PREFIXES * V, ANSWERS = 15, END = 2 };

typedef struct answer {
    int length, prefix[STEPS], token[STEPS];
} answer;

static answer answers[ANSWERS];
static double theta[PARAMETERS], reference[PARAMETERS], reward_of[ANSWERS];
static rp_arena *arena;

/* Prefix 0 is empty; a token 0 or 1 leads from prefix k to 2k + 1 + token. */
static void list_answers(void) {
    size_t n = 0;
    for (int code = 0; code < V * V * V; code++) {
        answer a = {0};
        const int token[STEPS] = {code / (V * V), code / V % V, code % V};
        int prefix = 0;
        bool canonical = true; /* behind the end only zeros, so that each answer is listed once */
        for (int t = 0; t < STEPS; t++) {
            if (t > 0 && a.token[a.length - 1] == END) {
                canonical = canonical && token[t] == 0;
                continue;
            }
            a.prefix[t] = prefix;
            a.token[t] = token[t];
            a.length = t + 1;
            prefix = 2 * prefix + 1 + token[t];
        }
        if (canonical) answers[n++] = a;
    }
    assert_int_equal(n, ANSWERS);
}

static double log_softmax(const double *parameters, int prefix, int token) {
    double sum = 0;
    for (int v = 0; v < V; v++) sum += exp(parameters[prefix * V + v]);
    return parameters[prefix * V + token] - log(sum);
}

static double log_answer(const double *parameters, const answer *a) {
    double sum = 0;
    for (int t = 0; t < a->length; t++) sum += log_softmax(parameters, a->prefix[t], a->token[t]);
    return sum;
}

static double objective(const double *parameters) {
    double J = 0;
    for (size_t y = 0; y < ANSWERS; y++) J += exp(log_answer(parameters, &answers[y])) * reward_of[y];
    return J;
}

static void numeric_gradient(double (*f)(const double *), double *gradient) {
    for (size_t k = 0; k < PARAMETERS; k++) {
        const double kept = theta[k], h = 1e-5;
        theta[k] = kept + h;
        const double up = f(theta);
        theta[k] = kept - h;
        gradient[k] = (up - f(theta)) / (2 * h);
        theta[k] = kept;
    }
}

/* gradient += scale Σ_t dlogp_t ∂logπ(token_t)/∂θ */
static void chain(const answer *a, const real *dlogp, double scale, double *gradient) {
    for (int t = 0; t < a->length; t++)
        for (int v = 0; v < V; v++)
            gradient[a->prefix[t] * V + v] +=
                scale * (double)dlogp[t] * ((v == a->token[t]) - exp(log_softmax(theta, a->prefix[t], v)));
}

/* The batch of some answers to one question; `old` gives logp_old. */
static rp_batch batch_of(const size_t *chosen, size_t rows, const double *old) {
    uint32_t *start = rp_alloc_zero(arena, uint32_t, rows + 1), *group = rp_alloc_zero(arena, uint32_t, rows);
    real *logp = rp_alloc(arena, real, rows * STEPS), *logp_old = rp_alloc(arena, real, rows * STEPS);
    real *logp_ref = rp_alloc(arena, real, rows * STEPS), *reward = rp_alloc(arena, real, rows);
    for (size_t i = 0; i < rows; i++) {
        const answer *a = &answers[chosen[i]];
        start[i + 1] = start[i] + (uint32_t)a->length;
        reward[i] = (real)reward_of[chosen[i]];
        for (int t = 0; t < a->length; t++) {
            logp[start[i] + (size_t)t] = (real)log_softmax(theta, a->prefix[t], a->token[t]);
            logp_old[start[i] + (size_t)t] = (real)log_softmax(old, a->prefix[t], a->token[t]);
            logp_ref[start[i] + (size_t)t] = (real)log_softmax(reference, a->prefix[t], a->token[t]);
        }
    }
    return (rp_batch){.rows = rows,
                      .start = start,
                      .group = group,
                      .groups = 1,
                      .logp = logp,
                      .logp_old = logp_old,
                      .logp_ref = logp_ref,
                      .reward = reward};
}

/* E[∇L] over every group of G answers drawn from `sampler`. */
static void expected_gradient(const char *name, const char *const *set, size_t G, const double *sampler, double *gradient) {
    memset(gradient, 0, PARAMETERS * sizeof *gradient);
    size_t total = 1;
    for (size_t k = 0; k < G; k++) total *= ANSWERS;
    for (size_t code = 0; code < total; code++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        size_t chosen[3];
        double probability = 1;
        for (size_t k = 0, rest = code; k < G; k++, rest /= ANSWERS) {
            chosen[k] = rest % ANSWERS;
            probability *= exp(log_answer(sampler, &answers[chosen[k]]));
        }
        const rp_batch batch = batch_of(chosen, G, sampler);
        const rp_loss loss = toy_loss(arena, name, NULL, set, &batch);
        for (size_t k = 0; k < G; k++) chain(&answers[chosen[k]], loss.dlogp + batch.start[k], probability, gradient);
        rp_arena_rewind(arena, mark);
    }
}

static double tolerance(void) {
    return sizeof(real) == 8 ? 1e-9 : 1e-5;
}

static void assert_proportional(const double *got, const double *truth, double factor) {
    for (size_t k = 0; k < PARAMETERS; k++) assert_near(got[k], factor * truth[k], tolerance(), 0);
}

#define SET(...)                                                                                                           \
    (const char *const[]) {                                                                                                \
        __VA_ARGS__, NULL                                                                                                  \
    }

static void test_probabilities_sum_to_one(void **state) {
    (void)state;
    double sum = 0;
    for (size_t y = 0; y < ANSWERS; y++) sum += exp(log_answer(theta, &answers[y]));
    assert_near(sum, 1, 1e-12, 0);
}

static void test_reinforce_and_rloo_are_unbiased(void **state) {
    (void)state;
    double truth[PARAMETERS], got[PARAMETERS];
    numeric_gradient(objective, truth);
    expected_gradient("reinforce", NULL, 1, theta, got);
    assert_proportional(got, truth, -1);
    expected_gradient("rloo", NULL, 2, theta, got);
    assert_proportional(got, truth, -1);
    expected_gradient("rloo", NULL, 3, theta, got);
    assert_proportional(got, truth, -1);
}

static void test_the_group_mean_shrinks_the_gradient_by_its_own_share(void **state) {
    (void)state;
    double truth[PARAMETERS], got[PARAMETERS];
    numeric_gradient(objective, truth);
    expected_gradient("reinforce", SET("baseline=group-mean"), 2, theta, got);
    assert_proportional(got, truth, -1. / 2);
    expected_gradient("reinforce", SET("baseline=group-mean"), 3, theta, got);
    assert_proportional(got, truth, -2. / 3);
    expected_gradient("dr_grpo", SET("loss_scale_factor=4"), 2, theta,
                      got); /* on-policy; the constant 4 does not bend it */
    assert_proportional(got, truth, -1. / 2 / 4);
}

static void test_dividing_by_lengths_bends_the_gradient(void **state) {
    (void)state; /* GRPO's sample mean without deviation is no multiple of the true gradient */
    double truth[PARAMETERS], got[PARAMETERS], dot = 0, a = 0, b = 0;
    numeric_gradient(objective, truth);
    expected_gradient("grpo", SET("std=none"), 2, theta, got);
    for (size_t k = 0; k < PARAMETERS; k++) {
        dot += got[k] * truth[k];
        a += got[k] * got[k];
        b += truth[k] * truth[k];
    }
    assert_true(dot < 0 && -dot / sqrt(a * b) < 0.999);
}

static void test_whole_answer_ratios_correct_another_sampler_and_token_ratios_do_not(void **state) {
    (void)state;
    double truth[PARAMETERS], got[PARAMETERS], distance = 0;
    numeric_gradient(objective, truth);
    expected_gradient("rloo", SET("form=sequence-ratio", "baseline=none", "epsilon=1", "epsilon_high=1e6"), 1, reference,
                      got);
    assert_proportional(got, truth, -1);
    expected_gradient("rloo", SET("form=sequence-ratio", "epsilon=1", "epsilon_high=1e6"), 2, reference, got);
    assert_proportional(got, truth, -1); /* E[s ∇log π] = 0, so a baseline that does not see the answer stays harmless */
    expected_gradient("grpo",
                      SET("baseline=none", "std=none", "loss_type=seq-mean-token-sum", "epsilon=1", "epsilon_high=1e6"), 1,
                      reference, got);
    for (size_t k = 0; k < PARAMETERS; k++) distance += fabs(got[k] + truth[k]);
    assert_true(distance > 1e-3);
}

/* ---- KL -------------------------------------------------------------------------------------------------------- */

static int kl_prefix;

static double kl_forth(const double *parameters) { /* KL(π‖ref) at one prefix */
    double sum = 0;
    for (int v = 0; v < V; v++) {
        const double lp = log_softmax(parameters, kl_prefix, v);
        sum += exp(lp) * (lp - log_softmax(reference, kl_prefix, v));
    }
    return sum;
}

static double kl_back(const double *parameters) { /* KL(ref‖π) */
    double sum = 0;
    for (int v = 0; v < V; v++) {
        const double lq = log_softmax(reference, kl_prefix, v);
        sum += exp(lq) * (lq - log_softmax(parameters, kl_prefix, v));
    }
    return sum;
}

static void kl_expectation(rp_kl kind, double *value, double *gradient) {
    *value = 0;
    memset(gradient, 0, PARAMETERS * sizeof *gradient);
    for (int v = 0; v < V; v++) {
        const double lp = log_softmax(theta, kl_prefix, v);
        const rp_dual k = rp_kl_estimate(kind, (real)lp, (real)log_softmax(reference, kl_prefix, v), 0);
        const answer token = {.length = 1, .prefix = {kl_prefix}, .token = {v}};
        *value += exp(lp) * (double)k.value;
        chain(&token, &k.slope, exp(lp), gradient);
    }
}

static void test_kl_estimators_in_value_and_gradient(void **state) {
    (void)state;
    for (kl_prefix = 0; kl_prefix < PREFIXES; kl_prefix++) {
        double forth[PARAMETERS], back[PARAMETERS], got[PARAMETERS], value;
        numeric_gradient(kl_forth, forth);
        numeric_gradient(kl_back, back);
        kl_expectation(RP_KL_K1, &value, got);
        assert_near(value, kl_forth(theta), tolerance(), 0);
        assert_proportional(got, forth, 0); /* k1: the gradient vanishes */
        kl_expectation(RP_KL_K2, &value, got);
        assert_true(fabs(value - kl_forth(theta)) > 1e-5); /* k2: a biased value … */
        assert_proportional(got, forth, 1);                /* … with the right gradient */
        kl_expectation(RP_KL_K3, &value, got);
        assert_near(value, kl_forth(theta), tolerance(), 0);
        assert_proportional(got, back, 1); /* k3: the gradient of the other direction */
        kl_expectation(RP_KL_K3_PLUS, &value, got);
        assert_near(value, kl_forth(theta), tolerance(), 0);
        assert_proportional(got, forth, 1);
        real p[V], q[V];
        for (int v = 0; v < V; v++) {
            p[v] = (real)log_softmax(theta, kl_prefix, v);
            q[v] = (real)log_softmax(reference, kl_prefix, v);
        }
        assert_near(rp_kl_exact(p, q, V), kl_forth(theta), tolerance(), 0);
    }
}

/* ---- Baselines, weights, values -------------------------------------------------------------------------------- */

static void test_opo_takes_the_baseline_of_least_variance(void **state) {
    (void)state; /* under the uniform policy |∇log p(y)|² is (1 - 1/V) per token, so the length is exact */
    double numerator = 0, denominator = 0;
    size_t chosen[27], rows = 0;
    for (size_t y = 0; y < ANSWERS; y++) {
        const int L = answers[y].length;
        const double p = pow(3, -L), g2 = L * (1 - 1. / V);
        numerator += p * g2 * reward_of[y];
        denominator += p * g2;
        for (int copy = 0; copy < (int)(27 * p + .5); copy++) chosen[rows++] = y; /* 27 p is 9, 3 or 1 */
    }
    assert_int_equal(rows, 27);
    const rp_batch batch = batch_of(chosen, rows, theta);
    real A[27];
    const rp_advantage_options options = {.baseline = RP_BASELINE_LENGTH};
    assert_ok(rp_advantage(&batch, batch.reward, &options, arena, A));
    const double best = numerator / denominator; /* minimiser of E|g|²(R-b)² */
    for (size_t i = 0; i < rows; i++) assert_near((double)A[i], reward_of[chosen[i]] - best, tolerance(), 0);
    double weighted = 0;
    for (size_t i = 0; i < rows; i++) weighted += (double)A[i] * answers[chosen[i]].length;
    assert_near(weighted, 0, tolerance() * 100, 0);
}

static double log_beta(double a, double b) {
    return lgamma(a) + lgamma(b) - lgamma(a + b);
}

static void test_bnpo_density_minimises_the_variance(void **state) {
    (void)state; /* E_{p ~ Beta(a,b)}[p(1-p)/f²] = B(α,β)² B(a+3-2α, b+3-2β)/B(a,b), least at α = 1 + a/3, β = 1 + b/3 */
    const double a = 3.2222222222222223, b = 6.444444444444445;
    const double alpha = 1 + a / 3, beta = 1 + b / 3;
    const double least = 2 * log_beta(alpha, beta) + log_beta(a + 3 - 2 * alpha, b + 3 - 2 * beta);
    for (double da = -.2; da < .25; da += .1)
        for (double db = -.2; db < .25; db += .1)
            assert_true(2 * log_beta(alpha + da, beta + db) + log_beta(a + 3 - 2 * (alpha + da), b + 3 - 2 * (beta + db)) >=
                        least - 1e-12);
    /* Three questions with p = 1/4, 1/2, 1/4 lead to that a and b: m = 1/3, v = 1/48. */
    const uint32_t start[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, group[] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
    const real logp[12] = {0}, reward[] = {1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0};
    const rp_batch batch = {
        .rows = 12, .start = start, .group = group, .groups = 3, .logp = logp, .logp_old = logp, .reward = reward};
    const rp_loss loss = toy_loss(arena, "bnpo", NULL, NULL, &batch);
    const double f = exp((alpha - 1) * log(.25) + (beta - 1) * log(.75) - log_beta(alpha, beta));
    assert_near((double)loss.advantage[0], .75 / f, 1e-6, 0);
    assert_near((double)loss.advantage[0], .4353212, 1e-6, 0);
    assert_near((double)loss.advantage[1], -.1451071, 1e-6, 0);
    assert_near((double)loss.advantage[4], .3293519, 1e-6, 0);
}

static void test_bnpo_between_reinforce_and_grpo(void **state) {
    (void)state; /* p = 1/4, 1/2, 3/4: α = β = 3/2, A = π/8 times GRPO's with the population's deviation */
    const uint32_t start[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, group[] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
    const real logp[12] = {0}, reward[] = {1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1};
    const rp_batch batch = {
        .rows = 12, .start = start, .group = group, .groups = 3, .logp = logp, .logp_old = logp, .reward = reward};
    const rp_loss bnpo = toy_loss(arena, "bnpo", NULL, NULL, &batch), grpo = toy_loss(arena, "grpo", NULL, NULL, &batch);
    for (size_t t = 0; t < 12; t++)
        assert_near((double)bnpo.advantage[t], acos(-1) / 8 * (double)grpo.advantage[t], 1e-6, 0);
    assert_near((double)bnpo.advantage[0], .6801748, 1e-6, 0);
}

static void test_spo_has_no_residual_at_the_optimal_policy(void **state) {
    (void)
        state; /* π*(y) ∝ ref(y) exp(R/β), as logits per prefix: log ref + log of the expected exp(R/β) behind the token */
    const double beta = .5;
    double kept[PARAMETERS], Q0 = 0;
    memcpy(kept, theta, sizeof kept);
    for (int prefix = 0; prefix < PREFIXES; prefix++)
        for (int v = 0; v < V; v++) {
            double value = 0, mass = 0;
            for (size_t y = 0; y < ANSWERS; y++)
                for (int t = 0; t < answers[y].length; t++)
                    if (answers[y].prefix[t] == prefix && answers[y].token[t] == v) {
                        const double p = exp(log_answer(reference, &answers[y]));
                        value += p * exp(reward_of[y] / beta);
                        mass += p;
                    }
            theta[prefix * V + v] = log_softmax(reference, prefix, v) + log(value / mass);
        }
    for (size_t y = 0; y < ANSWERS; y++) Q0 += exp(log_answer(reference, &answers[y])) * exp(reward_of[y] / beta);
    char q0[64];
    snprintf(q0, sizeof q0, "q0=%.17g", beta * log(Q0));
    for (size_t y = 0; y < ANSWERS; y++) {
        const rp_batch batch = batch_of(&y, 1, theta);
        const rp_loss loss = toy_loss(arena, "spo", NULL, SET("beta=0.5", q0), &batch);
        assert_near(loss.loss, 0, tolerance(), 0);
        for (uint32_t t = 0; t < batch.start[1]; t++) assert_near((double)loss.dlogp[t], 0, tolerance(), 0);
    }
    memcpy(theta, kept, sizeof kept);
}

static int make_world(void **state) {
    (void)state;
    arena = rp_arena_create("test", 0);
    if (!arena) return -1;
    list_answers();
    for (size_t k = 0; k < PARAMETERS; k++) {
        theta[k] = sin(1.3 * (double)k + .4);
        reference[k] = cos(.7 * (double)k);
    }
    for (size_t y = 0; y < ANSWERS; y++) reward_of[y] = (double)((y * 7 + 3) % 5) / 4;
    return 0;
}

static int end_world(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probabilities_sum_to_one),
        cmocka_unit_test(test_reinforce_and_rloo_are_unbiased),
        cmocka_unit_test(test_the_group_mean_shrinks_the_gradient_by_its_own_share),
        cmocka_unit_test(test_dividing_by_lengths_bends_the_gradient),
        cmocka_unit_test(test_whole_answer_ratios_correct_another_sampler_and_token_ratios_do_not),
        cmocka_unit_test(test_kl_estimators_in_value_and_gradient),
        cmocka_unit_test(test_opo_takes_the_baseline_of_least_variance),
        cmocka_unit_test(test_bnpo_density_minimises_the_variance),
        cmocka_unit_test(test_bnpo_between_reinforce_and_grpo),
        cmocka_unit_test(test_spo_has_no_residual_at_the_optimal_policy),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
