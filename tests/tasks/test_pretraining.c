/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/tasks.h>

#include <string.h>

static const rp_world world = {.limit = 50, .expert_style = RP_EXPERT_CHAIN};
static rp_arena *arena;

static int setup(void **state) {
    (void)state;
    arena = rp_arena_create("test", 0);
    return arena ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

static bool contains(rp_str s, const char *part) {
    const size_t n = strlen(part);
    for (size_t i = 0; i + n <= s.length; i++) {
        if (memcmp(s.data + i, part, n) == 0) return true;
    }
    return false;
}

static bool starts(rp_str s, const char *part) {
    return s.length >= strlen(part) && memcmp(s.data, part, strlen(part)) == 0;
}

static void test_every_response_is_sound(void **state) {
    (void)state;
    rp_rng rng = rp_rng_stream(1, RP_RNG_TEST, 0, 0, 0);
    for (int i = 0; i < 5000; i++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        rp_world_example example;
        assert_ok(rp_world_pretraining(&world, &rp_world_default_mixture, &rng, arena, &example));
        const rp_soundness s = rp_world_soundness(example.response);
        assert_int_equal(s.false_steps, 0);
        assert_true(s.steps > 0 || starts(example.response, "####") || starts(example.response, "$\\boxed"));
        assert_true(starts(example.prompt, "Q: "));
        assert_int_equal(example.prompt.data[example.prompt.length - 1], '\n');
        rp_arena_rewind(arena, mark);
    }
}

static void test_shares_are_those_of_the_mixture(void **state) {
    (void)state;
    /* drill .25; then .35 .15 .10 .40 of the .75. Standard error of a share at 8000 draws: at most .0056. */
    enum { DRAWS = 8000 };
    int drill = 0, explain = 0, rewrite = 0, expert = 0;
    rp_rng rng = rp_rng_stream(2, RP_RNG_TEST, 0, 0, 0);
    for (int i = 0; i < DRAWS; i++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        rp_world_example e;
        assert_ok(rp_world_pretraining(&world, &rp_world_default_mixture, &rng, arena, &e));
        const bool is_drill = starts(e.prompt, "Q: Drill.");
        drill += is_drill;
        explain += starts(e.prompt, "Q: Explain the solution.");
        rewrite += contains(e.prompt, "\nRef: ");
        expert += !is_drill && e.response.data[0] == '$';
        rp_arena_rewind(arena, mark);
    }
    assert_near(drill / (double)DRAWS, 0.25, 0.02, 0);
    assert_near(explain / (double)DRAWS, 0.75 * 0.35 / 2, 0.02, 0); /* the other half of them are word soup */
    assert_near(rewrite / (double)DRAWS, 0.75 * (0.35 + 0.15), 0.02, 0);
    assert_near(expert / (double)DRAWS, 0.75 * 0.10, 0.02, 0);
}

static void test_drills_score_results_only(void **state) {
    (void)state;
    const rp_world_mixture mixture = {.drill = 100};
    rp_rng rng = rp_rng_stream(3, RP_RNG_TEST, 0, 0, 0);
    int latex = 0;
    for (int i = 0; i < 300; i++) {
        rp_world_example e;
        assert_ok(rp_world_pretraining(&world, &mixture, &rng, arena, &e));
        assert_int_equal(e.scored_count, 8);
        uint32_t end = 0;
        for (size_t k = 0; k < e.scored_count; k++) {
            const uint32_t lo = e.scored[k][0], hi = e.scored[k][1];
            assert_true(lo >= end && lo + 1 < hi && hi <= e.response.length);
            const char before = e.response.data[lo - 1], last = e.response.data[hi - 1];
            assert_true(before == ' ' || before == '=');
            assert_true(last == '\n' || last == '$');
            for (uint32_t c = lo; c + 1 < hi; c++) assert_true(e.response.data[c] >= '0' && e.response.data[c] <= '9');
            end = hi;
        }
        latex += e.response.data[0] == '$';
    }
    assert_in_range(latex, 60, 140); /* a third of 300 */
}

static void test_new_concepts_never_come_with_a_plan(void **state) {
    (void)state;
    /* Word soup contains words of the near and hard families, but no true question of them. */
    rp_rng rng = rp_rng_stream(4, RP_RNG_TEST, 0, 0, 0);
    int words = 0;
    for (int i = 0; i < 3000; i++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        rp_world_example e;
        assert_ok(rp_world_pretraining(&world, &rp_world_default_mixture, &rng, arena, &e));
        words += contains(e.prompt, "perimeter");
        assert_false(contains(e.prompt, "Find the mean of"));
        assert_false(contains(e.prompt, "Find the perimeter of a"));
        assert_false(contains(e.prompt, "A sequence starts at"));
        rp_arena_rewind(arena, mark);
    }
    assert_true(words > 10);
}

static void test_only_chosen_families_and_the_train_split_are_used(void **state) {
    (void)state;
    rp_world small = world;
    assert_ok(rp_world_select("calc3", &small.families));
    const rp_world_mixture mixture = {.own = 1};
    rp_rng rng = rp_rng_stream(5, RP_RNG_TEST, 0, 0, 0);
    for (int i = 0; i < 300; i++) {
        rp_world_example e;
        assert_ok(rp_world_pretraining(&small, &mixture, &rng, arena, &e));
        assert_true(starts(e.prompt, "Q: What is "));
        const rp_str question = {e.prompt.data + 3, e.prompt.length - 3 - strlen("\nA:\n")};
        assert_int_equal(rp_world_split_of(question), RP_SPLIT_TRAIN);
        assert_true(contains(e.response, "Step 3: ") && !contains(e.response, "Step 4: "));
    }
}

static void test_same_seed_same_examples(void **state) {
    (void)state;
    uint64_t digest[2];
    for (int run = 0; run < 2; run++) {
        rp_rng rng = rp_rng_stream(6, RP_RNG_TEST, 0, 0, 0);
        digest[run] = 0;
        for (int i = 0; i < 200; i++) {
            rp_world_example e;
            assert_ok(rp_world_pretraining(&world, &rp_world_default_mixture, &rng, arena, &e));
            digest[run] = rp_hash64(e.prompt.data, e.prompt.length, digest[run]);
            digest[run] = rp_hash64(e.response.data, e.response.length, digest[run]);
        }
    }
    assert_true(digest[0] == digest[1]);
}

static void test_bad_mixtures_are_refused(void **state) {
    (void)state;
    static const rp_world_mixture bad[] = {{.drill = 101, .own = 1}, {.drill = -1, .own = 1}, {.drill = 50}, {.own = -1}};
    rp_rng rng = rp_rng_stream(7, RP_RNG_TEST, 0, 0, 0);
    rp_world_example e;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails(rp_world_pretraining(&world, &bad[i], &rng, arena, &e), RP_ERR_ARGUMENT, "mixture");
    }
    rp_world hard = world;
    assert_ok(rp_world_select("hard", &hard.families));
    const rp_world_mixture own = {.own = 1};
    assert_fails(rp_world_pretraining(&hard, &own, &rng, arena, &e), RP_ERR_ARGUMENT, "no family of pretraining");
}

