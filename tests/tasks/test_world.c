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

static void test_names_find_families(void **state) {
    (void)state;
    assert_true(rp_world_family_count() >= 36);
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        const rp_world_family *family = rp_world_family_at(i);
        assert_int_equal(rp_world_family_find(family->name), i); /* names are unique */
        const bool is_new = strcmp(family->tier, "near") == 0 || strcmp(family->tier, "hard") == 0;
        assert_int_equal(family->in_pretraining, !is_new);
        assert_int_equal(family->in_rl, strcmp(family->tier, "general") != 0);
    }
    assert_int_equal(rp_world_family_find("perin"), -1);
    assert_non_null(strstr(rp_last_error(), "did you mean 'perim'?"));
    assert_int_equal(rp_world_family_find("zzzzzzzzzz"), -1);
    assert_non_null(strstr(rp_last_error(), "unknown family 'zzzzzzzzzz'"));
}

static void test_lists_choose_families(void **state) {
    (void)state;
    uint64_t chosen = 0, all = 0;
    assert_ok(rp_world_select("all", &all));
    rp_world some = world;
    assert_ok(rp_world_select("hard, perim,-meet", &some.families));
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        const char *name = rp_world_family_at(i)->name, *tier = rp_world_family_at(i)->tier;
        const bool expected = (strcmp(tier, "hard") == 0 && strcmp(name, "meet") != 0) || strcmp(name, "perim") == 0;
        assert_int_equal(rp_world_has(&some, i), expected);
        assert_true(rp_world_has(&world, i)); /* 0 = all */
        assert_true(all >> i & 1);
    }
    assert_fails(rp_world_select("hard,meat", &chosen), RP_ERR_ARGUMENT, "did you mean 'meet'?");
    assert_fails(rp_world_select("hrad", &chosen), RP_ERR_ARGUMENT, "did you mean 'hard'?");
    assert_fails(rp_world_select("", &chosen), RP_ERR_ARGUMENT, "chooses none");
    assert_fails(rp_world_select("meet,-all", &chosen), RP_ERR_ARGUMENT, "chooses none");
    assert_fails(rp_world_select("meet,-", &chosen), RP_ERR_ARGUMENT, "unknown family or tier ''");
    assert_int_equal(chosen, 0);
}

/* Known answers by tools/check_world.py, a second implementation in Python. */
static const struct {
    const char *question;
    uint64_t hash;
    rp_split split;
} decisions[] = {
    {"What is 1 + 2?", UINT64_C(0x7bda53153ac50d97), RP_SPLIT_TRAIN},
    {"What is 2 + 2?", UINT64_C(0x5bbb410ea85c78cd), RP_SPLIT_TRAIN},
    {"What is 3 + 2?", UINT64_C(0xd342a13063c565dc), RP_SPLIT_TRAIN},
    {"What is 4 + 2?", UINT64_C(0xaa2130253968dfe8), RP_SPLIT_TEST},
    {"What is 6 + 2?", UINT64_C(0xeda1bc04488d1df1), RP_SPLIT_VALIDATION},
    {"What is 12 + 2?", UINT64_C(0xcca985f651561220), RP_SPLIT_TEST},
    {"What is 14 + 2?", UINT64_C(0x0da97a42e528fcd8), RP_SPLIT_TEST},
    {"What is 19 + 2?", UINT64_C(0x55b599e0b6b80521), RP_SPLIT_VALIDATION},
    {"What is 45 + 2?", UINT64_C(0x3f2903278328d209), RP_SPLIT_VALIDATION},
};

static void test_split_decisions_are_the_known_ones(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof decisions / sizeof decisions[0]; i++) {
        const rp_str question = rp_str_of(decisions[i].question);
        assert_true(rp_hash64(question.data, question.length, 0) == decisions[i].hash);
        assert_int_equal(rp_world_split_of(question), decisions[i].split);
    }
}

