/* SPDX-License-Identifier: MIT
 *
 * recipe_table.c — every setting of a run, once: name, section, kind, default, range, choices, help.
 *
 * INI files, flags, --help, the resolved recipe and docs/recipes.md all come from this table.
 */
#include <rephrase/learn.h>

#define FIELD(name) offsetof(rp_recipe, name)
#define TEXT(section, name, standard, help)                                                                                \
    { #name, section, RP_RECIPE_TEXT, FIELD(name), standard, 0, 0, {NULL }, help }
#define BOOL(section, name, standard, help)                                                                                \
    { #name, section, RP_RECIPE_BOOL, FIELD(name), standard, 0, 0, {NULL }, help }
#define INT(section, name, standard, lo, hi, help)                                                                         \
    { #name, section, RP_RECIPE_INT, FIELD(name), standard, lo, hi, {NULL }, help }
#define REAL(section, name, standard, lo, hi, help)                                                                        \
    { #name, section, RP_RECIPE_REAL, FIELD(name), standard, lo, hi, {NULL }, help }
#define CHOICE(section, name, standard, help, ...)                                                                         \
    { #name, section, RP_RECIPE_CHOICE, FIELD(name), standard, 0, 0, {__VA_ARGS__, NULL }, help }

static const rp_recipe_key keys[] = {
    TEXT("run", out, "runs/default", "directory of the run: resolved recipe, metrics, samples, checkpoints, tables"),
    TEXT("run", algorithms, "repo", "algorithms to train, each from the same base, separated by commas"),
    INT("run", seed, "1", 0, 9e15, "the seed every random stream is keyed by"),
    INT("run", checkpoint_every, "100", 1, 1e9, "steps between checkpoints"),
    INT("run", log_groups, "1", 0, 1000, "groups per step written to samples.jsonl with all their answers"),

    TEXT("model", model, "", "a pretrained model: directory, .safetensors or .gguf; empty = train one from nothing"),
    INT("model", layers, "4", 1, 1000, "transformer layers (L), when trained from nothing"),
    INT("model", channels, "96", 2, 65536, "width of the residual stream (C)"),
    INT("model", heads, "3", 1, 1024, "attention heads (H)"),
    INT("model", kv_heads, "3", 1, 1024, "key/value heads (K); heads must be a multiple"),
    INT("model", hidden, "256", 1, 1e6, "SwiGLU width (F)"),
    INT("model", context, "256", 8, 1e6, "longest sequence"),
    REAL("model", rope_theta, "1000", 1, 1e9, "base of the rotary embedding"),
    REAL("model", init_std, "0.02", 0, 1, "standard deviation of initial matrices"),
    REAL("model", embedding_std, "0.05", 0, 1, "standard deviation of the initial embedding"),
    BOOL("model", tied, "true", "the output head is the embedding"),

    TEXT("text", tokenizer, "",
         "tokenizer.json, directory or .gguf; empty = the model's own, or trained on the micro-world"),
    INT("text", vocab, "512", 260, 1e6, "vocabulary of a tokenizer trained here"),
    TEXT("text", chat_format, "auto",
         "auto, plain, chatml, smollm2, qwen2.5, qwen3, llama3, llama3.1; auto = by the model's template"),
    TEXT("text", system, "", "system message of chat prompts; empty = the format's own"),
    TEXT("text", prompt, "", "template with {question}; empty = the micro-world's, or the question for a model's chat"),
    TEXT("text", rephrase_prompt, "", "template of P(q,k) with {question} and {solution}; empty = the built-in one"),

    TEXT("data", data, "world", "world, or a JSONL file of {question, answer, solution?} or of GSM8K's form"),
    TEXT("data", eval_data, "", "JSONL file for evaluation; empty = the world's held-out split, or no evaluation"),
    TEXT("data", families, "",
         "families and tiers of the micro-world (\"hard, perim, -meet\"), in pretraining and RL; empty = all"),
    TEXT("data", mix, "easy:6, medium:10, hard:16", "questions per step by tier of the micro-world"),
    INT("data", limit, "50", 10, 999, "N: every number of the micro-world lies in 0..N"),
    CHOICE("data", expert_style, "chain", "how the expert writes", "terse", "chain"),
    CHOICE("data", split, "train", "split of the micro-world to train on", "train", "validation", "test"),
    CHOICE("data", eval_split, "test", "split of the micro-world to evaluate on", "train", "validation", "test"),
    INT("data", eval_count, "60", 0, 1e6, "problems per family (micro-world) or in all (JSONL) in an evaluation"),
    CHOICE("data", on_bad_row, "refuse",
           "a problem that cannot be trained on (too long, no solution, an unreadable gold) ends the run before it begins, "
           "or is left out",
           "refuse", "drop"),
    REAL("data", drill, "25", 0, 100, "pretraining share of single-fact drills, per cent"),
    REAL("data", explain, "35", 0, 100, "share of explain examples in the rest"),
    REAL("data", rephrase_share, "15", 0, 100, "share of rephrasings of known families in the rest"),
    REAL("data", expert_share, "5", 0, 100, "share of solutions in the expert's style in the rest"),
    REAL("data", own_share, "45", 0, 100, "share of solutions in the own style in the rest"),

    INT("pretrain", pretrain_steps, "2200", 0, 1e9, "steps of pretraining on the micro-world"),
    INT("pretrain", pretrain_batch, "64", 1, 1e6, "sequences per pretraining step"),
    REAL("pretrain", pretrain_learning_rate, "3e-3", 0, 1, "peak learning rate"),
    REAL("pretrain", pretrain_final, "0.02", 0, 1, "learning rate at the end, as a share of the peak"),
    INT("pretrain", pretrain_warmup, "100", 0, 1e9, "steps of linear warm-up"),
    CHOICE("pretrain", pretrain_schedule, "linear", "after the warm-up", "constant", "cosine", "linear"),
    REAL("pretrain", pretrain_beta1, "0.9", 0, 0.9999999, "AdamW's first-moment decay"),
    REAL("pretrain", pretrain_beta2, "0.98", 0, 0.9999999, "AdamW's second-moment decay"),
    REAL("pretrain", pretrain_decay, "0.05", 0, 10, "decoupled weight decay (matrices only)"),
    REAL("pretrain", pretrain_clip, "1", 0, 1e9, "global gradient norm limit, 0 = off"),

    INT("rl", steps, "300", 0, 1e9, "reinforcement-learning steps of each algorithm"),
    INT("rl", questions, "32", 1, 1e6, "questions per step (JSONL data; the micro-world's mix sets its own)"),
    INT("rl", rollouts, "8", 1, 4096, "G: rollouts per question"),
    INT("rl", max_new, "80", 1, 1e6, "most tokens of a response"),
    REAL("rl", temperature, "1", 0.01, 100, "sampling temperature; log-probabilities are taken at it"),
    REAL("rl", top_p, "1", 0.000001, 1, "nucleus sampling, 1 = off (on-policy gradients assume 1)"),
    INT("rl", top_k, "0", 0, 1e6, "top-k sampling, 0 = off"),
    CHOICE("rl", rollout_weights, "f32", "weights that answers are sampled with; bf16 is another policy: see sampler_gap",
           "f32", "bf16"),
    INT("rl", updates, "1", 1, 1000, "passes over a step's rollouts (1 = strictly on-policy)"),
    INT("rl", minibatches, "1", 1, 1000, "optimiser steps per pass; questions are divided among them"),
    REAL("rl", learning_rate, "1e-4", 0, 1, "peak learning rate"),
    REAL("rl", critic_learning_rate, "1e-3", 0, 1, "learning rate of the value head, for algorithms that have one"),
    REAL("rl", final, "1", 0, 1, "learning rate at the end, as a share of the peak"),
    INT("rl", warmup, "10", 0, 1e9, "steps of linear warm-up"),
    CHOICE("rl", schedule, "constant", "after the warm-up", "constant", "cosine", "linear"),
    REAL("rl", beta1, "0.9", 0, 0.9999999, "AdamW's first-moment decay"),
    REAL("rl", beta2, "0.95", 0, 0.9999999, "AdamW's second-moment decay"),
    REAL("rl", adam_epsilon, "1e-8", 0, 1, "AdamW's denominator term (pretraining too)"),
    REAL("rl", decay, "0", 0, 10, "decoupled weight decay (matrices only)"),
    REAL("rl", clip, "1", 0, 1e9, "global gradient norm limit, 0 = off"),
    INT("rl", eval_every, "0", 0, 1e9, "steps between evaluations on the validation split, 0 = only at the end"),
    CHOICE("rl", strict, "strict", "strict: a false equation in the response makes the reward 0", "outcome", "strict"),
    REAL("rl", reward_format, "0", -100, 100, "weight of the format term (an answer could be extracted)"),
    REAL("rl", reward_length, "0", -100, 100, "weight of the length term (minus length / max_new)"),
    BOOL("rl", mask_truncated, "false",
         "answers cut at max_new carry no loss (TRL: mask_truncated_completions; DAPO: overlong filtering); they stay in "
         "the baseline"),
    CHOICE("rl", demonstrations, "solution",
           "what supervised training learns from: the solutions as given, or the policy's own verified rephrasings of them",
           "solution", "rephrasing"),
    BOOL("rl", rephrase_eager, "false",
         "sample the rephrasing with the rollouts for every question, not only for gated ones"),
    REAL("rl", rephrase_temperature, "1", 0.01, 100, "sampling temperature of the rephrasing"),
    REAL("rl", rephrase_top_p, "1", 0.000001, 1, "nucleus sampling of the rephrasing"),
    REAL("rl", copy_limit, "1", 0, 1,
         "a rephrasing is rejected when a larger share of it is one run of the solution's words"),

    INT("memory", micro_tokens, "32768", 64, 1e9, "most tokens in one forward and backward pass"),
    INT("memory", kv_megabytes, "1024", 1, 1e6, "memory for the key/value cache while sampling"),
};

size_t rp_recipe_key_count(void) {
    return sizeof keys / sizeof keys[0];
}
const rp_recipe_key *rp_recipe_key_at(size_t index) {
    return &keys[index];
}
