/* SPDX-License-Identifier: MIT
 *
 * rephrase oracle as its user runs it: the built programs, a document on standard input, JSON or one sentence back.
 */
#include "check.h"

#include <rephrase/json.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static rp_arena *arena;

/* Exit code of "program oracle arguments < document"; *printed gets both streams. */
static int run(const char *program, const char *arguments, const char *document, rp_str *printed) {
    const char *in = temporary_path("oracle.in"), *out = temporary_path("oracle.out");
    assert_ok(rp_file_write(arena, in, document, strlen(document)));
    const char *command =
        rp_sprintf(arena, "'%s/%s' oracle %s < '%s' > '%s' 2>&1", getenv("RP_BUILD_DIR"), program, arguments, in, out);
    const int code = system(command);
    assert_ok(rp_file_read(arena, out, 0, printed));
    return WEXITSTATUS(code);
}

static double number(const rp_json *at) {
    double value = 0;
    assert_ok(rp_json_get_double(at, &value));
    return value;
}

static const char *const b0 =
    "{\"logp\": [[-0.35667494393873245, -1.6094379124341003, -1.3470736479666092], [-0.5798184952529422]],"
    " \"logp_old\": [[-0.6931471805599453, -0.916290731874155, -1.3862943611198906], [-0.2231435513142097]],"
    " \"reward\": [1, 0]}";

static void test_loss_and_derivatives_come_back_in_double_precision(void **state) {
    (void)state;
    rp_str out, wide;
    assert_int_equal(run("rephrase", "loss --algorithm grpo --convention trl", b0, &out), 0);
    rp_json_document *document = NULL;
    assert_ok(rp_json_parse(out.data, out.length, "output", &document));
    const rp_json root = rp_json_root(document), loss = rp_json_key(&root, "loss"), rows = rp_json_key(&root, "dlogp"),
                  row = rp_json_at(&rows, 0), first = rp_json_at(&row, 0), second = rp_json_at(&row, 1);
    /* 1/2 (-(1/3)(1.2 + .5 + 1.04) + .7999..): by hand with A = .5/(sqrt(.5) + 1e-4) */
    const double A = 0.5 / (sqrt(0.5) + 1e-4);
    assert_near(number(&loss), (-(1.2 + .5 + 1.04) / 3 + .8) / 2 * A, 1e-14, 0);
    assert_near(number(&first), 0, 0, 0);
    assert_near(number(&second), -.5 / 6 * A, 1e-14, 0);
    rp_json_free(document);
    assert_int_equal(run("rephrase-f64", "loss --algorithm grpo --convention trl", b0, &wide), 0);
    assert_true(rp_str_equal(out, wide)); /* one library, the same bytes */
}

static void test_settings_stack_on_the_convention(void **state) {
    (void)state;
    rp_str a, b;
    assert_int_equal(run("rephrase", "loss --algorithm grpo --set std=none --set loss_type=token-mean", b0, &a), 0);
    assert_int_equal(run("rephrase", "loss --algorithm ppo --set critic=false", b0, &b), 0);
    assert_true(rp_str_equal(a, b));
    assert_non_null(strstr(a.data, "\"loss\": -0.242"));
}

static void test_advantage_kl_gae_and_adamw(void **state) {
    (void)state;
    rp_str out;
    assert_int_equal(
        run("rephrase", "advantage --set std=none", "{\"reward\": [1, 0, 3], \"group\": [\"a\", \"a\", \"b\"]}", &out), 0);
    assert_text(out, "{\"advantage\": [0.5, -0.5, 0]}\n");
    assert_int_equal(run("rephrase", "advantage",
                         "{\"reward\": [1,0,1,0], \"mask\": [[1,1],[1,1,1,1],[1],[1]], \"settings\": "
                         "{\"baseline\": \"length-weighted\", \"std\": \"none\"}}",
                         &out),
                     0);
    assert_text(out, "{\"advantage\": [0.625, -0.375, 0.625, -0.375]}\n");
    assert_int_equal(run("rephrase", "kl --set kl=k1", "{\"logp\": [[-0.5]], \"logp_ref\": [[-0.75]]}", &out), 0);
    assert_text(out, "{\"mean\": 0.25, \"value\": [[0.25]], \"slope\": [[1]]}\n");
    assert_int_equal(run("rephrase", "gae", "{\"value\": [[0.25, 0.5]], \"reward\": [1]}", &out), 0);
    assert_text(out, "{\"advantage\": [[0.75, 0.5]], \"returns\": [[1, 1]]}\n");
    /* The first AdamW step moves by rate·sign(g), up to epsilon. */
    assert_int_equal(run("rephrase", "adamw --set learning_rate=0.5 --set epsilon=0",
                         "{\"parameter\": [1, 1], \"gradient\": [[4, -0.25]]}", &out),
                     0);
    rp_json_document *document = NULL;
    assert_ok(rp_json_parse(out.data, out.length, "output", &document));
    const rp_json root = rp_json_root(document), steps = rp_json_key(&root, "steps"), step = rp_json_at(&steps, 0),
                  w = rp_json_key(&step, "parameter"), w0 = rp_json_at(&w, 0), w1 = rp_json_at(&w, 1);
    assert_near(number(&w0), .5, 1e-12, 0);
    assert_near(number(&w1), 1.5, 1e-12, 0);
    rp_json_free(document);
}

