/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a tokenizer file, JSON or GGUF: loading must fail or give a tokenizer that encodes, decodes and holds its
 * promises.
 */
#include "fuzz.h"

#include <rephrase/text.h>

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const texts[] = {"", "abbab<s>c", " a  b\n\tc 12 \xC3\xA9 e\xCC\x81",
                                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"};
    rp_arena *arena = fuzz_arena();
    rp_tokenizer *tokenizer;
    if (rp_tokenizer_load(arena, as_file(data, size), &tokenizer) != RP_OK) {
        RP_REQUIRE(rp_arena_used(arena) == 0);
        return 0;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (int plain = 0; plain < 2; plain++) {
            const rp_encode_options options = {.plain = plain, .offsets = true, .add_special = !plain};
            const rp_str text = rp_str_of(texts[i]);
            rp_encoding e;
            rp_str back;
            RP_REQUIRE(rp_encode(tokenizer, arena, text, &options, &e) == RP_OK);
            for (size_t t = 0; t < e.length; t++) {
                RP_REQUIRE(e.begin[t] <= e.end[t] && e.end[t] <= text.length);
                RP_REQUIRE(!plain || !rp_token_is_special(tokenizer, e.ids[t]));
                (void)rp_token_text(tokenizer, e.ids[t]);
            }
            RP_REQUIRE(rp_decode(tokenizer, arena, e.ids, e.length, plain, &back) == RP_OK);
            RP_REQUIRE(rp_utf8_valid_prefix(back.data, back.length) == back.length);
        }
    }
    (void)rp_chat_of(tokenizer);
    return 0;
}
