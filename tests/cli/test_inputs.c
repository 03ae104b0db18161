/* SPDX-License-Identifier: MIT
 *
 * Models as people have them, through every command: a padded vocabulary, several end tokens, a chat template that nobody knows;
 * and data as people have them. The models are made here, tiny and random.
 */
#include "check.h"

#include <rephrase/model.h>
#include <rephrase/text.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static rp_arena *arena;
static const char *folder;

/* Names of settings that every command below shares. */
#define SHORT "--max-completion-length 4 "
#define STEPS "--questions 2 --num-generations 2 --steps 2 "

/* Runs a shell line with $R the program, $T the folder of the models; both outputs in `text`. */
static int run(const char *line, rp_str *text) {
    const char *out = rp_strdup(arena, temporary_path("inputs-output")), *build = getenv("RP_BUILD_DIR");
    const char *command =
        rp_sprintf(arena, "R='%s/rephrase' T='%s'; { %s\n} > '%s' 2>&1", build ? build : ".", folder, line, out);
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

static void write_text(const char *name, const char *text) {
    assert_ok(rp_file_write(arena, rp_path_join(arena, folder, name), text, strlen(text)));
}

/* A model of one layer over a tokenizer of some 270 ids, with `padding` rows more than that; `ends` end an answer. */
static void make_model(const char *name, size_t padding, const int *ends, int count) {
    static const char *const specials[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", NULL};
    const rp_bpe_training training = {
        .vocab_size = 270, .splitter = RP_SPLIT_SMOLLM, .specials = specials, .whole_alphabet = true};
    const rp_str corpus[] = {rp_str_of("What is 2+3? It is 5. #### 5")};
    const char *place = rp_path_join(arena, folder, name);
    rp_tokenizer *tokenizer;
    rp_model *model;
    assert_ok(rp_bpe_train(arena, &training, corpus, 1, &tokenizer));
    rp_model_config config = {.architecture = "llama",
                              .layers = 1,
                              .channels = 16,
                              .heads = 2,
                              .kv_heads = 1,
                              .head_size = 8,
                              .hidden = 16,
                              .vocab = (int)(rp_tokenizer_size(tokenizer) + padding),
                              .context = 256,
                              .rope_theta = 10000,
                              .norm_epsilon = 1e-5,
                              .bos = -1,
                              .eos_count = count};
    for (int i = 0; i < count; i++) config.eos[i] = ends[i];
    assert_ok(rp_model_create(arena, &config, &model));
    rp_model_init(model, 7, 0.02, 0.02);
    if (padding) { /* whatever comes before, the likeliest token is one of the padding */
        const rp_parameter *head = rp_model_find(model, "lm_head.weight"),
                           *norm = rp_model_find(model, "model.norm.weight");
        real *embedding = model->weights + rp_model_find(model, "model.embed_tokens.weight")->offset;
        for (size_t c = 0; c < norm->columns; c++) model->weights[norm->offset + c] = c == 0 ? 8 : 0;
        for (size_t row = 0; row < head->rows; row++) {
            embedding[row * 16] = 1;
            model->weights[head->offset + row * 16] = row == head->rows - 1 ? 2 : 0;
        }
    }
    assert_ok(rp_model_save(arena, model, place, RP_F32));
    assert_ok(rp_tokenizer_save(arena, tokenizer, rp_path_join(arena, place, "tokenizer.json")));
    assert_ok(rp_tokenizer_save_config(arena, tokenizer, rp_path_join(arena, place, "tokenizer_config.json")));
}

static int setup(void **state) {
    (void)state;
    arena = rp_arena_create("inputs", 0);
    folder = rp_strdup(arena, temporary_path("inputs"));
    assert_ok(rp_make_directories(folder));
    make_model("plain", 0, (const int[]){0}, 1);
    make_model("padded", 50, (const int[]){0}, 1);
    make_model("ends", 0, (const int[]){0, 2, 65}, 3);
    make_model("foreign", 0, (const int[]){0}, 1);
    write_text("foreign/tokenizer_config.json",
               "{\"eos_token\": \"<|endoftext|>\", \"chat_template\": \"{{ nobody knows this }}\"}");
    write_text("two.jsonl", "{\"question\": \"2+3?\", \"answer\": \"5\", \"solution\": \"2+3 = 5\\n#### 5\"}\n"
                            "{\"problem\": \"1+1?\", \"answer\": 2, \"solution\": \"1+1 = 2\\n#### 2\"}\n");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

static void test_ids_without_a_token_harm_no_command(void **state) {
    (void)state;
    expect("printf '{\"text\": \"a\"}\\n' | \"$R\" sample --model \"$T/padded\" --greedy --max-completion-length 3 --jsonl "
           "- --stop zz",
           0, "\"text\": \"\""); /* three ids of the padding decode to nothing */
    expect("\"$R\" sample --model \"$T/padded\" --greedy --max-completion-length 3 a && echo fine", 0, "fine");
    expect("echo hello | \"$R\" chat --model \"$T/padded\" --chat-format chatml --greedy --max-completion-length 3 && echo "
           "fine",
           0, "fine");
    expect("\"$R\" eval --model \"$T/padded\" --jsonl \"$T/two.jsonl\" " SHORT, 0, "2 problems, 2 answers");
    expect("rm -rf \"$T/out\"; \"$R\" train --model \"$T/padded\" --data \"$T/two.jsonl\" --algorithms grpo " SHORT STEPS
           "--out \"$T/out\" && grep -c eos_token_id \"$T/out/grpo/config.json\"",
           0, "1");
    expect("\"$R\" tokenize --tokenizer \"$T/padded\" --decode 300", 2, "id 300 at place 0 is not in the vocabulary");
}

static void test_an_unknown_template_is_refused_where_it_would_be_guessed(void **state) {
    (void)state;
    static const char *const commands[] = {
        "eval --model \"$T/foreign\" --jsonl \"$T/two.jsonl\" " SHORT,
        "train --model \"$T/foreign\" --data \"$T/two.jsonl\" --algorithms grpo " SHORT STEPS "--out \"$T/unknown\""};
    for (size_t i = 0; i < 2; i++) {
        expect(rp_sprintf(arena, "rm -rf \"$T/unknown\"; \"$R\" %s", commands[i]), 1, "--chat-format names its layout");
        expect(rp_sprintf(arena, "rm -rf \"$T/unknown\"; \"$R\" %s", commands[i]), 1,
               "--prompt the text around {question}");
        expect(rp_sprintf(arena, "rm -rf \"$T/unknown\"; \"$R\" %s --chat-format chatml", commands[i]), 0, "");
        expect(rp_sprintf(arena, "rm -rf \"$T/unknown\"; \"$R\" %s --prompt 'Q: {question} A:'", commands[i]), 0, "");
        expect(rp_sprintf(arena, "rm -rf \"$T/unknown\"; \"$R\" %s --prompt 'no place'", commands[i]), 2,
               "prompt: the text has no {question}: every problem would be asked in the same words");
    }
    expect("\"$R\" sample --model \"$T/foreign\" --chat hello", 1, "--chat-format names one");
    expect("echo x | \"$R\" chat --model \"$T/foreign\"", 1, "--chat-format names one");
    expect("printf '{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}' | \"$R\" sample --model \"$T/foreign\" "
           "--jsonl -",
           1, "--chat-format names one");
    expect("\"$R\" info \"$T/foreign\"", 0, "a template that is not known; --chat-format names its layout");
    expect("\"$R\" eval --model \"$T/plain\" --jsonl \"$T/two.jsonl\" " SHORT, 0,
           "the model has no chat template: questions are asked");
}

static void test_every_end_token_ends_and_is_kept(void **state) {
    (void)state;
    expect("rm -rf \"$T/kept\"; \"$R\" convert \"$T/ends\" --out \"$T/kept\" && cat \"$T/kept/config.json\"", 0,
           "\"eos_token_id\": [0, 2, 65]");
    expect("rm -rf \"$T/out\"; \"$R\" train --model \"$T/ends\" --data \"$T/two.jsonl\" --algorithms grpo " SHORT STEPS
           "--out \"$T/out\" && cat \"$T/out/grpo/config.json\"",
           0, "\"eos_token_id\": [0, 2, 65]");
    write_text("kept/generation_config.json", "{\"eos_token_id\": [66]}");
    expect("rm -rf \"$T/twice\"; \"$R\" convert \"$T/kept\" --out \"$T/twice\" && cat \"$T/twice/config.json\"", 0,
           "\"eos_token_id\": [0, 2, 65, 66]");
    /* the first 60 sampled tokens, and where the answer ends when they count */
    rp_str all, cut;
    const char *sample = "printf '{\"text\": \"a\"}' | \"$R\" sample --model \"$T/ends\" --max-completion-length 200 "
                         "--jsonl - %s 2> /dev/null | "
                         "sed 's/.*\"ids\": \\[\\([^]]*\\)\\].*/\\1/'";
    assert_int_equal(run(rp_sprintf(arena, sample, "--ignore-end"), &all), 0);
    assert_int_equal(run(rp_sprintf(arena, sample, ""), &cut), 0);
    assert_true(cut.length < all.length && memcmp(all.data, cut.data, cut.length - 1) == 0);
    const char *last = strrchr(cut.data, ' ');
    const int id = atoi(last ? last : cut.data);
    assert_true(id == 0 || id == 2 || id == 65);
}

static void test_eval_says_of_how_many(void **state) {
    (void)state;
    expect("for i in 1 2 3 4 5; do echo \"{\\\"question\\\": \\\"$i?\\\", \\\"answer\\\": $i}\"; done > \"$T/five.jsonl\"; "
           "\"$R\" eval "
           "--model \"$T/plain\" --jsonl \"$T/five.jsonl\" --eval-count 3 " SHORT,
           0, "3 of 5 (--eval-count says how many) problems, 3 answers");
    expect("\"$R\" eval --model \"$T/plain\" --jsonl \"$T/five.jsonl\" " SHORT, 0, "5 problems, 5 answers");
}

static void test_files_of_another_kind_are_named_by_every_reader(void **state) {
    (void)state;
    expect("gzip -c \"$T/two.jsonl\" > \"$T/two.gz\"; \"$R\" eval --model \"$T/plain\" --jsonl \"$T/two.gz\"", 1,
           "two.gz: is compressed with gzip; gzip -dc IN > OUT");
    expect("printf 'PAR1xx' > \"$T/x.parquet\"; \"$R\" train --model \"$T/plain\" --data \"$T/x.parquet\" --algorithms "
           "grpo --out "
           "\"$T/none\"",
           1, "is a Parquet file; python3 -c");
    expect("printf '\\357\\273\\277' > \"$T/bom.jsonl\"; cat \"$T/two.jsonl\" >> \"$T/bom.jsonl\"; \"$R\" eval --model "
           "\"$T/plain\" "
           "--jsonl \"$T/bom.jsonl\" " SHORT,
           0, "2 problems, 2 answers");
    expect("cp -r \"$T/plain\" \"$T/pointer\"; printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:0\\nsize "
           "1\\n' > "
           "\"$T/pointer/model.safetensors\"; \"$R\" info \"$T/pointer\"",
           1, "is a Git LFS pointer: the file itself was not downloaded");
}

/* ---- Data that cannot be trained on, settings that train nothing ----------------------------------------------- */

#define TRAIN "\"$R\" train --model \"$T/plain\" " SHORT "--num-generations 2 --questions 1 --steps 2 "

static void test_bad_rows_are_found_before_the_first_step(void **state) {
    (void)state;
    expect(
        "long=$(yes 'many words' | head -n 400 | tr '\\n' ' '); { cat \"$T/two.jsonl\"; printf '{\"id\": \"L\", "
        "\"question\": \"%s\", "
        "\"answer\": \"1\", \"solution\": \"1\\\\n#### 1\"}\\n' \"$long\"; printf '{\"id\": \"N\", \"question\": \"3?\", "
        "\"answer\": \"3\"}\\n'; } > \"$T/mixed.jsonl\"; rm -rf \"$T/bad\"; " TRAIN
        "--data \"$T/mixed.jsonl\" --algorithms grpo --out \"$T/bad\"; c=$?; test ! -e \"$T/bad\" && (exit $c)",
        2,
        "1 of 4 problems cannot be trained on: 1 with a prompt that leaves no room for an answer (L); --on-bad-row drop");
    expect(TRAIN "--data \"$T/mixed.jsonl\" --algorithms luffy --out \"$T/bad\"", 2,
           "2 of 4 problems cannot be trained on: 1 with a prompt that leaves no room for an answer (L); 1 without the "
           "solution that "
           "the method learns from (N)");
    expect(TRAIN "--data \"$T/mixed.jsonl\" --algorithms luffy --on-bad-row drop --out \"$T/bad\"", 0,
           "2 of 4 problems are left out");
    expect("grep N \"$T/mixed.jsonl\" > \"$T/none.jsonl\"; rm -rf \"$T/bad\"; " TRAIN
           "--data \"$T/none.jsonl\" --algorithms repo --out \"$T/bad\"",
           2, "no problem has a solution, so there is nothing to rephrase: this would be grpo");
    expect(TRAIN "--data \"$T/none.jsonl\" --algorithms sft --on-bad-row drop --out \"$T/bad\"", 2,
           "no problem is left to train on");
}

static void test_settings_that_train_nothing_are_named(void **state) {
    (void)state;
    expect("rm -rf \"$T/trap\"; \"$R\" train --model \"$T/plain\" --data \"$T/two.jsonl\" " SHORT
           "--questions 1 --num-generations 1 --steps 2 --algorithms grpo --out \"$T/trap\"",
           2, "with rollouts = 1 every advantage is 0 and nothing is learnt");
    expect(TRAIN "--data \"$T/two.jsonl\" --algorithms grpo --lr-scheduler-type cosine --out \"$T/trap\"", 0,
           "the learning rate stays constant: final = 1");
    expect(TRAIN "--data \"$T/two.jsonl\" --algorithms grpo --eval-steps 1 --out \"$T/trap2\"", 2,
           "eval_steps = 1, but there is nothing to evaluate on");
}

static void test_answers_that_were_cut_can_be_left_out_of_the_loss(void **state) {
    (void)state; /* every answer is cut at 4 tokens: then no token carries loss and the weights stay as they were */
    expect("rm -rf \"$T/cut\"; " TRAIN
           "--data \"$T/two.jsonl\" --algorithms grpo --mask-truncated-completions --out \"$T/cut\" && cmp "
           "\"$T/plain/model.safetensors\" \"$T/cut/grpo/model.safetensors\" && echo unchanged",
           0, "unchanged");
}

/* ---- Runs that end in the middle -------------------------------------------------------------------------------- */

#define LONGER "--data \"$T/d.jsonl\" --algorithms grpo "

static void test_a_finished_run_goes_on_for_more_steps(void **state) {
    (void)state;
    expect("cp \"$T/two.jsonl\" \"$T/d.jsonl\"; rm -rf \"$T/short\" \"$T/whole\"; " TRAIN LONGER
           "--out \"$T/short\" && " TRAIN LONGER "--steps 5 --out \"$T/short\" --resume && " TRAIN LONGER
           "--steps 5 --out \"$T/whole\" && cmp \"$T/short/grpo/model.safetensors\" \"$T/whole/grpo/model.safetensors\" && "
           "echo same",
           0, "same");
    expect(TRAIN LONGER "--steps 3 --out \"$T/short\" --resume", 2, "was begun with another recipe");
    expect("rm -rf \"$T/fall\"; " TRAIN LONGER
           "--lr-scheduler-type linear --min-lr-ratio 0 --out \"$T/fall\" > /dev/null 2>&1; " TRAIN LONGER
           "--lr-scheduler-type linear --min-lr-ratio 0 --steps 5 --out \"$T/fall\" --resume",
           2, "5 of them are another run");
}

static void test_exchanged_files_are_noticed(void **state) {
    (void)state;
    expect("rm -rf \"$T/swap\"; " TRAIN LONGER "--out \"$T/swap\" && sed -i 's/1+1/1+2/' \"$T/d.jsonl\" && " TRAIN LONGER
           "--out \"$T/swap\" --resume",
           2, "d.jsonl: data is not the file that the run began with");
    expect("cp \"$T/two.jsonl\" \"$T/d.jsonl\"; " TRAIN LONGER "--out \"$T/swap\" --resume", 0, "");
}

static void test_a_stage_is_finished_when_all_of_it_is_written(void **state) {
    (void)state;
    static const char *const files[] = {"config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        expect(rp_sprintf(arena,
                          "rm -rf \"$T/part\"; %s--out \"$T/part\" && cp \"$T/part/grpo/model.safetensors\" "
                          "\"$T/kept.safetensors\" && rm "
                          "\"$T/part/grpo/%s\" && %s--out \"$T/part\" --resume && cmp \"$T/kept.safetensors\" "
                          "\"$T/part/grpo/model.safetensors\" && test -e \"$T/part/grpo/%s\" && echo whole",
                          TRAIN LONGER, files[i], TRAIN LONGER, files[i]),
               0, "whole");
}

static void test_every_signal_leaves_a_checkpoint(void **state) {
    (void)state;
    static const char *const signals[] = {"INT", "TERM", "HUP"};
    expect("rm -rf \"$T/straight\"; " TRAIN LONGER "--steps 60 --out \"$T/straight\"", 0, "");
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        const char *go = TRAIN LONGER "--steps 60 --save-steps 1000 --out \"$T/stopped\"";
        /* stopped after its first line of metrics, wherever it then is; resumed it gives the same bits */
        expect(rp_sprintf(
                   arena,
                   "rm -rf \"$T/stopped\"; %s > \"$T/said\" 2>&1 & p=$!; n=0; while [ ! -s "
                   "\"$T/stopped/grpo/metrics.jsonl\" ] && "
                   "[ $n -lt 6000 ]; do sleep 0.01; n=$((n + 1)); done; kill -%s $p; wait $p; c=$?; cat \"$T/said\"; "
                   "if [ $c -ne 0 ]; then test -e \"$T/stopped/grpo/checkpoint/latest.json\" && grep -q 'resume continues' "
                   "\"$T/said\" || echo nothing kept; fi; %s --resume && cmp \"$T/straight/grpo/model.safetensors\" "
                   "\"$T/stopped/grpo/model.safetensors\" && cmp \"$T/straight/grpo/samples.jsonl\" "
                   "\"$T/stopped/grpo/samples.jsonl\" && grep -c 'nothing kept' \"$T/said\"; test $? -le 1 && echo resumed",
                   go, signals[i], go),
               0, "resumed");
    }
}

static void test_what_cannot_be_printed_is_said(void **state) {
    (void)state;
    if (rp_file_exists("/dev/full")) expect("\"$R\" --help > /dev/full", 1, "standard output: cannot write: No space left");
    expect("OMP_NUM_THREADS=100000 \"$R\" --version", 2, "OMP_NUM_THREADS asks for 100000 threads; at most 1024 are used");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_without_a_token_harm_no_command),
        cmocka_unit_test(test_an_unknown_template_is_refused_where_it_would_be_guessed),
        cmocka_unit_test(test_every_end_token_ends_and_is_kept),
        cmocka_unit_test(test_eval_says_of_how_many),
        cmocka_unit_test(test_files_of_another_kind_are_named_by_every_reader),
        cmocka_unit_test(test_bad_rows_are_found_before_the_first_step),
        cmocka_unit_test(test_settings_that_train_nothing_are_named),
        cmocka_unit_test(test_answers_that_were_cut_can_be_left_out_of_the_loss),
        cmocka_unit_test(test_a_finished_run_goes_on_for_more_steps),
        cmocka_unit_test(test_exchanged_files_are_noticed),
        cmocka_unit_test(test_a_stage_is_finished_when_all_of_it_is_written),
        cmocka_unit_test(test_every_signal_leaves_a_checkpoint),
        cmocka_unit_test(test_what_cannot_be_printed_is_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
