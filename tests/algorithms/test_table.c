/* SPDX-License-Identifier: MIT
 *
 * Every row of the table, whatever it computes: settings are sound, derivatives are the derivatives of the loss, and the
 * loss knows nothing of hidden tokens, of the order of rows, or of how a step is split.
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

/* A row with one of its conventions and what its settings need switched on, so that no term stays untested. */
typedef struct variant {
    const rp_algorithm *algorithm;
    const char *convention;
    rp_settings settings;
} variant;

static variant make_variant(const rp_algorithm *algorithm, const char *convention, bool full) {
    variant v = {algorithm, convention, rp_settings_defaults(algorithm)};
    assert_ok(rp_settings_apply(algorithm, convention, &v.settings));
    if (rp_settings_has(algorithm, "loss_scale_factor") &&
        rp_settings_get(algorithm, &v.settings, "loss_scale_factor") <= 0)
        assert_ok(rp_settings_set(algorithm, "loss_scale_factor", "10", &v.settings));
    if (full && rp_settings_has(algorithm, "beta")) assert_ok(rp_settings_set(algorithm, "beta", "0.3", &v.settings));
    if (full && rp_settings_has(algorithm, "entropy_coef"))
        assert_ok(rp_settings_set(algorithm, "entropy_coef", "0.2", &v.settings));
    if (full && rp_settings_has(algorithm, "kl_in_reward"))
        assert_ok(rp_settings_set(algorithm, "kl_in_reward", "0.2", &v.settings));
    if (full && rp_settings_has(algorithm, "vf_coef")) {
        assert_ok(rp_settings_set(algorithm, "vf_coef", "0.5", &v.settings));
        assert_ok(rp_settings_set(algorithm, "gamma", "0.9", &v.settings));
        assert_ok(rp_settings_set(algorithm, "lam", "0.8", &v.settings));
    }
    if (full && rp_settings_has(algorithm, "overlong_max")) {
        assert_ok(rp_settings_set(algorithm, "overlong_max", "5", &v.settings));
        assert_ok(rp_settings_set(algorithm, "overlong_cache", "3", &v.settings));
    }
    return v;
}

/* Every convention, bare and with all terms on; then every other value of every choice and switch, one at a time. */
static void each_variant(void (*check)(const variant *)) {
    for (size_t k = 0; k < rp_algorithm_count(); k++) {
        const rp_algorithm *algorithm = rp_algorithm_at(k);
        for (const rp_convention *c = algorithm->conventions; c->name; c++)
            for (int full = 0; full < 2; full++) {
                const variant v = make_variant(algorithm, c->name, full);
                check(&v);
            }
        for (size_t s = 0; algorithm->settings[s].name; s++) {
            const rp_option *setting = &algorithm->settings[s];
            if (setting->kind != RP_OPTION_KIND_CHOICE && setting->kind != RP_OPTION_KIND_BOOL) continue;
            for (size_t value = 0; setting->kind == RP_OPTION_KIND_BOOL ? value < 2 : setting->choices[value] != NULL;
                 value++) {
                variant v = make_variant(algorithm, "paper", true);
                char convention[64];
                snprintf(convention, sizeof convention, "%s=%zu", setting->name, value);
                v.convention = convention;
                rp_settings_put(algorithm, &v.settings, setting->name, (double)value);
                check(&v);
            }
        }
    }
}

static rp_loss run(const variant *v, const rp_batch *batch) {
    rp_loss loss;
    assert_ok(rp_loss_create(arena, batch, &loss));
    const rp_status status = rp_algorithm_loss(v->algorithm, &v->settings, batch, arena, &loss);
    if (status != RP_OK) fail_msg("%s (%s): %s", v->algorithm->name, v->convention, rp_last_error());
    return loss;
}

static void differ(const variant *v, const char *what, size_t at, double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance * (1 + fmax(fabs(a), fabs(b)))))
        fail_msg("%s (%s): %s[%zu] is %.17g, expected %.17g", v->algorithm->name, v->convention, what, at, a, b);
}

static double tolerance(void) {
    return sizeof(real) == 8 ? 1e-12 : 2e-6;
}