static void refused(const char *arguments, const char *document, const char *part) {
    rp_str out;
    const int code = run("rephrase", arguments, document, &out);
    if (code == 0 || !strstr(out.data, part)) fail_msg("oracle %s: code %d, printed %s", arguments, code, out.data);
    assert_null(memchr(out.data, '\n', out.length - 1)); /* one sentence */
}

static void test_wrong_input_is_one_sentence_with_a_path(void **state) {
    (void)state;
    refused("loss --algorithm grpp", b0, "did you mean \"grpo\"");
    refused("loss", b0, "name of an algorithm");
    refused("los --algorithm grpo", b0, "did you mean \"loss\"");
    refused("loss --algorithm grpo --convention hf", b0, "paper, trl, verl");
    refused("loss --algorithm grpo --set epsilon_hihg=1", b0, "epsilon_high");
    refused("loss --algorithm grpo --set epsilon_high", b0, "name=value");
    refused("loss --algorithm grpo", "{\"logp\": [[-1]], \"logp_old\": [[-1, -1]], \"reward\": [1]}", "$.logp_old[0]");
    refused("loss --algorithm grpo", "{\"logp\": [[-1]], \"reward\": [1]}", "needs logp_old");
    refused("loss --algorithm grpo", "{\"logp\": [[NaN]]}", "input");
    refused("loss --algorithm grpo", "[1]", "expected");
    refused("advantage", "{\"group\": [1]}", "reward");
    refused("kl", "{\"logp\": [[-1]]}", "logp_ref");
    refused("gae", "{\"value\": [[1]]}", "token_reward");
    refused("adamw", "{\"parameter\": [1], \"gradient\": [[1, 2]]}", "$.gradient[0]");
    refused("", b0, "say one of");
}

/* Four answers of one token to one question, with these rewards. */
static const char *four(const char *rewards, const char *more) {
    return rp_sprintf(
        arena, "{\"logp\": [[-0.5],[-0.5],[-0.5],[-0.5]], \"logp_old\": [[-0.6],[-0.6],[-0.6],[-0.6]], \"reward\": %s%s}",
        rewards, more);
}

static void test_noise_in_rewards_gives_no_weight(void **state) {
    (void)state;
    static const char *const names[] = {"grpo", "dapo", "gspo", "cispo", "bnpo", "rloo", "opo"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        rp_str out;
        const char *arguments = rp_sprintf(arena, "loss --algorithm %s", names[i]);
        assert_int_equal(run("rephrase", arguments, four("[0.30000000000000004, 0.3, 0.3, 0.30000000000000004]", ""), &out),
                         0);
        assert_non_null(strstr(out.data, "\"advantage\": [[0], [0], [0], [0]]"));
    }
}

static void test_numbers_that_mean_something_else_are_refused(void **state) {
    (void)state;
    refused("loss --algorithm bnpo", four("[-0.1, -0.2, -0.3, 0]", ""), "bnpo: the reward of row 0 is -0.1");
    refused("loss --algorithm bnpo --set reward_low=-1 --set reward_high=0.5", four("[0, 0, 1, 0]", ""), "row 2 is 1");
    refused("loss --algorithm grpo", four("[1e160, 0, 0, 0]", ""), "$.reward[0]: 1e+160: rewards beyond 1e+30");
    refused("advantage", "{\"reward\": [0, -1e160]}", "$.reward[1]");
    refused("loss --algorithm grpo", four("[1, 0, 0, -Infinity]", ""),
            "at $.reward[3]): invalid token near '-'; JSON has no NaN");
    refused("loss --algorithm grpo", four("[1, 0, 0, 1]", ", \"total_rows\": 3"), "total_rows of the step is 3");
    refused("loss --algorithm grpo", four("[1, 0, 0, 1]", ", \"logp_ref\": [[-1],[-1],[2.5],[-1]]"),
            "$.logp_ref[2][0]: 2.5 is above 0");
    refused("kl", "{\"logp\": [[-1, 0.5]], \"logp_ref\": [[-1, -1]]}", "$.logp[0][1]: 0.5 is above 0");
    refused("loss --algorithm GRPO", b0, "did you mean \"grpo\"");
    /* behind a mask anything may stand */
    rp_str out;
    assert_int_equal(run("rephrase", "kl", "{\"logp\": [[-1, 0.5]], \"logp_ref\": [[-1, -1]], \"mask\": [[1, 0]]}", &out),
                     0);
}

