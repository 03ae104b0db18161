/* SPDX-License-Identifier: MIT
 *
 * cmd_eval.c — `rephrase eval`: a policy's answers to held-out problems, a verdict each, and the share that is right.
 */
#include "commands.h"
#include "recipe_flags.h"

typedef struct eval_flags {
    const char *jsonl;
    int64_t samples;
    double sampling_temperature;
    bool rephrase;
} eval_flags;

static void put_answer(const rp_answered *a, rp_json_writer *w) {
    char certificate[32];
    rp_certificate_text(&a->verdict, certificate);
    rp_json_begin_object(w);
    rp_json_put_key(w, "response");
    rp_json_put_string(w, a->response.data, a->response.length);
    rp_json_put_key(w, "verdict");
    rp_json_put_text(w, rp_verdict_name(a->verdict.kind));
    rp_json_put_key(w, "reason");
    rp_json_put_text(w, rp_reason_name(a->verdict.reason));
    rp_json_put_key(w, "certificate");
    rp_json_put_text(w, certificate);
    rp_json_put_key(w, "reward");
    rp_json_put_double(w, a->reward.total);
    rp_json_put_key(w, "stopped");
    rp_json_put_bool(w, a->stopped);
    rp_json_put_key(w, "tokens");
    rp_json_put_int(w, (int64_t)a->tokens);
    rp_json_end_object(w);
}

static rp_status put_problem(rp_arena *arena, const rp_problem *p, const rp_answered *answers, size_t samples) {
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    rp_buffer line = rp_buffer_in(arena);
    rp_json_writer w = rp_json_write_to(&line);
    const struct {
        const char *key;
        rp_str text;
    } texts[] = {{"id", p->id}, {"family", p->family}, {"question", p->question}, {"answer", p->answer}};
    rp_json_begin_object(&w);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        rp_json_put_key(&w, texts[i].key);
        rp_json_put_string(&w, texts[i].text.data, texts[i].text.length);
    }
    rp_json_put_key(&w, "answers");
    rp_json_begin_array(&w);
    for (size_t j = 0; j < samples; j++) put_answer(&answers[j], &w);
    rp_json_end_array(&w);
    rp_json_end_object(&w);
    RP_TRY(rp_buffer_status(&line));
    const rp_status status = rp_put_line(line.data, line.length);
    rp_arena_rewind(arena, mark);
    return status;
}

static rp_status evaluate(rp_arena *arena, rp_recipe *recipe, const eval_flags *flags) {
    rp_policy policy;
    rp_dataset list;
    size_t total;
    if (flags->jsonl) recipe->eval_data = flags->jsonl; /* so that what is said of the prompt knows what is asked */
    RP_TRY(rp_policy_load(arena, recipe, recipe->model, &policy));
    RP_TRY(rp_problems_for_command(arena, recipe, flags->jsonl, &list, &total));
    const rp_eval_settings settings = {
        .samples = (size_t)flags->samples,
        .max_new = (size_t)recipe->max_completion_length,
        .seed = (uint64_t)recipe->seed,
        .sampling = {.temperature = flags->sampling_temperature, .top_p = recipe->top_p, .top_k = (int)recipe->top_k},
        .memory = (size_t)recipe->kv_megabytes << 20,
        .rephrase = flags->rephrase};
    RP_TRY(rp_sampling_check(&settings.sampling));
    rp_answered *answers;
    RP_TRY(rp_evaluate(recipe, &policy, arena, &settings, list.problems, list.count, &answers));
    size_t right = 0, rewarded = 0, unparsed = 0;
    const size_t n = list.count * settings.samples;
    for (size_t i = 0; i < list.count; i++)
        RP_TRY(put_problem(arena, &list.problems[i], &answers[i * settings.samples], settings.samples));
    for (size_t i = 0; i < n; i++) {
        right += answers[i].verdict.kind == RP_VERDICT_EQUAL;
        rewarded += answers[i].reward.correct > 0;
        unparsed += answers[i].verdict.kind == RP_VERDICT_UNPARSED;
    }
    char of[64] = "";
    if (total > list.count) (void)snprintf(of, sizeof of, " of %zu (--eval-count says how many)", total);
    rp_log(RP_LOG_INFO, "%zu%s problems, %zu answers: %.2f %% right, %.2f %% rewarded (%s), %.2f %% without an answer",
           list.count, of, n, 100.0 * (double)right / (double)n, 100.0 * (double)rewarded / (double)n,
           recipe->strict ? "strict" : "outcome", 100.0 * (double)unparsed / (double)n);
    return RP_OK;
}

static const rp_option options[] = {
    RP_OPTION_TEXT(eval_flags, jsonl, "jsonl", NULL, "problems, one JSON object per line; - is standard input",
                   .value = "FILE"),
    RP_OPTION_INT(eval_flags, samples, "samples", 1, 1, 65536, "answers per problem"),
    RP_OPTION_REAL(eval_flags, sampling_temperature, "sampling_temperature", 0, 0, 100, "0 = greedy", .value = "T"),
    RP_OPTION_BOOL(eval_flags, rephrase, "rephrase", false, "ask with the rephrase prompt and the problem's solution"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    rp_recipe *recipe = rp_alloc(call->arena, rp_recipe, 1);
    RP_TRY_ALLOC(recipe);
    RP_TRY(rp_recipe_from_flags(call, recipe));
    if (!*recipe->model) return rp_fail(RP_ERR_ARGUMENT, "--model is missing: the policy to evaluate");
    return evaluate(call->arena, recipe, call->arguments);
}

const rp_command rp_command_eval = {
    .name = "eval",
    .summary = "answers to held-out problems, with verdicts",
    .usage = "rephrase eval --model PATH [--jsonl FILE | --data world] [--samples N]",
    .about =
        "Asks a model every problem and verifies its answers. Writes one JSON line per problem, in order, with its "
        "answers and verdicts; the summary goes to standard error. --jsonl reads problems (GSM8K's form, or {question, "
        "answer, solution?}); without it the held-out split of the micro-world is used (--families, --eval-split, "
        "--eval-count choose from it).",
    .examples = "  rephrase eval --model runs/micro-world/repo --recipe data/recipes/micro-world.ini\n"
                "  rephrase eval --model SmolLM2.gguf --jsonl test.jsonl --max-completion-length 256 --eval-count 100\n",
    .arguments = sizeof(eval_flags),
    .options = options,
    .recipe = true,
    .run = run,
};