static void test_rows_are_described(void **state) {
    (void)state;
    assert_true(rp_algorithm_count() >= 28);
    for (size_t k = 0; k < rp_algorithm_count(); k++) {
        const rp_algorithm *a = rp_algorithm_at(k);
        assert_true(rp_algorithm_find(a->name) == a);
        assert_true(a->title && a->citation && a->equations && a->summary && a->needs && a->loss);
        assert_true(a->conventions[0].name && strcmp(a->conventions[0].name, "paper") == 0 &&
                    !a->conventions[0].set[0].setting);
        size_t count = 0;
        const rp_settings defaults = rp_settings_defaults(a);
        for (; a->settings[count].name; count++) {
            const rp_option *s = &a->settings[count];
            assert_non_null(s->help);
            for (size_t other = 0; other < count; other++) assert_string_not_equal(s->name, a->settings[other].name);
            const double value = rp_settings_get(a, &defaults, s->name);
            assert_true(value == s->initial);
            if (s->kind == RP_OPTION_KIND_REAL || s->kind == RP_OPTION_KIND_INT)
                assert_true(value >= s->lo && value <= s->hi);
            if (s->kind == RP_OPTION_KIND_CHOICE) assert_non_null(s->choices[(size_t)value]);
        }
        assert_true(count <= RP_MAX_SETTINGS);
    }
    assert_null(rp_algorithm_at(rp_algorithm_count()));
}

static void test_unknown_names_offer_the_nearest(void **state) {
    (void)state;
    assert_null(rp_algorithm_find("grpp"));
    assert_non_null(strstr(rp_last_error(), "grpo"));
    const rp_algorithm *grpo = rp_algorithm_find("grpo");
    rp_settings s = rp_settings_defaults(grpo);
    assert_fails(rp_settings_set(grpo, "epsilon_hihg", "1", &s), RP_ERR_ARGUMENT, "epsilon_high");
    assert_fails(rp_settings_set(grpo, "epsilon", "2", &s), RP_ERR_ARGUMENT, "from 0 to 1");
    assert_fails(rp_settings_set(grpo, "epsilon", "nan", &s), RP_ERR_ARGUMENT, "epsilon");
    assert_fails(rp_settings_set(grpo, "epsilon", "0.2x", &s), RP_ERR_ARGUMENT, "epsilon");
    assert_fails(rp_settings_set(grpo, "loss_type", "mean", &s), RP_ERR_ARGUMENT, "token-mean");
    assert_fails(rp_settings_set(grpo, "use_bias_correction_kl", "maybe", &s), RP_ERR_ARGUMENT, "true or false");
    assert_fails(rp_settings_apply(grpo, "huggingface", &s), RP_ERR_ARGUMENT, "trl");
    const rp_algorithm *repo = rp_algorithm_find("repo");
    s = rp_settings_defaults(repo);
    assert_fails(rp_settings_set(repo, "rephrases", "1.5", &s), RP_ERR_ARGUMENT, "a whole number");
    assert_ok(rp_settings_set(repo, "reading", "C", &s));
    assert_string_equal(rp_settings_choice(repo, &s, "reading"), "C");
    assert_near(rp_settings_get(repo, &s, "rho"), 0.75, 0, 0);
}

static void test_missing_arrays_are_refused_by_name(void **state) {
    (void)state;
    const rp_algorithm *grpo = rp_algorithm_find("grpo");
    rp_settings s = rp_settings_defaults(grpo);
    rp_batch batch = toy_b0(arena);
    rp_loss loss;
    assert_ok(rp_loss_create(arena, &batch, &loss));
    batch.logp_ref = NULL;
    assert_ok(rp_algorithm_loss(grpo, &s, &batch, arena, &loss));
    assert_ok(rp_settings_set(grpo, "beta", "0.1", &s));
    assert_fails(rp_algorithm_loss(grpo, &s, &batch, arena, &loss), RP_ERR_ARGUMENT, "logp_ref");
    batch.reward = NULL;
    assert_fails(rp_algorithm_loss(grpo, &s, &batch, arena, &loss), RP_ERR_ARGUMENT, "reward");
    batch = toy_b0(arena);
    s = rp_settings_defaults(grpo);
    assert_ok(rp_settings_set(grpo, "loss_type", "constant", &s));
    assert_fails(rp_algorithm_loss(grpo, &s, &batch, arena, &loss), RP_ERR_ARGUMENT, "loss_scale_factor");
}