static uint64_t digest_problem(const rp_problem *p, uint64_t digest) {
    const rp_str parts[] = {p->id, p->question, p->answer, p->solution, p->own, p->family, p->tier};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) digest = rp_hash64(parts[i].data, parts[i].length, digest);
    return digest;
}

static void test_a_thousand_problems_are_the_known_ones(void **state) {
    (void)state;
    /* 26 problems of each family, seed 2026, by the same second implementation, which draws them from its own Philox. A new
     * digest is a new world: results measured on the old one no longer compare (CHANGELOG, "Golden data"). */
    static const uint64_t known[] = {UINT64_C(0x349c098a73baa06c), UINT64_C(0xaa2e9ee63cf99496),
                                     UINT64_C(0xf16f9e9facee811d)};
    for (int split = 0; split < 3; split++) {
        uint64_t digest = 0;
        for (size_t f = 0; f < rp_world_family_count(); f++) {
            rp_dataset d;
            assert_ok(rp_world_distinct(&world, (int)f, (rp_split)split, 2026, 26, arena, &d));
            assert_int_equal(d.count, 26);
            for (size_t i = 0; i < d.count; i++) digest = digest_problem(&d.problems[i], digest);
        }
        if (digest != known[split])
            fail_msg("%s: digest 0x%016llx", rp_split_name((rp_split)split), (unsigned long long)digest);
    }
}

static void test_splits_are_wide_and_disjoint(void **state) {
    (void)state;
    /* Hundreds of distinct held-out questions in every family; no question is in two splits, none is repeated in one. */
    enum { WANTED = 200 };
    for (size_t f = 0; f < rp_world_family_count(); f++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        rp_dataset sets[2];
        for (int k = 0; k < 2; k++) {
            const rp_split split = k ? RP_SPLIT_TEST : RP_SPLIT_VALIDATION;
            assert_ok(rp_world_distinct(&world, (int)f, split, 1, WANTED, arena, &sets[k]));
            if (sets[k].count < WANTED) {
                fail_msg("%s has only %zu distinct %s questions", rp_world_family_at(f)->name, sets[k].count,
                         rp_split_name(split));
            }
            for (size_t i = 0; i < sets[k].count; i++) {
                assert_int_equal(rp_world_split_of(sets[k].problems[i].question), split);
                for (size_t j = 0; j < i; j++) {
                    assert_false(rp_str_equal(sets[k].problems[i].question, sets[k].problems[j].question));
                }
            }
        }
        rp_arena_rewind(arena, mark);
    }
}

static void test_a_small_family_gives_all_it_has(void **state) {
    (void)state;
    /* At limit 20 the largest of "3 bags at 2 with ..." is small; asking for a million ends and repeats nothing. */
    const rp_world tiny = {.limit = 20};
    rp_dataset a, b;
    const int larger = rp_world_family_find("larger");
    assert_ok(rp_world_distinct(&tiny, larger, RP_SPLIT_TRAIN, 1, 100000, arena, &a));
    assert_ok(rp_world_distinct(&tiny, larger, RP_SPLIT_TRAIN, 2, 100000, arena, &b));
    assert_int_equal(a.count,
                     b.count); /* both found all of them: pairs of different numbers of 0..20, by hand 420 in all */
    rp_dataset v, t;
    assert_ok(rp_world_distinct(&tiny, larger, RP_SPLIT_VALIDATION, 1, 1000, arena, &v));
    assert_ok(rp_world_distinct(&tiny, larger, RP_SPLIT_TEST, 1, 1000, arena, &t));
    assert_int_equal(a.count + v.count + t.count, 21 * 20);
}

