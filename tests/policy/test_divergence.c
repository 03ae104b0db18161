/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

static double binary(rp_divergence kind, double mu, double pi) {
    const real logmu[] = {(real)log(mu)}, logpi[] = {(real)log(pi)};
    const rp_batch batch = {.rows = 1, .start = (const uint32_t[]){0, 1}, .logp = logpi};
    return rp_token_divergence(kind, &batch, logmu, 0);
}

static void test_rare_tokens_move_little_and_common_ones_much(void **state) {
    (void)state;
    assert_near(binary(RP_BINARY_TV, 1e-4, 1e-2), .0099, 1e-6, 0);
    assert_near(binary(RP_BINARY_KL, 1e-4, 1e-2), .0094888, 1e-6, 0);
    assert_near(binary(RP_BINARY_TV, .99, .80), .19, 1e-6, 0);
    assert_near(binary(RP_BINARY_KL, .99, .80), .1810050, 1e-6, 0);
    assert_near(binary(RP_BINARY_KL, .5, .7), .0871767, 1e-6, 0);
    assert_near(binary(RP_BINARY_TV, 1, 1), 0, 0, 0);
    assert_true(isfinite(binary(RP_BINARY_KL, .5, 1)));
}

static void test_each_finer_partition_sees_more(void **state) {
    (void)state; /* μ = (.5,.25,.12,.08,.05), π = (.35,.35,.2,.02,.08), index 4 sampled, K = 2: S = {0, 1, 4} */
    const real logmu[] = {(real)log(.05)}, logpi[] = {(real)log(.08)};
    const real top_mu[] = {(real)log(.5), (real)log(.25)}, top_pi[] = {(real)log(.35), (real)log(.35)};
    rp_batch batch = {.rows = 1,
                      .start = (const uint32_t[]){0, 1},
                      .logp = logpi,
                      .topk = 2,
                      .topk_logp_behavior = top_mu,
                      .topk_logp = top_pi,
                      .topk_ids = (const int32_t[]){0, 1},
                      .token_ids = (const int32_t[]){4}};
    assert_near(rp_token_divergence(RP_BINARY_TV, &batch, logmu, 0), .03, 1e-6, 0);
    assert_near(rp_token_divergence(RP_BINARY_KL, &batch, logmu, 0), .0069837, 1e-6, 0);
    assert_near(rp_token_divergence(RP_TOPK_TV, &batch, logmu, 0), .15, 1e-6, 0);
    assert_near(rp_token_divergence(RP_TOPK_KL, &batch, logmu, 0), .0516572, 1e-6, 0);
    /* The same token inside the top-K is not counted twice. */
    batch.token_ids = (const int32_t[]){1};
    const real inside_mu[] = {top_mu[1]}, inside_pi[] = {top_pi[1]};
    batch.logp = inside_pi;
    assert_near(rp_token_divergence(RP_TOPK_TV, &batch, inside_mu, 0), (.15 + .10 + .05) / 2, 1e-6, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rare_tokens_move_little_and_common_ones_much),
        cmocka_unit_test(test_each_finer_partition_sees_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
