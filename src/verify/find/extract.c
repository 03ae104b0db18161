/* SPDX-License-Identifier: MIT
 *
 * extract.c — what a response thinks aloud, its #### lines and its <answer> tags; and whether the words around a box or an
 * announcement take it back. Boxes are in box.c, announcements in anchor.c; verify.c has the order in which they count.
 *
 * Three places speak about an answer: the words before it in its sentence ("it is not true that", "suppose"), the rest of
 * its sentence ("is wrong"), and the next sentence ("Wait, that is wrong."). The lists are short on purpose: they hold what
 * is said about one's own answer, not what is said about mistakes in general.
 */
#include "find/extract.h"
#include "find/bytes.h"

#include <string.h>

#define COUNT(list) (sizeof list / sizeof list[0])

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

/* ---- Before and behind ------------------------------------------------------------------------------------------- */

/* Where the sentence that holds `at` begins, at most `reach` bytes before. */
static size_t sentence_begin(rp_str text, size_t at, size_t reach) {
    const size_t least = at > reach ? at - reach : 0;
    while (at > least && !rp_sentence_ends_at(text, at - 1)) at--;
    return at;
}

/* The word that ends at *end, in the text; *end moves before it and the space and marks before it. Empty at a comma. */
static rp_str word_before(rp_str text, size_t begin, size_t *end) {
    static const char marks[] = "$*_\"(\\[{";
    while (*end > begin && (rp_is_space(text.data[*end - 1]) || strchr(marks, text.data[*end - 1]))) --*end;
    size_t at = *end;
    while (at > begin && (rp_is_word_byte(text.data[at - 1]) || text.data[at - 1] == '\'')) at--;
    const rp_str word = rp_text_slice(text, at, *end);
    *end = at;
    return word;
}

/* "Suppose, for contradiction, that": a sentence that begins so and does not come to a conclusion. */
static bool only_supposes(rp_str s) {
    static const char *const openers[] = {"suppose",   "assume",        "imagine",      "pretend",
                                          "what if",   "let us assume", "let's assume", "let us suppose",
                                          "let's say", "let us say",    "assuming",     "supposing"};
    static const char *const conclusions[] = {"then", "so", "hence", "thus", "therefore", "we get", "we find"};
    size_t at;
    return rp_text_any_word_at(s, 0, openers, COUNT(openers)) &&
           !rp_text_find_any_word(s, conclusions, COUNT(conclusions), &at);
}

/* "I say", "we claim", "no doubt": these words stand by the answer; "some say" and "I doubt" do not. */
static bool speaks_for_it(rp_str word, rp_str text, size_t begin, size_t at) {
    static const char *const owners[] = {"i", "we", "would", "i'd", "can"}, *const denials[] = {"no", "without", "not"};
    const bool says = rp_text_is_folded(word, "say") || rp_text_is_folded(word, "claim");
    if (!says && !rp_text_is_folded(word, "doubt")) return false;
    const rp_str before = word_before(text, begin, &at);
    return says ? rp_text_is_one_of(before, owners, COUNT(owners)) : rp_text_is_one_of(before, denials, COUNT(denials));
}

bool rp_denied_before(rp_str text, size_t at) {
    static const char *const passed_over[] = {
        "the",    "my",    "our",    "your",     "this",      "a",       "an",        "final",  "correct", "right",
        "actual", "true",  "only",   "possible", "numerical", "exact",   "overall",   "would",  "to",      "equal",
        "answer", "value", "result", "it",       "sure",      "certain", "convinced", "likely", "text",    "of"};
    static const char *const statements[] = {"is", "are", "be", "was", "were", "that"};
    static const char *const checks[] = {"verify", "verifying", "check", "checking", "confirm", "recheck", "test"};
    static const char *const denials[] = {
        "if",      "suppose", "supposing", "assume",         "assuming", "imagine",    "pretend",  "whether",  "unless",
        "say",     "says",    "said",      "claim",          "claims",   "claimed",    "doubt",    "doubts",   "doubtful",
        "false",   "wrong",   "untrue",    "incorrect",      "unlikely", "impossible", "not",      "never",    "isn't",
        "aren't",  "wasn't",  "cannot",    "can't",          "couldn't", "shouldn't",  "wouldn't", "don't",    "doesn't",
        "neither", "nor",     "than",      "unlike",         "except",   "maybe",      "perhaps",  "possibly", "could",
        "might",   "may",     "instead",   "hypothetically", "guessing"};
    const size_t begin = sentence_begin(text, at, 160);
    if (only_supposes(rp_text_trim(rp_text_slice(text, begin, at)))) return true;
    bool stated = false, noun = false; /* "verify the answer" checks it, "verify that the answer is" states it */
    for (int words = 0; words < 10; words++) {
        const rp_str word = word_before(text, begin, &at);
        noun = noun || words > 0;
        if (rp_text_is_one_of(word, denials, COUNT(denials))) return !speaks_for_it(word, text, begin, at);
        if (rp_text_is_one_of(word, checks, COUNT(checks))) return noun && !stated;
        const bool states = rp_text_is_one_of(word, statements, COUNT(statements));
        stated = stated || states;
        if (!states && !rp_text_is_one_of(word, passed_over, COUNT(passed_over))) return false;
    }
    return false;
}

