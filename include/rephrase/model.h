/* SPDX-License-Identifier: MIT
 *
 * model.h — a decoder-only transformer of the Llama family: one parameter table, forward, backward, decode, sampling.
 *
 *   h⁰ = E[token]                                                                     embedding       (T,C)
 *   per layer:  a = RMSNorm(h);  q,k,v = a Wqᵀ+bq, a Wkᵀ+bk, a Wvᵀ+bv;  [RMSNorm per head on q and k]
 *               q,k = RoPE(q,k);  h += Attention(q,k,v) Woᵀ                            causal, grouped queries
 *               m = RMSNorm(h);   h += ( silu(m Wgᵀ) ⊙ m Wuᵀ ) Wdᵀ                     SwiGLU
 *   logits = RMSNorm(h) Wheadᵀ    (Whead = E when tied)
 *
 * Letters (docs/notation.md): T positions, C channels, H heads, K key/value heads, D head size, F hidden, V vocabulary,
 * L layers, N rows of a packed batch, M scored rows.
 */
#ifndef REPHRASE_MODEL_H
#define REPHRASE_MODEL_H

#include <rephrase/base.h>
#include <rephrase/formats.h>
#include <rephrase/real.h>

/* ---- Configuration --------------------------------------------------------------------------------------------- */

typedef enum rp_rope_scaling { RP_ROPE_PLAIN, RP_ROPE_LINEAR, RP_ROPE_LLAMA3, RP_ROPE_YARN } rp_rope_scaling;

enum { RP_MAX_ENDS = 16 };

typedef struct rp_model_config {
    char architecture[16]; /* "llama", "mistral", "qwen2", "qwen3": decides names, biases and norms when reading and writing */
    int layers, channels, heads, kv_heads, head_size, hidden, vocab;
    int context; /* longest sequence the positions are meant for */
    double rope_theta, norm_epsilon;
    rp_rope_scaling rope_scaling;
    double rope_factor, rope_low_freq_factor, rope_high_freq_factor; /* linear: factor; llama3: all three + original */
    int rope_original_context;
    double rope_beta_fast, rope_beta_slow, rope_attention_factor; /* YaRN, with factor and original */
    bool rope_whole_bounds;
    bool tied_head, qkv_bias, qk_norm;
    int bos;                            /* -1 = none stated */
    int eos[RP_MAX_ENDS], eos_count;    /* every token that ends an answer, in the order they are stated, each once */
} rp_model_config;

/* Sizes positive, heads a multiple of kv_heads, head_size even, …; names the field that is wrong. */
rp_status rp_config_check(const rp_model_config *config) RP_MUST_CHECK;
/* Reads a Hugging Face config.json, and the end tokens of the generation_config.json beside it; or the GGUF keys.
 * Unsupported architectures and features are refused by name. */
rp_status rp_config_from_json(const char *path, rp_model_config *config) RP_MUST_CHECK;
rp_status rp_config_from_gguf(const rp_tensor_file *file, rp_model_config *config) RP_MUST_CHECK;
rp_status rp_config_write_json(rp_arena *scratch, const rp_model_config *config, rp_dtype type, const char *path) RP_MUST_CHECK;

/* ---- Parameters ---------------------------------------------------------------------------------------------------
 *
 * One table describes weights, gradients and both Adam moments: four equal blocks of `count` values. Rows that are used by
 * one product lie next to each other (q, k, v; gate, up), so the fused product is just a longer matrix at the first row's
 * offset.
 */
typedef struct rp_parameter {
    char name[80];        /* the Hugging Face name: "model.layers.0.self_attn.q_proj.weight" */
    size_t rows, columns; /* a vector has rows = 1 */
    size_t offset;        /* in values, from the start of the block */
    bool decay;           /* weight decay applies: matrices yes, norms and biases no */
    bool residual_output; /* o_proj, down_proj: initialised smaller, by 1/sqrt(2 L) */
} rp_parameter;

typedef struct rp_model {
    rp_model_config config;
    rp_parameter *parameters;
    size_t parameter_rows; /* rows of the table */
    size_t count;          /* values in all, without padding counted twice */
    real *weights;         /* (count) */
} rp_model;

rp_status rp_model_create(rp_arena *arena, const rp_model_config *config, rp_model **model) RP_MUST_CHECK; /* weights zero */
const rp_parameter *rp_model_find(const rp_model *model, const char *name); /* NULL when there is none */
/* N(0, std²) matrices (residual outputs std/sqrt(2L)), embedding N(0, embedding_std²), norms 1, biases 0. */
void rp_model_init(rp_model *model, uint64_t seed, double std, double embedding_std);

/* What loading found, for `info` and the log: file types, bytes, seconds. */
typedef struct rp_load_report {
    char types[64]; /* "Q4_1, F32" */
    size_t file_bytes, tensors;
    double seconds;
} rp_load_report;
/* path: a directory with config.json and safetensors, one .safetensors beside its config.json, or a .gguf. */
rp_status rp_model_load(rp_arena *arena, const char *path, rp_model **model, rp_load_report *report) RP_MUST_CHECK;
/* Writes config.json and model.safetensors (RP_F32, RP_F64 or RP_BF16) that transformers loads. Each file atomically. */
rp_status rp_model_save(rp_arena *scratch, const rp_model *model, const char *directory, rp_dtype type) RP_MUST_CHECK;

/* ---- Training pass ------------------------------------------------------------------------------------------------
 *
 * Sequences of different lengths lie end to end without padding; a row attends to rows of its own sequence only. The head
 * and the loss touch the M scored rows only: scored row m predicts target[m] from the hidden state at row score[m].
 */