/* ---- Derivatives ----------------------------------------------------------------------------------------------- */

/* ∂loss/∂x[t] by central differences; false near a kink, where the two one-sided slopes disagree. */
static bool central_difference(const variant *v, const rp_batch *batch, real *x, size_t t, double *slope) {
    const real kept = x[t], h = R(1e-6);
    const double middle = run(v, batch).loss;
    x[t] = kept + h;
    const double up = run(v, batch).loss;
    x[t] = kept - h;
    const double down = run(v, batch).loss;
    x[t] = kept;
    *slope = (up - down) / (2 * (double)h);
    return fabs((up - middle) - (middle - down)) <= 1e-3 * fabs(up - down) + 1e-10;
}

static size_t compared, kinks;

static void check_gradient(const variant *v) {
    /* k1+ and k3+ show one estimator's value with another's gradient: there a difference is the point. */
    if (rp_settings_has(v->algorithm, "kl") && rp_settings_get(v->algorithm, &v->settings, "kl") >= RP_KL_K1_PLUS) return;
    for (uint32_t number = 0; number < 3; number++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        rp_batch batch = toy_random(arena, number);
        const size_t n = batch.start[batch.rows];
        batch.logp_detached = memcpy(rp_alloc(arena, real, n), batch.logp, n * sizeof(real)); /* sg[·] stays put */
        const rp_loss loss = run(v, &batch);
        const struct {
            const char *name;
            const real *x, *dx;
        } arrays[] = {{"dlogp", batch.logp, loss.dlogp},
                      {"dentropy", batch.entropy, loss.dentropy},
                      {"dvalue", batch.value, loss.dvalue}};
        for (size_t a = 0; a < 3; a++)
            for (size_t t = 0; t < n; t++) {
                double slope = 0;
                compared++;
                if (!central_difference(v, &batch, (real *)(uintptr_t)arrays[a].x, t, &slope))
                    kinks++;
                else
                    differ(v, arrays[a].name, t, (double)arrays[a].dx[t], slope, 1e-7);
            }
        rp_arena_rewind(arena, mark);
    }
}

static void test_derivatives_match_central_differences(void **state) {
    (void)state;
    if (sizeof(real) != 8) skip(); /* differences of f32 losses are noise; the f64 build tests the same sources */
    compared = kinks = 0;
    each_variant(check_gradient);
    assert_true(compared > 500);
    assert_true(kinks * 50 < compared); /* kinks are rare: at most 2 % of the places */
}

/* ---- Metamorphic: what must not matter ------------------------------------------------------------------------- */

static void check_mask(const variant *v) {
    rp_batch batch = toy_random(arena, 5);
    const size_t n = batch.start[batch.rows];
    const rp_loss before = run(v, &batch);
    const real *const *arrays[] = {&batch.logp,    &batch.logp_old, &batch.logp_behavior, &batch.logp_ref,
                                   &batch.entropy, &batch.value,    &batch.value_old};
    for (size_t a = 0; a < sizeof arrays / sizeof arrays[0]; a++)
        for (size_t t = 0; t < n; t++)
            if (!batch.mask[t]) ((real *)(uintptr_t)*arrays[a])[t] = (real)NAN;
    const rp_loss after = run(v, &batch);
    differ(v, "loss", 0, after.loss, before.loss, 0);
    for (size_t t = 0; t < n; t++) {
        differ(v, "dlogp", t, (double)after.dlogp[t], (double)before.dlogp[t], 0);
        differ(v, "dvalue", t, (double)after.dvalue[t], (double)before.dvalue[t], 0);
        if (!batch.mask[t])
            assert_true(after.dlogp[t] == 0 && after.dvalue[t] == 0 && after.dentropy[t] == 0 && after.weight[t] == 0);
    }
}

static void test_hidden_tokens_do_not_matter(void **state) {
    (void)state;
    each_variant(check_mask);
}

