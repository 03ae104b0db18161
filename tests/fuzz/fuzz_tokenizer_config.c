/* SPDX-License-Identifier: MIT
 *
 * Any bytes as the tokenizer_config.json, or where the first byte is no brace as the chat_template.jinja, beside a good
 * tokenizer.json: loading must fail or give a tokenizer whose chat format, if it has one, can write a conversation.
 */
#include "fuzz.h"

#include <rephrase/text.h>

#include <string.h>

/* Four tokens and those of the chat formats: quickly read. */
static void write_tokenizer(const char *folder) {
    static const char text[] =
        "{\"added_tokens\":[{\"id\":4,\"content\":\"<|im_start|>\",\"special\":true},{\"id\":5,\"content\":\"<|im_end|>\","
        "\"special\":true}],\"normalizer\":null,\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"
        "\"trim_offsets\":true,\"use_regex\":true},\"post_processor\":null,\"decoder\":{\"type\":\"ByteLevel\","
        "\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true},\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":"
        "0,"
        "\"b\":1,\"ab\":2,\"\\u0120\":3},\"merges\":[\"a b\"]}}";
    char path[256];
    (void)snprintf(path, sizeof path, "%s/tokenizer.json", folder);
    FILE *out = fopen(path, "w");
    RP_REQUIRE(out && fwrite(text, 1, sizeof text - 1, out) == sizeof text - 1 && fclose(out) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *folders[2];
    static const char *const names[2] = {"tokenizer_config.json", "chat_template.jinja"};
    const char *path = as_file(data, size);
    for (int i = 0; i < 2 && !folders[1]; i++) {
        folders[i] = folder_with_link(names[i], path);
        write_tokenizer(folders[i]);
    }
    const bool template = size > 0 && data[0] != '{';
    rp_arena *arena = fuzz_arena();
    rp_tokenizer *tokenizer;
    if (rp_tokenizer_load(arena, folders[template], &tokenizer) != RP_OK) {
        RP_REQUIRE(rp_arena_used(arena) == 0);
        return 0;
    }
    const int32_t ids = (int32_t)rp_tokenizer_size(tokenizer);
    RP_REQUIRE(rp_tokenizer_bos(tokenizer) < ids && rp_tokenizer_eos(tokenizer) < ids);
    const rp_chat_format *format = rp_chat_of(tokenizer);
    if (!format) return 0;
    const rp_chat_message message = {rp_str_of("user"), rp_str_of("a <|im_end|> b")};
    rp_encoding e;
    if (rp_chat_encode(format, tokenizer, arena, &message, 1, true, &e) == RP_OK)
        for (size_t i = 0; i < e.length; i++) RP_REQUIRE(e.ids[i] >= 0 && e.ids[i] < ids);
    return 0;
}