static void test_seeds_decide_everything(void **state) {
    (void)state;
    rp_dataset a, b, c;
    const int change = rp_world_family_find("change");
    assert_ok(rp_world_distinct(&world, change, RP_SPLIT_TEST, 5, 50, arena, &a));
    assert_ok(rp_world_distinct(&world, change, RP_SPLIT_TEST, 5, 50, arena, &b));
    assert_ok(rp_world_distinct(&world, change, RP_SPLIT_TEST, 6, 50, arena, &c));
    int same = 0;
    for (size_t i = 0; i < 50; i++) {
        assert_true(rp_str_equal(a.problems[i].question, b.problems[i].question));
        assert_true(rp_str_equal(a.problems[i].id, b.problems[i].id));
        same += rp_str_equal(a.problems[i].question, c.problems[i].question);
    }
    assert_true(same < 5);
}

static void test_tiers_draw_from_their_families(void **state) {
    (void)state;
    rp_world some = world;
    assert_ok(rp_world_select("mean3,trap,calc1", &some.families));
    rp_rng rng = rp_rng_stream(3, RP_RNG_TEST, 0, 0, 0);
    int mean3 = 0;
    for (int i = 0; i < 400; i++) {
        rp_problem p;
        assert_ok(rp_world_from_tier(&some, "hard", RP_SPLIT_TRAIN, &rng, arena, &p));
        assert_true(rp_str_is(p.family, "mean3") || rp_str_is(p.family, "trap"));
        mean3 += rp_str_is(p.family, "mean3");
    }
    assert_in_range(mean3, 150, 250);
    rp_problem p;
    assert_fails(rp_world_from_tier(&some, "near", RP_SPLIT_TRAIN, &rng, arena, &p), RP_ERR_ARGUMENT, "tier 'near'");
}

static void test_worlds_out_of_range_are_refused(void **state) {
    (void)state;
    rp_rng rng = rp_rng_stream(3, RP_RNG_TEST, 0, 0, 0);
    rp_problem p;
    const rp_world bad[] = {{.limit = 0}, {.limit = 19}, {.limit = 10000}, {.limit = 50, .operations = 9}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails(rp_world_problem(&bad[i], 0, RP_SPLIT_TRAIN, &rng, arena, &p), RP_ERR_ARGUMENT, "must be");
    }
    rp_dataset d;
    assert_fails(rp_world_distinct(&world, 0, RP_SPLIT_TRAIN, 1, 0, arena, &d), RP_ERR_ARGUMENT, "0 distinct");
}

static void test_the_page_lists_every_family(void **state) {
    (void)state;
    rp_str page;
    assert_ok(rp_file_read(arena, source_path("docs/world.md"), 0, &page));
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        const rp_world_family *family = rp_world_family_at(i);
        char *row = rp_sprintf(arena, "| `%s` | %s | %s |", family->name, family->tier, family->help);
        if (!strstr(page.data, row)) fail_msg("docs/world.md has no row \"%s\"", row);
    }
}

static void test_prompts_are_as_documented(void **state) {
    (void)state;
    assert_text(rp_world_solve_prompt(arena, rp_str_of("What is 1 + 2?")), "Q: What is 1 + 2?\nA:\n");
    assert_text(rp_world_rephrase_prompt(arena, rp_str_of("What is 1 + 2?"), rp_str_of("$1+2=\\boxed{3}$")),
                "Q: What is 1 + 2?\nRef: $1+2=\\boxed{3}$\nRewrite step by step.\nA:\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_find_families),
        cmocka_unit_test(test_lists_choose_families),
        cmocka_unit_test(test_split_decisions_are_the_known_ones),
        cmocka_unit_test(test_a_thousand_problems_are_the_known_ones),
        cmocka_unit_test(test_splits_are_wide_and_disjoint),
        cmocka_unit_test(test_a_small_family_gives_all_it_has),
        cmocka_unit_test(test_seeds_decide_everything),
        cmocka_unit_test(test_tiers_draw_from_their_families),
        cmocka_unit_test(test_worlds_out_of_range_are_refused),
        cmocka_unit_test(test_the_page_lists_every_family),
        cmocka_unit_test(test_prompts_are_as_documented),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