/* Takes rows order[0..count) of a batch into a new one. */
static rp_batch take_rows(const rp_batch *from, const size_t *order, size_t count) {
    rp_batch to = *from;
    const size_t n = from->start[from->rows];
    uint32_t *start = rp_alloc_zero(arena, uint32_t, count + 1), *group = rp_alloc(arena, uint32_t, count);
    uint8_t *source = rp_alloc(arena, uint8_t, count), *mask = rp_alloc(arena, uint8_t, n + 1),
            *prefix = rp_alloc(arena, uint8_t, n + 1);
    real *reward = rp_alloc(arena, real, count), *parts = rp_alloc(arena, real, count * 2);
    int32_t *token = rp_alloc(arena, int32_t, n + 1), *ids = rp_alloc(arena, int32_t, (n + 1) * TOY_TOPK);
    const struct {
        const real *from;
        const real **to;
        size_t width;
    } arrays[] = {{from->logp, &to.logp, 1},
                  {from->logp_old, &to.logp_old, 1},
                  {from->logp_behavior, &to.logp_behavior, 1},
                  {from->logp_ref, &to.logp_ref, 1},
                  {from->entropy, &to.entropy, 1},
                  {from->value, &to.value, 1},
                  {from->value_old, &to.value_old, 1},
                  {from->topk_logp, &to.topk_logp, TOY_TOPK},
                  {from->topk_logp_behavior, &to.topk_logp_behavior, TOY_TOPK}};
    for (size_t k = 0; k < count; k++) {
        const size_t i = order[k], length = from->start[i + 1] - from->start[i];
        start[k + 1] = start[k] + (uint32_t)length;
        group[k] = from->group[i];
        source[k] = from->source[i];
        reward[k] = from->reward[i];
        memcpy(parts + 2 * k, from->reward_parts + 2 * i, 2 * sizeof(real));
        memcpy(mask + start[k], from->mask + from->start[i], length);
        memcpy(prefix + start[k], from->prefix + from->start[i], length);
        memcpy(token + start[k], from->token_ids + from->start[i], length * sizeof *token);
        memcpy(ids + start[k] * TOY_TOPK, from->topk_ids + from->start[i] * TOY_TOPK, length * TOY_TOPK * sizeof *ids);
    }
    for (size_t a = 0; a < sizeof arrays / sizeof arrays[0]; a++) {
        const size_t width = arrays[a].width;
        real *x = rp_alloc(arena, real, (n + 1) * width);
        for (size_t k = 0; k < count; k++)
            memcpy(x + start[k] * width, arrays[a].from + from->start[order[k]] * width,
                   (start[k + 1] - start[k]) * width * sizeof(real));
        *arrays[a].to = x;
    }
    to.rows = count;
    to.start = start;
    to.group = group;
    to.source = source;
    to.mask = mask;
    to.prefix = prefix;
    to.reward = reward;
    to.reward_parts = parts;
    to.token_ids = token;
    to.topk_ids = ids;
    return to;
}

static void compare_rows(const variant *v, const rp_loss *whole, const rp_batch *batch, const rp_loss *part,
                         const rp_batch *taken, const size_t *order, double scale) {
    for (size_t k = 0; k < taken->rows; k++)
        for (size_t j = 0; j < taken->start[k + 1] - taken->start[k]; j++) {
            const size_t a = taken->start[k] + j, b = batch->start[order[k]] + j;
            differ(v, "dlogp", b, (double)part->dlogp[a], scale * (double)whole->dlogp[b], tolerance());
            differ(v, "dvalue", b, (double)part->dvalue[a], scale * (double)whole->dvalue[b], tolerance());
            differ(v, "dentropy", b, (double)part->dentropy[a], scale * (double)whole->dentropy[b], tolerance());
        }
}

static void check_permutation(const variant *v) {
    if (rp_settings_has(v->algorithm, "seed")) return; /* a draw among rows goes by their order */
    static const size_t order[] = {4, 6, 5, 0, 7, 2, 1, 3};
    const rp_batch batch = toy_random(arena, 6), shuffled = take_rows(&batch, order, TOY_ROWS);
    const rp_loss a = run(v, &batch), b = run(v, &shuffled);
    differ(v, "loss", 0, b.loss, a.loss, tolerance());
    compare_rows(v, &a, &batch, &b, &shuffled, order, 1);
}

