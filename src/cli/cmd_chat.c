/* SPDX-License-Identifier: MIT
 *
 * cmd_chat.c — `rephrase chat`: talk to a model by hand; the conversation grows until the context is full.
 */
#include "commands.h"
#include "generation.h"

#include <string.h>
#include <unistd.h>

enum { LONGEST = 256 }; /* messages in a conversation */

static rp_status answer(rp_generation *g, rp_arena *arena, rp_chat_message *messages, size_t *count, uint32_t turn) {
    rp_encoding prompt;
    rp_generate_result result;
    RP_TRY(rp_generation_chat(g, arena, messages, *count, &prompt));
    const rp_generate_request request = rp_generation_request(g, &prompt, turn, 0);
    RP_TRY(rp_generation_stream(g, arena, &request, &result));
    printf("\n\n");
    rp_str text;
    RP_TRY(rp_decode(g->tokenizer, arena, result.ids, result.length, true, &text));
    messages[(*count)++] = (rp_chat_message){rp_str_of("assistant"), {text.data, rp_generation_cut(g, text)}};
    return RP_OK;
}

static rp_status converse(rp_generation *g, rp_arena *arena, const char *system) {
    rp_line_reader reader;
    RP_TRY(rp_lines_open("-", &reader));
    rp_chat_message messages[LONGEST];
    size_t count = 0;
    uint32_t turn = 0;
    rp_str line;
    bool end = false;
    rp_status status = RP_OK;
    const bool terminal = isatty(STDIN_FILENO) == 1;
    while (status == RP_OK) {
        if (count == 0 && system) messages[count++] = (rp_chat_message){rp_str_of("system"), rp_str_of(system)};
        if (terminal) {
            printf("> ");
            (void)fflush(stdout);
        }
        status = rp_lines_next(&reader, &line, &end);
        if (status != RP_OK || end) break;
        if (line.length == 0) {
            count = 0;
            continue;
        }
        if (count + 2 > LONGEST) {
            status = rp_fail(RP_ERR_LIMIT, "the conversation has more than %d messages", LONGEST);
            break;
        }
        char *copy = rp_strndup(arena, line.data, line.length);
        if (!copy)
            status = RP_ERR_MEMORY;
        else
            messages[count++] = (rp_chat_message){rp_str_of("user"), {copy, line.length}};
        if (status == RP_OK) status = answer(g, arena, messages, &count, turn++);
    }
    rp_lines_close(&reader);
    return status;
}

typedef struct arguments {
    rp_generation_flags generation;
    const char *system;
} arguments;

static const rp_option options[] = {
    RP_OPTION_TEXT(arguments, system, "system", NULL, "system message; without it the format's own"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const arguments *chosen = call->arguments;
    rp_generation g;
    RP_TRY(rp_generation_open(call->arena, &chosen->generation, &g));
    RP_TRY(rp_generation_needs_chat(&g));
    return converse(&g, call->arena, chosen->system);
}

const rp_command rp_command_chat = {
    .name = "chat",
    .summary = "talk to a model by hand",
    .usage = "rephrase chat --model PATH [--system TEXT] [flags]",
    .about = "Reads one message per line and answers in the model's chat format. An empty line starts a new conversation; "
             "the end of input (Ctrl-D) leaves.",
    .examples = "  rephrase chat --model SmolLM2-135M-Instruct.Q4_1.gguf --temperature 0.7 --top-p 0.9\n",
    .arguments = sizeof(arguments),
    .options = options,
    .shared = rp_generation_options,
    .shared_offset = offsetof(arguments, generation),
    .run = run,
};
