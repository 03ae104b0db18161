/* SPDX-License-Identifier: MIT
 *
 * Any bytes as text for four tokenizers. The first byte chooses tokenizer and options. What must hold: invalid UTF-8 is refused
 * unless it is replaced; ranges lie in the text; plain text gives no special token; with the whole alphabet and no
 * normalisation decoding gives the text back; a stream gives what decoding at once gives; ids do not depend on the cache.
 */
#include "fuzz.h"

#include <rephrase/text.h>

#include <string.h>

static rp_tokenizer *tokenizers[4];
static rp_arena *kept;

static void load_all(void) {
    static const char *const names[] = {"gpt2", "smollm", "qwen2", "llama3"};
    kept = rp_arena_create("tokenizers", 0);
    for (int i = 0; i < 4; i++) {
        const char *path = rp_sprintf(kept, "%s/data/golden/v1/text/tokenizer_%s.json", RP_SOURCE, names[i]);
        RP_REQUIRE(rp_tokenizer_load(kept, path, &tokenizers[i]) == RP_OK);
    }
}

static void check_stream(const rp_tokenizer *tokenizer, rp_arena *arena, const rp_encoding *e, rp_str whole) {
    rp_buffer out = rp_buffer_in(arena);
    rp_decode_stream stream = rp_decode_begin(tokenizer, false);
    for (size_t i = 0; i < e->length; i++) rp_decode_push(&stream, e->ids[i], &out);
    rp_decode_finish(&stream, &out);
    RP_REQUIRE(rp_str_equal(whole, (rp_str){out.data ? out.data : "", out.length}));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!kept) load_all();
    if (size == 0) return 0;
    rp_arena *arena = fuzz_arena();
    const int which = data[0] & 3;
    const rp_tokenizer *tokenizer = tokenizers[which];
    const rp_encode_options options = {.plain = data[0] & 4, .replace_invalid = data[0] & 8, .offsets = true},
                            without = {.plain = data[0] & 4, .replace_invalid = data[0] & 8};
    const rp_str text = {(const char *)data + 1, size - 1};
    const bool valid = rp_utf8_valid_prefix(text.data, text.length) == text.length;
    rp_encoding e, other;
    const rp_status status = rp_encode(tokenizer, arena, text, &options, &e);
    RP_REQUIRE((status == RP_OK) == (valid || options.replace_invalid));
    if (status != RP_OK) return 0;
    RP_REQUIRE(rp_encode(tokenizer, arena, text, &without, &other) == RP_OK);
    RP_REQUIRE(e.length == other.length && (e.length == 0 || memcmp(e.ids, other.ids, e.length * sizeof *e.ids) == 0));
    for (size_t i = 0; i < e.length; i++) {
        RP_REQUIRE(e.begin[i] < e.end[i] && e.end[i] <= text.length);
        RP_REQUIRE(!options.plain || !rp_token_is_special(tokenizer, e.ids[i]));
    }
    rp_str back;
    RP_REQUIRE(rp_decode(tokenizer, arena, e.ids, e.length, false, &back) == RP_OK);
    check_stream(tokenizer, arena, &e, back);
    if (valid && which == 3) RP_REQUIRE(rp_str_equal(back, text));
    return 0;
}