/* Behind closing marks of a formula and of emphasis. */
static size_t skip_closing(rp_str text, size_t at) {
    for (;;) {
        if (at < text.length && (rp_is_space(text.data[at]) || strchr("$*}\"", text.data[at])))
            at++;
        else if (rp_text_starts(text, at, "\\)") || rp_text_starts(text, at, "\\]"))
            at += 2;
        else
            return at;
    }
}

bool rp_denied_behind(rp_str text, size_t at) {
    static const char *const phrases[] = {"is wrong",
                                          "is incorrect",
                                          "is not",
                                          "is false",
                                          "isn't",
                                          "is impossible",
                                          "is invalid",
                                          "is a trap",
                                          "is what a",
                                          "is the wrong",
                                          "is an incorrect",
                                          "is a mistake",
                                          "was wrong",
                                          "was incorrect",
                                          "was a mistake",
                                          "cannot be",
                                          "can't be",
                                          "would be wrong",
                                          "would be incorrect",
                                          "which is wrong",
                                          "which is incorrect",
                                          "which is not",
                                          "(wrong",
                                          "(incorrect",
                                          "? no",
                                          "- no,",
                                          "— no,",
                                          ", no,",
                                          "is too"};
    at = skip_closing(text, at);
    return at < text.length && rp_text_any_word_at(text, at, phrases, COUNT(phrases)) != 0;
}

/* "Or 6.", "Or maybe it is 6.": the value is one of several. */
static bool offers_another(rp_str text, size_t at) {
    static const char *const doubts[] = {"or maybe", "or perhaps", "or possibly"};
    if (rp_text_any_word_at(text, at, doubts, COUNT(doubts))) return true;
    if (!rp_text_has_word_at(text, at, "or") || at + 3 >= text.length) return false;
    return rp_is_digit(text.data[at + 3]) || text.data[at + 3] == '$' || text.data[at + 3] == '\\';
}

bool rp_withdrawn_behind(rp_str text, size_t at) {
    static const char *const openers[] = {
        "wait", "no", "hmm", "oops", "sorry", "actually", "but", "however", "hold on", "on reflection", "on second thought",
        "ah",   "oh"};
    static const char *const phrases[] = {"scratch that",
                                          "never mind",
                                          "i made a mistake",
                                          "i made an error",
                                          "i was wrong",
                                          "i take that back",
                                          "i misread",
                                          "i miscalculated",
                                          "that is wrong",
                                          "that's wrong",
                                          "this is wrong",
                                          "it is wrong",
                                          "that was wrong",
                                          "that is incorrect",
                                          "that's incorrect",
                                          "this is incorrect",
                                          "that can't be right",
                                          "that cannot be right",
                                          "this can't be right",
                                          "this cannot be right",
                                          "that is not right",
                                          "that's not right",
                                          "that isn't right",
                                          "this is not right",
                                          "this isn't right",
                                          "that is not correct",
                                          "that's not correct",
                                          "this is not correct",
                                          "this isn't correct",
                                          "that isn't correct",
                                          "this answer is wrong",
                                          "this answer is incorrect",
                                          "my answer is wrong",
                                          "the above is wrong",
                                          "there is a mistake",
                                          "there's a mistake",
                                          "there is an error",
                                          "that's a mistake",
                                          "that is a mistake"};
    at = skip_closing(text, at);
    while (at < text.length && (rp_is_space(text.data[at]) || strchr(".!,;?-", text.data[at]))) at++;
    for (int words = 0; words < 4; words++) {
        const size_t n = rp_text_any_word_at(text, at, openers, COUNT(openers));
        if (!n || at + n >= text.length || (!strchr(",.!;:-", text.data[at + n]) && !rp_is_space(text.data[at + n]))) break;
        at += n;
        while (at < text.length && (rp_is_space(text.data[at]) || strchr(".,!;:-", text.data[at]))) at++;
    }
    return rp_text_any_word_at(text, at, phrases, COUNT(phrases)) != 0 || offers_another(text, at);
}
