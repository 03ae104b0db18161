/* SPDX-License-Identifier: MIT
 *
 * decode.c — ids to text, at once or token by token.
 *
 * A token is bytes, and a character may be cut across tokens. The bytes of all tokens are joined; what then is not UTF-8
 * becomes U+FFFD, one for each maximal ill-formed subpart. A stream gives out what later tokens cannot change and holds
 * back the up to three bytes of an unfinished character, so that the parts joined equal the whole.
 *
 * An id that the tokenizer does not have stands for nothing, as in the reference. Models have such ids: their embeddings
 * are padded to round numbers of rows (Qwen2.5 has 151,936 for 151,665 tokens), and a model may sample one of them.
 */
#include "internal.h"

bool rp_token_is_known(const rp_tokenizer *tokenizer, int32_t id) {
    return id >= 0 && (size_t)id < tokenizer->size && tokenizer->flags[id] & TOKEN_KNOWN;
}

static bool is_skipped(const rp_tokenizer *tokenizer, int32_t id, bool skip_special) {
    return !rp_token_is_known(tokenizer, id) || (skip_special && tokenizer->flags[id] & TOKEN_SPECIAL);
}

static void append_lossy(rp_buffer *out, const char *bytes, size_t n) {
    while (n > 0) {
        const size_t valid = rp_utf8_valid_prefix(bytes, n);
        rp_buffer_append(out, bytes, valid);
        bytes += valid;
        n -= valid;
        if (n == 0) break;
        const size_t bad = rp_utf8_bad_length(bytes, n);
        rp_buffer_append(out, "\xEF\xBF\xBD", 3);
        bytes += bad;
        n -= bad;
    }
}

rp_status rp_decode(const rp_tokenizer *tokenizer, rp_arena *arena, const int32_t *ids, size_t n, bool skip_special,
                    rp_str *text) {
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_skipped(tokenizer, ids[i], skip_special)) length += tokenizer->bytes[ids[i]].length;
    }
    char *bytes = rp_alloc(arena, char, length + 1);
    RP_TRY_ALLOC(bytes);
    char *at = bytes;
    for (size_t i = 0; i < n; i++) {
        if (is_skipped(tokenizer, ids[i], skip_special)) continue;
        const rp_str token = tokenizer->bytes[ids[i]];
        memcpy(at, token.data, token.length);
        at += token.length;
    }
    *at = 0;
    if (rp_utf8_valid_prefix(bytes, length) == length) {
        *text = (rp_str){bytes, length};
        return RP_OK;
    }
    rp_buffer out = rp_buffer_in(arena);
    append_lossy(&out, bytes, length);
    RP_TRY(rp_buffer_status(&out));
    *text = (rp_str){out.data, out.length};
    return RP_OK;
}

rp_decode_stream rp_decode_begin(const rp_tokenizer *tokenizer, bool skip_special) {
    return (rp_decode_stream){.tokenizer = tokenizer, .skip_special = skip_special};
}

/* The held bytes followed by the token's, as if they stood together. */
void rp_decode_push(rp_decode_stream *stream, int32_t id, rp_buffer *out) {
    if (is_skipped(stream->tokenizer, id, stream->skip_special)) return;
    const rp_str token = stream->tokenizer->bytes[id];
    size_t used = 0;
    while (stream->held_length > 0 && used < token.length) {
        stream->held[stream->held_length++] = (unsigned char)token.data[used++];
        const char *held = (const char *)stream->held;
        if (rp_utf8_incomplete_suffix(held, stream->held_length) == stream->held_length) continue;
        if (rp_utf8_valid_prefix(held, stream->held_length) == stream->held_length) {
            rp_buffer_append(out, held, stream->held_length);
        } else { /* the new byte does not continue the character: it is read again on its own */
            rp_buffer_append(out, "\xEF\xBF\xBD", 3);
            used--;
        }
        stream->held_length = 0;
    }
    const char *rest = token.data + used;
    const size_t n = token.length - used, keep = stream->held_length ? 0 : rp_utf8_incomplete_suffix(rest, n);
    append_lossy(out, rest, n - keep);
    if (keep) memcpy(stream->held, rest + n - keep, keep);
    if (keep) stream->held_length = keep;
}

void rp_decode_finish(rp_decode_stream *stream, rp_buffer *out) {
    append_lossy(out, (const char *)stream->held, stream->held_length);
    stream->held_length = 0;
}