static void test_the_order_of_rows_does_not_matter(void **state) {
    (void)state;
    each_variant(check_permutation);
}

static void check_split(const variant *v) {
    static const size_t first[] = {1, 3, 6, 2, 5}, second[] = {0, 4, 7}; /* whole groups 0 and 1; whole group 2 */
    if (v->algorithm->needs(&v->settings) & RP_NEEDS_WHOLE_STEP) return; /* the row says it cannot be split */
    rp_batch batch = toy_random(arena, 8);
    size_t nonempty = 0;
    for (size_t i = 0; i < batch.rows; i++) {
        const bool expert = batch.source[i] == RP_SOURCE_EXPERT;
        nonempty += rp_row_length(&batch, i) > 0;
        batch.total_expert_rows += expert;
        batch.total_expert_tokens += expert ? rp_row_length(&batch, i) : 0;
    }
    batch.total_rows = batch.rows;
    batch.total_tokens = rp_batch_length(&batch);
    const bool skips =
        rp_settings_has(v->algorithm, "empty_rows") && rp_settings_get(v->algorithm, &v->settings, "empty_rows") > 0;
    if (skips) batch.total_rows = nonempty;
    rp_batch entire = batch;
    entire.total_rows = entire.total_tokens = entire.total_expert_rows = entire.total_expert_tokens = 0;
    const rp_loss whole = run(v, &entire);
    const rp_batch a = take_rows(&batch, first, 5), b = take_rows(&batch, second, 3);
    const rp_loss one = run(v, &a), two = run(v, &b);
    differ(v, "loss", 0, one.loss + two.loss, whole.loss, tolerance());
    compare_rows(v, &whole, &batch, &one, &a, first, 1);
    compare_rows(v, &whole, &batch, &two, &b, second, 1);
}

static void test_a_split_step_is_the_whole_step(void **state) {
    (void)state;
    each_variant(check_split);
}

/* ---- Degenerate batches ---------------------------------------------------------------------------------------- */

static void check_all_masked(const variant *v) {
    rp_batch batch = toy_random(arena, 9);
    batch.mask = rp_alloc_zero(arena, uint8_t, batch.start[batch.rows]);
    const rp_loss loss = run(v, &batch);
    assert_true(isfinite(loss.loss));
    for (size_t t = 0; t < batch.start[batch.rows]; t++) assert_true(loss.dlogp[t] == 0);
}

static void test_a_hidden_batch_has_no_gradient(void **state) {
    (void)state;
    each_variant(check_all_masked);
}

static void check_extremes(const variant *v) {
    for (int sign = -1; sign <= 1; sign += 2) {
        rp_batch batch = toy_random(arena, 10);
        const size_t n = batch.start[batch.rows];
        real *far = rp_alloc(arena, real, n), *here = rp_alloc(arena, real, n);
        for (size_t t = 0; t < n; t++) { /* log-probabilities are at most 0: the one that is taken away from goes down */
            here[t] = batch.logp[t] - (sign > 0 ? 0 : R(800.0));
            far[t] = batch.logp[t] - (sign > 0 ? R(800.0) : 0);
        }
        batch.logp = here;
        batch.logp_old = batch.logp_behavior = batch.logp_ref = far;
        const rp_loss loss = run(v, &batch);
        assert_true(isfinite(loss.loss));
        for (size_t t = 0; t < n; t++) assert_true(isfinite(loss.dlogp[t]) && isfinite(loss.weight[t]));
    }
}

static void test_ratios_of_e_to_the_800_stay_finite(void **state) {
    (void)state;
    each_variant(check_extremes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_described),
        cmocka_unit_test(test_unknown_names_offer_the_nearest),
        cmocka_unit_test(test_missing_arrays_are_refused_by_name),
        cmocka_unit_test(test_derivatives_match_central_differences),
        cmocka_unit_test(test_hidden_tokens_do_not_matter),
        cmocka_unit_test(test_the_order_of_rows_does_not_matter),
        cmocka_unit_test(test_a_split_step_is_the_whole_step),
        cmocka_unit_test(test_a_hidden_batch_has_no_gradient),
        cmocka_unit_test(test_ratios_of_e_to_the_800_stay_finite),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
