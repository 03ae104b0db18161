/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <math.h>

static void test_philox_gives_the_published_answers(void **state) {
    (void)state;
    /* The known-answer table of the Random123 library for philox4x32 with 10 rounds. */
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < 3; i++) {
        uint32_t out[4];
        rp_philox4x32(known[i].counter, known[i].key, out);
        assert_memory_equal(out, known[i].out, sizeof out);
    }
}

static void test_streams_differ_in_every_name_and_repeat_by_name(void **state) {
    (void)state;
    const rp_rng base = rp_rng_stream(1, RP_RNG_TEST, 2, 3, 4);
    const rp_rng others[] = {rp_rng_stream(2, RP_RNG_TEST, 2, 3, 4), rp_rng_stream(1, RP_RNG_DATA, 2, 3, 4),
                             rp_rng_stream(1, RP_RNG_TEST, 1, 3, 4), rp_rng_stream(1, RP_RNG_TEST, 2, 4, 4),
                             rp_rng_stream(1, RP_RNG_TEST, 2, 3, 5)};
    rp_rng again = rp_rng_stream(1, RP_RNG_TEST, 2, 3, 4), first = base;
    const uint64_t value = rp_rng_u64(&first);
    assert_true(value == rp_rng_u64(&again));
    for (size_t i = 0; i < 5; i++) {
        rp_rng other = others[i];
        assert_true(value != rp_rng_u64(&other));
    }
}

static void test_uniform_and_normal_have_their_moments(void **state) {
    (void)state;
    rp_rng rng = rp_rng_stream(5, RP_RNG_TEST, 0, 0, 0);
    const int n = 200000;
    double u1 = 0, u2 = 0, z1 = 0, z2 = 0, z4 = 0;
    for (int i = 0; i < n; i++) {
        const double u = rp_rng_uniform(&rng), z = rp_rng_normal(&rng);
        assert_true(u >= 0 && u < 1 && isfinite(z));
        u1 += u, u2 += u * u, z1 += z, z2 += z * z, z4 += z * z * z * z;
    }
    /* Five standard errors each: sd(u) = .289, sd(u²) = .298, sd(z) = 1, sd(z²) = 1.41, sd(z⁴) = 9.8. */
    const double root = 5 / sqrt((double)n);
    assert_near(u1 / n, 0.5, .289 * root, 0);
    assert_near(u2 / n, 1.0 / 3, .298 * root, 0);
    assert_near(z1 / n, 0, root, 0);
    assert_near(z2 / n, 1, 1.41 * root, 0);
    assert_near(z4 / n, 3, 9.8 * root, 0);
}

static void test_below_is_uniform_and_shuffle_permutes(void **state) {
    (void)state;
    rp_rng rng = rp_rng_stream(6, RP_RNG_TEST, 0, 0, 0);
    int counts[7] = {0};
    for (int i = 0; i < 70000; i++) counts[rp_rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++) assert_near(counts[i], 10000, 5 * 92.6, 0); /* sd = sqrt(70000/7·6/7) */
    assert_int_equal(rp_rng_below(&rng, 1), 0);
    for (int i = 0; i < 100; i++) {
        const int64_t x = rp_rng_range(&rng, -3, 3);
        assert_true(x >= -3 && x <= 3);
    }
    int first[5] = {0};
    for (int round = 0; round < 5000; round++) {
        uint32_t items[5] = {0, 1, 2, 3, 4}, sum = 0;
        rp_rng_shuffle(&rng, items, 5);
        for (int i = 0; i < 5; i++) sum |= 1u << items[i];
        assert_int_equal(sum, 31);
        first[items[0]]++;
    }
    for (int i = 0; i < 5; i++) assert_near(first[i], 1000, 5 * 28.3, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_philox_gives_the_published_answers),
        cmocka_unit_test(test_streams_differ_in_every_name_and_repeat_by_name),
        cmocka_unit_test(test_uniform_and_normal_have_their_moments),
        cmocka_unit_test(test_below_is_uniform_and_shuffle_permutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
