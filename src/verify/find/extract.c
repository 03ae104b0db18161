/* SPDX-License-Identifier: MIT
 *
 * extract.c — what a response thinks aloud, its #### lines and its <answer> tags. Boxes are in box.c, announcements in
 * anchor.c; verify.c has the order in which they count.
 */
#include "find/extract.h"
#include "find/bytes.h"

#include <string.h>

static const char *const rule_sentences[] = {"nothing marks a final answer",
                                             "the last box, or a row of boxes",
                                             "the last line that begins with ####",
                                             "the last <answer>…</answer>",
                                             "what the last announcement (\"the answer is …\") announces",
                                             "the whole response is nothing but an answer",
                                             "option `lenient`: the last formula or number"};
const char *rp_span_rule_sentence(rp_span_rule rule) {
    return rule_sentences[rule];
}

/* ---- Thoughts ---------------------------------------------------------------------------------------------------- */

bool rp_after_thoughts(rp_str response, rp_str *rest) {
    static const char *const marks[][2] = {
        {"<think>", "</think>"},         {"<thinking>", "</thinking>"}, {"<thought>", "</thought>"},
        {"<reasoning>", "</reasoning>"}, {"◁think▷", "◁/think▷"},       {"<|begin_of_thought|>", "<|end_of_thought|>"},
    };
    *rest = response;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t at;
        if (!memchr(rest->data, marks[i][0][0], rest->length)) continue;
        if (rp_text_find_last_folded(*rest, rest->length, marks[i][1], &at))
            *rest = rp_text_slice(*rest, at + strlen(marks[i][1]), rest->length);
        if (rp_text_find_last_folded(*rest, rest->length, marks[i][0], &at)) return false;
    }
    return true;
}

/* ---- Lines and tags ---------------------------------------------------------------------------------------------- */

/* A heading of level four also starts with ####: a line that talks about steps or answers is no answer. */
static bool looks_like_heading(rp_str line) {
    static const char *const words[] = {"step", "answer", "solution", "final", "conclusion"};
    if (line.length == 0 || line.data[line.length - 1] == ':') return true;
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
        if (rp_text_starts_folded(line, 0, words[w])) return true;
    return false;
}

static bool last_hashes(rp_str text, rp_span *span) {
    size_t end = text.length, at;
    while (rp_text_find_last(text, end, "####", &at)) {
        size_t begin = at, stop = at + 4;
        while (begin > 0 && text.data[begin - 1] == '#') begin--;
        while (stop < text.length && text.data[stop] != '\n') stop++;
        const rp_str line = rp_text_trim(rp_text_slice(text, at + 4, stop));
        if (at == begin && !looks_like_heading(line)) {
            *span = (rp_span){line, RP_SPAN_HASHES};
            return true;
        }
        if (begin == 0) break;
        end = begin;
    }
    return false;
}

static bool last_tag(rp_str text, rp_span *span) {
    size_t close, open, end = text.length;
    while (rp_text_find_last_folded(text, end, "</answer>", &close)) {
        if (!rp_text_find_last_folded(text, close, "<answer>", &open)) return false;
        const rp_str inner = rp_text_trim(rp_text_slice(text, open + strlen("<answer>"), close));
        if (!rp_text_is_blank(inner)) {
            *span = (rp_span){inner, RP_SPAN_TAG};
            return true;
        }
        end = open;
    }
    return false;
}

bool rp_last_line_or_tag(rp_str text, rp_span *span) {
    return last_hashes(text, span) || last_tag(text, span);
}
