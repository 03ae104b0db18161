/* SPDX-License-Identifier: MIT
 *
 * text.h — byte-level BPE: load, encode, decode, train, save; chat formats as data.
 *
 * The reference is Hugging Face `tokenizers` 0.23 (docs/tokenizer.md says what was compared). Text is UTF-8.
 */
#ifndef REPHRASE_TEXT_H
#define REPHRASE_TEXT_H

#include <rephrase/base.h>
#include <rephrase/formats.h>

typedef struct rp_tokenizer rp_tokenizer;

/* path: tokenizer.json, a directory that holds one, or a .gguf. Begin and end tokens and the chat template come from the GGUF
 * or from tokenizer_config.json and chat_template.jinja beside a tokenizer.json of that name.
 *   Fails  RP_ERR_UNSUPPORTED for a feature outside byte-level BPE, by name; RP_ERR_FORMAT naming file and place. */
rp_status rp_tokenizer_load(rp_arena *arena, const char *path, rp_tokenizer **tokenizer) RP_MUST_CHECK;
rp_status rp_tokenizer_save(rp_arena *scratch, const rp_tokenizer *tokenizer, const char *path) RP_MUST_CHECK; /* .json */
/* The tokenizer_config.json beside it: begin and end tokens, chat template; transformers' AutoTokenizer asks for it. */
rp_status rp_tokenizer_save_config(rp_arena *scratch, const rp_tokenizer *tokenizer, const char *path) RP_MUST_CHECK;
size_t rp_tokenizer_size(const rp_tokenizer *tokenizer); /* one more than the largest id */
/* The id of a token by its text as stored (byte-level alphabet for ordinary tokens, plain for added ones); -1 = none. */
int32_t rp_token_id(const rp_tokenizer *tokenizer, const char *token);
rp_str rp_token_text(const rp_tokenizer *tokenizer, int32_t id); /* empty for an id that is not known */
/* Does the tokenizer have this id? A model with a padded embedding has more. */
bool rp_token_is_known(const rp_tokenizer *tokenizer, int32_t id);
bool rp_token_is_special(const rp_tokenizer *tokenizer, int32_t id);
/* Where no file names them: the post-processor's first token, and the first customary end token that is there. */
int32_t rp_tokenizer_bos(const rp_tokenizer *tokenizer); /* -1 = none */
int32_t rp_tokenizer_eos(const rp_tokenizer *tokenizer); /* -1 = none */

typedef struct rp_encoding {
    int32_t *ids;
    uint32_t *begin, *end; /* byte offsets into the text, when asked for; else NULL */
    size_t length;
} rp_encoding;

typedef struct rp_encode_options {
    bool plain;        /* special tokens in the text are ordinary text (user content): nothing can be injected */
    bool add_special;  /* run the post-processor (Llama-3's begin-of-text) */
    bool offsets;
    bool replace_invalid; /* invalid UTF-8 becomes U+FFFD; default: RP_ERR_FORMAT with the byte's offset */
} rp_encode_options;
/* options NULL = all false. */
rp_status rp_encode(const rp_tokenizer *tokenizer, rp_arena *arena, rp_str text, const rp_encode_options *options,
                    rp_encoding *out) RP_MUST_CHECK;
/* Bytes of the tokens; invalid UTF-8 becomes U+FFFD. skip_special drops special tokens. Ids that the tokenizer does not
 * have stand for nothing (rp_token_is_known tells). */
rp_status rp_decode(const rp_tokenizer *tokenizer, rp_arena *arena, const int32_t *ids, size_t n, bool skip_special,
                    rp_str *text) RP_MUST_CHECK;

/* Streaming: push ids one by one; each push appends to `out` what is certain and holds back an incomplete UTF-8 sequence. */
typedef struct rp_decode_stream {
    const rp_tokenizer *tokenizer;
    bool skip_special;
    unsigned char held[4];
    size_t held_length;
} rp_decode_stream;
rp_decode_stream rp_decode_begin(const rp_tokenizer *tokenizer, bool skip_special);
void rp_decode_push(rp_decode_stream *stream, int32_t id, rp_buffer *out);
void rp_decode_finish(rp_decode_stream *stream, rp_buffer *out);

/* ---- Training a tokenizer -------------------------------------------------------------------------------------- */

typedef enum rp_splitter { RP_SPLIT_GPT2, RP_SPLIT_SMOLLM, RP_SPLIT_QWEN2, RP_SPLIT_LLAMA3 } rp_splitter;
typedef struct rp_bpe_training {
    size_t vocab_size;
    size_t min_frequency;         /* 0 = as HF's default 0 */
    size_t max_token_length;      /* 0 = none */
    rp_splitter splitter;         /* RP_SPLIT_SMOLLM = digits singly, then the GPT-2 rule */
    const char *const *specials;  /* NULL-terminated, in id order from 0 */
    bool whole_alphabet;          /* all 256 bytes are tokens even when unseen */
} rp_bpe_training;
/* texts: the corpus. HF BpeTrainer's order exactly. */
rp_status rp_bpe_train(rp_arena *arena, const rp_bpe_training *settings, const rp_str *texts, size_t count,
                       rp_tokenizer **tokenizer) RP_MUST_CHECK;

/* ---- Chat ------------------------------------------------------------------------------------------------------ */

typedef struct rp_chat_message { rp_str role, content; } rp_chat_message;
typedef struct rp_chat_format rp_chat_format;
#define RP_CHAT_NAMES "chatml, smollm2, qwen2.5, qwen3, llama3, llama3.1 (also 3.2), raw"
/* One of RP_CHAT_NAMES; NULL + RP_ERR_ARGUMENT stored for others. */
const rp_chat_format *rp_chat_find(const char *name);
/* The format a loaded tokenizer's chat template stands for; NULL when it has none or an unknown one. */
const rp_chat_format *rp_chat_of(const rp_tokenizer *tokenizer);
const char *rp_chat_name(const rp_chat_format *format);
/* Llama 3.1's conversations begin with a date: "26 Jul 2024", the published template's own, unless another is set. Never
 * today's, so that equal calls give equal ids.
 *   Fails  RP_ERR_ARGUMENT for a format without a date. */
bool rp_chat_is_dated(const rp_chat_format *format);
rp_status rp_chat_with_date(rp_arena *arena, const rp_chat_format *format, const char *date,
                            const rp_chat_format **dated) RP_MUST_CHECK;
/* Ids of the conversation; generation adds the opening of the assistant's turn. Content can never become a special token. */
rp_status rp_chat_encode(const rp_chat_format *format, const rp_tokenizer *tokenizer, rp_arena *arena,
                         const rp_chat_message *messages, size_t count, bool generation, rp_encoding *out) RP_MUST_CHECK;
/* Has the tokenizer a chat template that stands for none of the formats? Prompts in another layout would then be guesses. */
bool rp_chat_is_unknown(const rp_tokenizer *tokenizer);
enum { RP_MOST_STOPS = 24 };
/* What ends an answer, for every command: the tokens that end an assistant's turn under the format (NULL = none), the
 * tokenizer's end token, and the `count` ids that the model's configuration states; each once, in this order. The first is
 * the one that is written behind an answer. Returns their number. */
size_t rp_end_tokens(const rp_tokenizer *tokenizer, const rp_chat_format *format, const int *stated, size_t count,
                     int32_t ends[RP_MOST_STOPS]);

#endif