typedef struct rp_packed {
    size_t sequences;      /* S */
    const uint32_t *start; /* (S+1), start[0] = 0, start[S] = N; positions restart at 0 in each sequence */
    const int32_t *ids;    /* (N) */
    size_t scored;         /* M */
    const uint32_t *score; /* (M) rows, ascending */
    const int32_t *target; /* (M) */
} rp_packed;

/* Shapes, ids within the vocabulary, lengths within the context. */
rp_status rp_packed_check(const rp_model *model, const rp_packed *batch) RP_MUST_CHECK;

typedef struct rp_workspace rp_workspace;
/* Buffers for batches of up to `rows` rows and `scored` scored rows. keep: activations are kept for backward. */
rp_status rp_workspace_create(rp_arena *arena, const rp_model *model, size_t rows, size_t scored, bool keep,
                              rp_workspace **workspace) RP_MUST_CHECK;
/* What create would take, in bytes. */
size_t rp_workspace_bytes(const rp_model *model, size_t rows, size_t scored, bool keep);

/* logp[m] = log softmax(logits/temperature)[target[m]] (nats); entropy[m] of the same distribution, or NULL.
 * Values are summed in an order that does not depend on threads. */
void rp_model_forward(const rp_model *model, const rp_packed *batch, double temperature, rp_workspace *workspace,
                      real *logp, real *entropy);
/* After forward on the same batch with keep: gradient += the derivative of  Σ_m dlogp[m] logp[m] + dentropy[m] entropy[m]
 * with respect to every parameter. dentropy may be NULL. gradient has the parameter table's layout. Sequences whose dlogp and
 * dentropy are all zero cost nothing. */
void rp_model_backward(const rp_model *model, const rp_packed *batch, double temperature, rp_workspace *workspace,
                       const real *dlogp, const real *dentropy, real *gradient);
/* After forward (or backward) on the same batch: log-probabilities of K given ids at each scored row, ids and logp (M,K),
 * at the temperature of that forward. There is no gradient through them: they are for what a loss takes as a constant. */
void rp_model_logp_of(const rp_model *model, const rp_packed *batch, double temperature, rp_workspace *workspace,
                      const int32_t *ids, size_t K, real *logp);
/* After forward: logits (M,V) of the scored rows; for tests, goldens and small looks. */
void rp_model_logits(const rp_model *model, const rp_packed *batch, rp_workspace *workspace, real *logits);
/* After forward: final normalised hidden states (M,C) of the scored rows, for a value head. */
const real *rp_model_hidden(const rp_workspace *workspace);

/* ---- Generation ---------------------------------------------------------------------------------------------------
 *
 * Decoding runs on weights repacked into column panels, by a kernel whose sums do not depend on how many sequences are in
 * the batch: a sequence's tokens are a function of its prompt, its random stream and the weights alone.
 */
typedef struct rp_sampling {
    double temperature; /* 0 = greedy */
    int top_k;          /* 0 = off */
    double top_p;       /* 1 = off */
    double min_p;       /* 0 = off */
} rp_sampling;
rp_status rp_sampling_check(const rp_sampling *sampling) RP_MUST_CHECK;

typedef struct rp_generate_request {
    const int32_t *prompt;
    size_t prompt_length; /* >= 1 */
    size_t max_new;
    rp_rng rng;
} rp_generate_request;

typedef struct rp_generate_result {
    int32_t *ids; /* (length) the stop token included when there was one */
    size_t length;
    real *logp;    /* (length) log softmax(logits / temperature)[id], before top-k/top-p/min-p; temperature 1 when greedy */
    real *logp_1;  /* (length) log softmax(logits)[id] */
    real *entropy; /* (length) of softmax(logits / temperature), nats; NULL unless asked for */
    real *prompt_logp; /* (prompt_length - 1) log-probability at temperature 1 of prompt[i+1], when asked for; else NULL */
    int32_t *top_ids;  /* (length, top) the likeliest tokens of each step by falling probability; NULL unless asked for */
    real *top_logp;    /* (length, top) their log-probabilities, at the temperature of logp */
    bool stopped;  /* by a stop token or the callback; false = cut at max_new or the context */
} rp_generate_result;

typedef struct rp_generate_options {
    rp_sampling sampling;
    const int32_t *stop; /* ids that end a sequence */
    size_t stop_count;
    bool prompt_logp, entropy;
    size_t top;   /* how many of each step's likeliest tokens to record, at most V; 0 = none */
    size_t batch; /* most sequences decoded at once; 0 = as many as fit `memory` */
    size_t memory; /* bytes for the key/value cache; 0 = 1 GiB */
    /* Called after each token, from the calling thread, in no promised order between sequences; true ends that sequence. */
    bool (*on_token)(void *context, size_t request, int32_t id, real logp_1);
    void *context;
} rp_generate_options;

typedef struct rp_decoder rp_decoder; /* repacked weights; valid until the model's weights change */
/* How a decoder keeps the matrices: as they are, or rounded to bfloat16, which halves the memory that a step of few sequences
 * waits for. Rounded weights are another policy than the one that is trained: the log-probabilities of their samples differ
 * from the model's (metric sampler_gap). */
typedef enum rp_rounding { RP_EXACT, RP_TO_BF16 } rp_rounding;
rp_status rp_decoder_create(rp_arena *arena, const rp_model *model, rp_rounding rounding,
                            rp_decoder **decoder) RP_MUST_CHECK;
void rp_decoder_refresh(rp_decoder *decoder, const rp_model *model); /* after the weights changed */
/* Requests whose prompts are equal and adjacent share one prefill. Results' arrays are in `arena`. A prompt that leaves no
 * room in the context is RP_ERR_LIMIT and names the request. */
rp_status rp_generate(rp_decoder *decoder, rp_arena *arena, const rp_generate_options *options,
                      const rp_generate_request *requests, size_t count, rp_generate_result *results) RP_MUST_CHECK;

#endif
