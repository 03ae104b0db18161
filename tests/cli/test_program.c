/* SPDX-License-Identifier: MIT
 *
 * The program as a person meets it: commands with right and wrong words, files that are damaged, runs under 1, 2 and 4 threads.
 */
#include "check.h"

#include <rephrase/json.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static rp_arena *arena;

/* Runs a shell line with $R standing for the program; returns the exit code, both outputs in `text`. */
static int run(const char *line, rp_str *text) {
    const char *out = rp_strdup(arena, temporary_path("program-output"));
    const char *build = getenv("RP_BUILD_DIR") ? getenv("RP_BUILD_DIR") : ".", *source = source_path("");
    const char *command = rp_sprintf(arena, "R='%s/rephrase' S='%s' T='%s'; export T; mkdir -p \"$T\"; { %s\n} > '%s' 2>&1",
                                     build, source, rp_strdup(arena, temporary_path("program")), line, out);
    const int status = system(command);
    assert_ok(rp_file_read(arena, out, 0, text));
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect(const char *line, int code, const char *part) {
    rp_str text;
    const int got = run(line, &text);
    if (got != code || !strstr(text.data, part))
        fail_msg("%s\n  gave %d and \"%s\"\n  not %d with \"%s\"", line, got, text.data, code, part);
}

/* One tiny run for all tests: a model to sample from, to damage and to resume. */
static const char tiny_flags[] =
    "--families 'calc1, mean3' --mix 'easy:1, hard:1' --vocab 300 --layers 1 --channels 16 --heads 2 --kv-heads 1 --hidden "
    "16 "
    "--context 160 --pretrain-steps 10 --pretrain-batch 8 --num-generations 4 --max-completion-length 12 --eval-count 3 "
    "--steps 20";

static int make_run(void **state) {
    (void)state;
    arena = rp_arena_create("program", 0);
    rp_str text;
    const int code =
        run(rp_sprintf(arena, "rm -rf \"$T\"; \"$R\" train --algorithms repo --out \"$T/run\" %s", tiny_flags), &text);
    if (code != 0) print_error("%s\n", text.data);
    return code;
}

static int forget_run(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

static void test_help_and_mistyped_words(void **state) {
    (void)state;
    expect("\"$R\" --help", 0, "Usage: rephrase COMMAND");
    expect("\"$R\" --version", 0, "rephrase 0.");
    expect("\"$R\"", 2, "Commands:");
    expect("\"$R\" trian", 2, "there is no command \"trian\"; did you mean \"train\"?");
    static const char *const commands[] = {"train",   "compare", "report",   "eval", "sample", "chat",    "info",
                                           "convert", "verify",  "tokenize", "task", "oracle", "explain", "options"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        expect(rp_sprintf(arena, "\"$R\" %s --help", commands[i]), 0, rp_sprintf(arena, "Usage: rephrase %s", commands[i]));
    expect("\"$R\" train --stpes 3", 2, "there is no flag --stpes; did you mean --steps?");
    expect("\"$R\" options", 0, "keys of a recipe");
    expect("\"$R\" options --json", 0, "{\"name\": \"top_p\", \"kind\": \"real\", \"default\": 1, \"low\": 0, \"high\": 1");
    expect("\"$R\" sample --model m --top-p 2 x", 2, "--top-p is a number from 0 to 1, not \"2\"");
    expect("\"$R\" train --steps many", 2, "--steps is a whole number from 0 to 1000000000, not \"many\"");
    expect("\"$R\" train --rollouts 3", 2, "there is no flag --rollouts; here it is called --num-generations");
    expect("\"$R\" train --set grpo.clip_ratio_high=0.3", 2, "here it is called epsilon_high");
    expect("\"$R\" train --set grpo.kl_coef=0.3", 2, "here it is called beta");
    expect("\"$R\" train --set grpo.delta=0.5", 2, "grpo.delta is 0 (off) or above 1, not \"0.5\"");
    expect("\"$R\" train --tied=no", 2, "--tied is true or false, not \"no\"");
    expect("\"$R\" train --set repo.rhoo=1", 2, "rho");
    expect("\"$R\" train --recipe /no/such.ini", 1, "/no/such.ini: cannot open");
    expect("printf '[rl]\\nstpes = 3\\n' > \"$T/r.ini\"; \"$R\" train --recipe \"$T/r.ini\"", 2,
           "r.ini:2: there is no key \"stpes\" in section [rl]; did you mean steps?");
    expect("\"$R\" train --data \"$T/none.jsonl\" --model \"$T/run/repo\" --out \"$T/x\"", 1, "none.jsonl: cannot open");
}

static void test_the_page_of_recipes_is_what_the_program_prints(void **state) {
    (void)state;
    expect("\"$R\" train --explain-keys > \"$T/keys.md\"; sed -n '/^## \\[run\\]/,$p' \"$S/docs/recipes.md\" > "
           "\"$T/page.md\"; "
           "sed -n '/^## \\[run\\]/,$p' \"$T/keys.md\" | diff - \"$T/page.md\" && echo same",
           0, "same");
    expect("\"$R\" train --explain-metrics", 0, "grad_norm");
}

static void test_a_run_becomes_a_page(void **state) {
    (void)state;
    expect("\"$R\" report", 2, "which run?");
    expect("\"$R\" report \"$T\" --out \"$T/page.html\"", 1, "it is no directory of a run");
    expect("\"$R\" report \"$T/run\" --groups 3", 0, "/run/report.csv (");
    expect("\"$R\" report \"$T/run\" --out \"$T/page.html\" && cmp \"$T/page.md\" \"$T/run/report.md\" && "
           "grep -c 'data-y' \"$T/page.html\" && grep -o '\"pieces\"' \"$T/page.html\" | head -1",
           0, "\"pieces\"");
    expect("grep -o '^| repo |' \"$T/run/report.md\" | head -1; head -1 \"$T/run/report.csv\"", 0,
           "| repo |\nrow,algorithm,cells,");
}

static void test_the_page_of_the_experiment_shows_the_results_that_are_kept(void **state) {
    (void)state;
    expect("\"$R\" compare --render \"$S/data/results/micro-world.json\" --csv", 0, "repo,tiers,hard,");
    expect("\"$R\" compare", 2, "--recipe names the comparison to run");
    expect("\"$R\" compare --recipe \"$S/data/recipes/quick.ini\"", 2, "there is no [row NAME] section to compare");
}

static void test_models_that_cannot_be_read_are_named(void **state) {
    (void)state;
    expect("\"$R\" info \"$T/none\"", 1, "none");
    expect("printf GGUF > \"$T/cut.gguf\"; \"$R\" info \"$T/cut.gguf\"", 1, "cut.gguf");
    expect(
        "cp -r \"$T/run/repo\" \"$T/cut\"; head -c 3000 \"$T/run/repo/model.safetensors\" > \"$T/cut/model.safetensors\"; "
        "\"$R\" info \"$T/cut\"",
        1, "model.safetensors");
    expect(
        "cp -r \"$T/run/repo\" \"$T/wide\"; sed -i 's/\"hidden_size\": *16/\"hidden_size\": 32/' \"$T/wide/config.json\"; "
        "\"$R\" info \"$T/wide\"",
        1, "model.");
    expect("cp -r \"$T/run/repo\" \"$T/moe\"; sed -i 's/LlamaForCausalLM/MixtralForCausalLM/; s/\"llama\"/\"mixtral\"/' "
           "\"$T/moe/config.json\"; "
           "\"$R\" info \"$T/moe\"",
           1, "ixtral");
    expect("\"$R\" info \"$T/run/repo\" --tensors", 0, "model.embed_tokens.weight");
}

static void test_lines_of_input_are_answered_in_order_or_named(void **state) {
    (void)state;
    expect("printf '{\"text\": \"Q: What is 2 + 3?\"}\\n{\"ids\": [5, 6, 7]}\\n' | \"$R\" sample --model \"$T/run/repo\" "
           "--greedy --max-completion-length 4 --jsonl - "
           "> \"$T/s.jsonl\" && wc -l < \"$T/s.jsonl\"",
           0, "2");
    rp_str text;
    assert_int_equal(run("tail -n 1 \"$T/s.jsonl\"", &text), 0);
    rp_json_document *document;
    assert_ok(rp_json_parse(text.data, text.length, "sample", &document));
    const rp_json root = rp_json_root(document), ids = rp_json_key(&root, "ids"), prompt = rp_json_key(&root, "prompt_ids"),
                  logprobs = rp_json_key(&root, "logprobs"), before = rp_json_key(&root, "prompt_logprobs"),
                  written = rp_json_key(&root, "text");
    assert_true(rp_json_length(&ids) >= 1 && rp_json_length(&ids) == rp_json_length(&logprobs));
    assert_int_equal(rp_json_length(&prompt), 3);
    assert_int_equal(rp_json_length(&before), 2);
    assert_int_equal(rp_json_typeof(&written), RP_JSON_STRING);
    rp_json_free(document);
    expect("printf '{\"text\": \"a\"}\\n{\"text\": \\n' | \"$R\" sample --model \"$T/run/repo\" --jsonl -", 1,
           "standard input:2: is not valid JSON");
    expect("printf '{\"txet\": \"a\"}\\n' | \"$R\" sample --model \"$T/run/repo\" --jsonl -", 2,
           "standard input:1: $.txet: is not a known key");
    expect("printf '{\"ids\": [1, 999999]}\\n' | \"$R\" sample --model \"$T/run/repo\" --jsonl -", 1,
           "$.ids[1]: 999999 is outside");
    expect("yes 'a b c' | head -n 400 | tr '\\n' ' ' > \"$T/long.txt\"; \"$R\" sample --model \"$T/run/repo\" \"$(cat "
           "\"$T/long.txt\")\"",
           1, "context");
    expect("printf '{\"question\": \"What is 2 + 3?\", \"answer\": \"5\"}\\n' | \"$R\" eval --model \"$T/run/repo\" "
           "--max-completion-length 5 --jsonl - 2> /dev/null",
           0, "\"answers\": [{\"response\": ");
    expect("printf '{\"question\": \"q\", \"answer\": \"5\"}\\n{\"question\": 7}\\n' | \"$R\" eval --model \"$T/run/repo\" "
           "--jsonl -",
           1, ":2: ");
    expect("\"$R\" sample --model \"$T/run/repo\" --temperature -1 hello", 2, "temperature");
}

static void test_answers_carry_ids_stop_texts_and_seeds(void **state) {
    (void)state;
    expect("printf '{\"text\": \"a\", \"id\": 3}\\n{\"text\": \"b\", \"id\": \"x\"}\\n' | \"$R\" sample --model "
           "\"$T/run/repo\" "
           "--max-completion-length 3 --n 2 --jsonl - 2> /dev/null | cut -c 1-12 | tr '\\n' ' '",
           0, "{\"id\": 3, \"i {\"id\": 3, \"i {\"id\": \"x\",  {\"id\": \"x\", ");
    expect("printf '{\"text\": \"a\", \"ids\": [1]}\\n' | \"$R\" sample --model \"$T/run/repo\" --jsonl -", 1,
           "give one of text, ids and messages, not 2");
    expect(
        "printf '{\"text\": \"a\"}\\n{\"messages\": []}\\n' | \"$R\" sample --model \"$T/run/repo\" --chat-format chatml "
        "--jsonl -",
        2, "standard input:2: a conversation needs at least one message");
    expect("\"$R\" sample --model \"$T/run/repo\" ''", 2, "the prompt has no token");
    expect(
        "s='\"$R\" sample --model \"$T/run/repo\" --max-completion-length 8'; eval \"$s --seed 3 hello\" > \"$T/3a\" 2> "
        "/dev/null; eval "
        "\"$s --seed 3 hello\" > \"$T/3b\" 2> /dev/null; eval \"$s --seed 4 hello\" > \"$T/4\" 2> /dev/null; cmp \"$T/3a\" "
        "\"$T/3b\" && ! cmp -s \"$T/3a\" \"$T/4\" && echo seeded",
        0, "seeded");
    /* What stands before the first printable character is what a run prints that stops at this character. */
    expect("s='\"$R\" sample --model \"$T/run/repo\" --max-completion-length 40 --ignore-end hello 2> /dev/null'; w=$(eval "
           "\"$s\"); "
           "c=$(printf '%s' "
           "\"$w\" | grep -a -o '[a-z0-9]' | head -n 1); printf '%s\\n' \"${w%%\"$c\"*}\" > \"$T/before\"; eval \"$s "
           "--stop $c\" > "
           "\"$T/until\"; test -n \"$c\" && cmp \"$T/before\" \"$T/until\" && echo stopped",
           0, "stopped");
    expect("\"$R\" sample --model \"$T/run/repo\" --max-completion-length 2 hello", 0, "sampling takes ");
    expect("\"$R\" chat --model \"$T/run/repo\" < /dev/null", 1, "--chat-format names one");
    expect("\"$R\" sample --model \"$T/run/repo\" --chat-format qwen3 --chat-date x --chat hello", 2,
           "chat format qwen3 has no date");
}

static void test_a_converted_model_answers_alike(void **state) {
    (void)state;
    expect("\"$R\" convert \"$T/run/repo\" --out \"$T/same\"", 0, "read as F32, written as F32");
    expect("cmp \"$T/run/repo/model.safetensors\" \"$T/same/model.safetensors\" && cmp \"$T/run/repo/tokenizer.json\" "
           "\"$T/same/tokenizer.json\" && cmp \"$T/run/repo/tokenizer_config.json\" \"$T/same/tokenizer_config.json\" && "
           "echo same",
           0, "same");
    expect("\"$R\" convert \"$T/run/repo\" --out \"$T/half\" --type BF16 && \"$R\" info \"$T/half\"", 0,
           "stored as      BF16");
    expect("\"$R\" convert \"$T/run/repo\" --out \"$T/same\"", 2, "already holds a model");
    expect("\"$R\" convert \"$T/run/repo\" --out \"$T/other\" --type Q4_0", 2, "F32, BF16, F64");
    expect("\"$R\" convert \"$T/run/repo\"", 2, "--out is missing");
    expect("\"$R\" convert \"$S/data/golden/v1/model/qwen3-plain/model.gguf\" --out \"$T/qwen3\"", 0,
           "no tokenizer is written");
    expect("\"$R\" info \"$T/run/repo/tokenizer.json\"", 0, "byte-level BPE, 300 ids, begin none, end <|endoftext|>");
}

static void test_a_stopped_run_says_how_to_go_on(void **state) {
    (void)state;
    expect(
        rp_sprintf(
            arena,
            "\"$R\" train --algorithms grpo --out \"$T/stopped\" %s --steps 100000 & p=$!; n=0; while [ ! -e "
            "\"$T/stopped/recipe.ini\" ] && [ $n -lt 600 ]; do sleep 0.05; n=$((n + 1)); done; sleep 0.2; kill -TERM $p; "
            "wait $p",
            tiny_flags),
        1, "--resume continues");
}

static void test_twenty_steps_give_the_same_bits_under_any_number_of_threads(void **state) {
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2)
        expect(rp_sprintf(arena,
                          "rm -rf \"$T/t%d\"; OMP_NUM_THREADS=%d \"$R\" train --algorithms repo --set repo.source=raw "
                          "--out \"$T/t%d\" %s 2> /dev/null",
                          threads, threads, threads, tiny_flags),
               0, "threads");
    expect("cmp \"$T/t1/repo/model.safetensors\" \"$T/t2/repo/model.safetensors\" && cmp \"$T/t1/repo/model.safetensors\" "
           "\"$T/t4/repo/model.safetensors\" && echo same",
           0, "same");
    expect("cmp \"$T/t1/repo/samples.jsonl\" \"$T/t4/repo/samples.jsonl\" && echo same", 0, "same");
}

static void test_a_damaged_policy_is_refused_and_left_as_it_is(void **state) {
    (void)state;
    /* The last four bytes of the file become a NaN: the digest of that tensor is not what was written. */
    expect("cp -r \"$T/run/repo\" \"$T/nan\"; f=\"$T/nan/model.safetensors\"; n=$(($(wc -c < \"$f\") - 4)); "
           "printf '\\377\\377\\377\\177' | dd of=\"$f\" bs=1 seek=$n conv=notrunc 2> /dev/null; cp \"$f\" \"$T/before\"; "
           "\"$R\" train --model \"$T/nan\" --algorithms sft --eval-count 0 --out \"$T/nan-run\" --families 'calc1, mean3' "
           "--mix 'hard:2' --steps 2",
           1, "tensor model.norm.weight: its bytes are not those that were written: the file is damaged");
    expect(
        "cmp \"$T/before\" \"$T/nan/model.safetensors\" && test ! -e \"$T/nan-run/sft/model.safetensors\" && echo intact",
        0, "intact");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help_and_mistyped_words),
        cmocka_unit_test(test_the_page_of_recipes_is_what_the_program_prints),
        cmocka_unit_test(test_a_run_becomes_a_page),
        cmocka_unit_test(test_the_page_of_the_experiment_shows_the_results_that_are_kept),
        cmocka_unit_test(test_models_that_cannot_be_read_are_named),
        cmocka_unit_test(test_lines_of_input_are_answered_in_order_or_named),
        cmocka_unit_test(test_answers_carry_ids_stop_texts_and_seeds),
        cmocka_unit_test(test_a_converted_model_answers_alike),
        cmocka_unit_test(test_a_stopped_run_says_how_to_go_on),
        cmocka_unit_test(test_twenty_steps_give_the_same_bits_under_any_number_of_threads),
        cmocka_unit_test(test_a_damaged_policy_is_refused_and_left_as_it_is),
    };
    return cmocka_run_group_tests(tests, make_run, forget_run);
}