static void test_the_corpus_shows_every_family(void **state) {
    (void)state;
    rp_str *texts = NULL;
    size_t count = 0;
    assert_ok(rp_world_corpus(&world, 9, 400, arena, &texts, &count));
    assert_int_equal(count, 400);
    static const char *const words[] = {"perimeter", "trapezoid", "hare",      "legs",
                                        "heads",     "sequence",  "remainder", "\\boxed"};
    for (size_t i = 0; i < count; i++) { /* neighbouring signs are kept apart, so that no token joins them */
        assert_false(contains(texts[i], "}{") || contains(texts[i], ")=") || contains(texts[i], "=\\"));
    }
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        int found = 0;
        for (size_t i = 0; i < count; i++) found += contains(texts[i], words[w]);
        if (!found) fail_msg("no text of the corpus contains \"%s\"", words[w]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_response_is_sound),
        cmocka_unit_test(test_shares_are_those_of_the_mixture),
        cmocka_unit_test(test_drills_score_results_only),
        cmocka_unit_test(test_new_concepts_never_come_with_a_plan),
        cmocka_unit_test(test_only_chosen_families_and_the_train_split_are_used),
        cmocka_unit_test(test_same_seed_same_examples),
        cmocka_unit_test(test_bad_mixtures_are_refused),
        cmocka_unit_test(test_the_corpus_shows_every_family),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