static void test_a_dual_bound_is_off_or_above_one(void **state) {
    (void)state;
    static const char *const names[] = {"grpo", "dapo", "bnpo", "bapo", "ppo", "repo"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        refused(rp_sprintf(arena, "loss --algorithm %s --set delta=1", names[i]), b0,
                "delta is 0 (off) or above 1");
        refused(rp_sprintf(arena, "loss --algorithm %s --set delta=0.5", names[i]), b0,
                "delta is 0 (off) or above 1");
    }
    rp_str out;
    assert_int_equal(run("rephrase", "loss --algorithm grpo --set delta=1.5", b0, &out), 0);
    assert_int_equal(run("rephrase", "loss --algorithm grpo --set delta=0", b0, &out), 0);
}

static void test_whole_numbers_may_be_written_as_floats(void **state) {
    (void)state;
    rp_str whole, floats;
    const char *more = ", \"mask\": [[1],[0],[1],[1]], \"group\": [0,0,7,7], \"total_rows\": 4, \"total_tokens\": 3";
    const char *same =
        ", \"mask\": [[1.0],[0.0],[1e0],[true]], \"group\": [0.0,0,7.0,7], \"total_rows\": 4.0, \"total_tokens\": 3.0";
    assert_int_equal(run("rephrase", "loss --algorithm grpo", four("[1, 0, 0, 1]", more), &whole), 0);
    assert_int_equal(run("rephrase", "loss --algorithm grpo", four("[1, 0, 0, 1]", same), &floats), 0);
    assert_true(rp_str_equal(whole, floats));
    refused("loss --algorithm grpo", four("[1, 0, 0, 1]", ", \"mask\": [[1],[0.5],[1],[1]]"),
            "$.mask[1][0]: expected 0 or 1");
    refused("loss --algorithm grpo", four("[1, 0, 0, 1]", ", \"mask\": [[1],[2],[1],[1]]"),
            "$.mask[1][0]: expected 0 or 1");
    refused("loss --algorithm grpo", four("[1, 0, 0, 1]", ", \"group\": [0.5,0,0,0]"),
            "$.group[0]: 0.5 is not a whole number");
    refused("loss --algorithm grpo", four("[1, 0, 0, 1]", ", \"total_rows\": 4.5"),
            "$.total_rows: 4.5 is not a whole number");
}

static void test_list_and_explain_name_everything(void **state) {
    (void)state;
    rp_str out;
    assert_int_equal(run("rephrase", "list", "", &out), 0);
    assert_non_null(strstr(out.data, "prefix_rft"));
    assert_non_null(strstr(out.data, "seq-mean-token-mean, one of"));
    assert_int_equal(run("rephrase", "list --json", "", &out), 0);
    rp_json_document *document = NULL;
    assert_ok(rp_json_parse(out.data, out.length, "list", &document));
    const rp_json root = rp_json_root(document);
    assert_true(rp_json_length(&root) >= 28);
    rp_json_free(document);
}

static int open_arena(void **state) {
    (void)state;
    arena = rp_arena_create("test", 0);
    return arena && getenv("RP_BUILD_DIR") ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loss_and_derivatives_come_back_in_double_precision),
        cmocka_unit_test(test_settings_stack_on_the_convention),
        cmocka_unit_test(test_advantage_kl_gae_and_adamw),
        cmocka_unit_test(test_wrong_input_is_one_sentence_with_a_path),
        cmocka_unit_test(test_noise_in_rewards_gives_no_weight),
        cmocka_unit_test(test_numbers_that_mean_something_else_are_refused),
        cmocka_unit_test(test_a_dual_bound_is_off_or_above_one),
        cmocka_unit_test(test_whole_numbers_may_be_written_as_floats),
        cmocka_unit_test(test_list_and_explain_name_everything),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
