/* SPDX-License-Identifier: MIT
 *
 * anchor.c — "the answer is …": announcements in prose, one table row per language.
 *
 * An announcement is a noun (answer, réponse, 答案), a few words at most, and a connector (is, est, 是, a colon). What
 * follows in the same sentence is the answer; sentence.c finds the value in it. A negation between noun and answer voids it,
 * unless the sentence goes on "but 4" or "it is 4"; so do words before the noun that only suppose it ("if the answer is 5")
 * or check it. Later announcements beat earlier ones.
 */
#include "find/bytes.h"
#include "find/extract.h"

#include <string.h>

enum { NOUNS = 8, CONNECTORS = 10, NEGATIONS = 6, GAP_MAX = 48 };

typedef struct language {
    const char *name;
    const char *nouns[NOUNS]; /* ASCII letters in lower case */
    const char *connectors[CONNECTORS];
    const char *negations[NEGATIONS];
    bool direct; /* the answer may follow the noun at once */
} language;

static const language languages[] = {
    {"English",
     {"answers", "answer", "ans", "correct option", "correct choice", "final result"},
     {"is", "are", "would be", "will be", "must be", "should be", "equals", "isn't", "="},
     {"not", "n't", "never", "cannot", "isn", "no longer"},
     false},
    {"English, short", {"ans."}, {NULL}, {"not", "n't", "never", "cannot"}, true},
    {"French", {"réponse", "reponse"}, {"est", "sont", "=", "vaut"}, {"pas", "n'est", "n’est"}, false},
    {"German", {"antworten", "antwort"}, {"ist", "lautet", "sind", "="}, {"nicht", "kein"}, false},
    {"Spanish", {"respuesta"}, {"es", "son", "="}, {"no "}, false},
    {"Portuguese", {"resposta"}, {"é", "são", "="}, {"não"}, false},
    {"Italian", {"risposta"}, {"è", "sono", "="}, {"non "}, false},
    {"Dutch", {"antwoord"}, {"is", "luidt", "="}, {"niet"}, false},
    {"Polish", {"odpowiedź", "odpowiedz"}, {"to", "jest", "="}, {"nie "}, false},
    {"Turkish", {"cevap", "yanıt"}, {"="}, {"değil"}, false},
    {"Vietnamese", {"đáp án", "Đáp án", "đáp số", "Đáp số", "câu trả lời"}, {"là", "="}, {"không"}, false},
    {"Indonesian", {"jawabannya", "jawaban"}, {"adalah", "="}, {"bukan"}, false},
    {"Russian", {"ответ", "Ответ"}, {"равен", "это", "—", "="}, {"не "}, false},
    {"Ukrainian", {"відповідь", "Відповідь"}, {"дорівнює", "це", "—", "="}, {"не "}, false},
    {"Chinese", {"答案", "答"}, {"是", "为", "為", "等于", "选", "選", "="}, {"不", "非", "可能", "也许", "或许"}, false},
    {"Chinese, choices",
     {"故选", "应选", "所以选", "因此选", "故選", "【答案】", "正确选项是"},
     {NULL},
     {"不", "非"},
     true},
    {"Japanese", {"答え", "解答", "答"}, {"は", "="}, {"ではな", "でない"}, false},
    {"Korean", {"정답", "답"}, {"은", "는", "="}, {"아니"}, false},
    {"Arabic", {"الإجابة", "الجواب"}, {"هي", "هو", "="}, {"ليس"}, false},
    {"Hindi", {"उत्तर"}, {"है", "="}, {"नहीं"}, false},
    {"Bengali", {"উত্তর"}, {"হল", "="}, {"নয়"}, false},
    {"Thai", {"คำตอบ"}, {"คือ", "="}, {"ไม่"}, false},
    {"Swedish, Danish", {"svaret", "svar"}, {"är", "er", "="}, {"inte", "ikke"}, false},
    {"Czech", {"odpověď", "Odpověď"}, {"je", "="}, {"není"}, false},
    {"Romanian", {"răspunsul", "răspuns"}, {"este", "="}, {"nu "}, false},
    {"Finnish", {"vastaus"}, {"on", "="}, {"ei "}, false},
    {"Greek", {"απάντηση", "Απάντηση"}, {"είναι", "="}, {"δεν"}, false},
    {"Hebrew", {"התשובה", "תשובה"}, {"היא", "="}, {"לא"}, false},
    {"Persian", {"پاسخ", "جواب"}, {"="}, {"نیست"}, false},
};
enum { LANGUAGES = sizeof languages / sizeof languages[0] }; /* bits of a uint32_t: at most 32 */

/* Length of the first of the words that stands at `at`; words of ASCII letters must not run on into another letter. */
static size_t any_of(rp_str text, size_t at, const char *const *words, size_t count) {
    if (at >= text.length) return 0;
    const char small = rp_lower(text.data[at]);
    for (size_t i = 0; i < count && words[i]; i++) {
        if (words[i][0] != small) continue;
        const size_t n = strlen(words[i]);
        if (!rp_text_starts_folded(text, at, words[i])) continue;
        const bool ascii_word = rp_is_ascii_letter(words[i][n - 1]);
        if (!ascii_word || at + n >= text.length || !rp_is_word_byte(text.data[at + n])) return n;
    }
    return 0;
}

static bool contains_any(rp_str text, const char *const *words, size_t count) {
    for (size_t at = 0; at < text.length; at++)
        for (size_t i = 0; i < count && words[i]; i++)
            if (rp_text_starts_folded(text, at, words[i])) return true;
    return false;
}

/* ---- From the noun to the answer --------------------------------------------------------------------------------- */

/* Length of a colon in one of its forms at `at`. */
static size_t colon_at(rp_str text, size_t at) {
    if (at < text.length && text.data[at] == ':') return 1;
    return rp_text_starts(text, at, "：") ? strlen("：") : 0;
}

static size_t skip_marks(rp_str text, size_t at) {
    for (;;) {
        if (at < text.length && (rp_is_space(text.data[at]) || text.data[at] == '*'))
            at++;
        else if (colon_at(text, at))
            at += colon_at(text, at);
        else
            return at;
    }
}

/* "The answer 5 would be wrong", "answer A is wrong", "the answer that most give is": these talk about an answer. */
static bool talks_about_an_answer(rp_str gap) {
    static const char *const relatives[] = {"that", "which"};
    gap = rp_text_trim(gap);
    if (gap.length == 0) return false;
    if (rp_is_digit(gap.data[0]) || gap.data[0] == '-') return true;
    return gap.length == 1 ? rp_is_ascii_letter(gap.data[0]) : rp_text_any_word_at(gap, 0, relatives, 2) != 0;
}

/* From behind the noun to behind the connector; 0 when the sentence goes another way. *voided: a negation stands between. */
static size_t find_connector(rp_str text, size_t noun_end, const language *l, bool *voided) {
    size_t at = noun_end;
    *voided = false;
    while (at < text.length && at - noun_end < GAP_MAX) {
        size_t n = colon_at(text, at);
        const bool word_begins =
            at == noun_end || !rp_is_word_byte(text.data[at - 1]) || (unsigned char)text.data[at] >= 0x80;
        if (n == 0 && word_begins) n = any_of(text, at, l->connectors, CONNECTORS);
        if (n != 0) {
            const rp_str gap = rp_text_slice(text, noun_end, at);
            if (talks_about_an_answer(gap)) return 0;
            at += n;
            *voided = contains_any(rp_text_slice(text, noun_end, at), l->negations, NEGATIONS);
            while (at < text.length && (rp_is_space(text.data[at]) || text.data[at] == '*')) at++;
            return colon_at(text, at) ? at + colon_at(text, at) : at;
        }
        if (l->direct) return skip_marks(text, at);
        if (rp_text_starts(text, at, "】")) return 0; /* "【答案】" has a row of its own, "【解答】" begins the solution */
        if (text.data[at] == '\n') return at;         /* "Answer", and the answer on the next line */
        if (strchr(".!?;()[]{}$\\", text.data[at])) return 0;
        at++;
    }
    return 0;
}

/* ---- The rest of the sentence ------------------------------------------------------------------------------------ */

/* "</answer>", "<|im_end|>", "<br>": a tag ends the sentence, "33 < x" does not. */
static bool is_tag(rp_str text, size_t at) {
    if (text.data[at] != '<' || at + 1 >= text.length) return false;
    if (text.data[at + 1] == '/' || text.data[at + 1] == '|') return true;
    size_t end = at + 1;
    while (end < text.length && end < at + 24 && rp_is_ascii_letter(text.data[end])) end++;
    return end > at + 1 && end < text.length && text.data[end] == '>';
}

/* \begin opens an environment (+1), \end closes one (-1). */
static int environment_step(rp_str text, size_t at) {
    const rp_str rest = {text.data + at, text.length - at};
    if (rest.length >= 7 && memcmp(rest.data, "\\begin{", 7) == 0) return 1;
    return rest.length >= 5 && memcmp(rest.data, "\\end{", 5) == 0 ? -1 : 0;
}

/* To the end of the sentence that begins at `begin`: over formulas, and not inside braces or environments. */
static size_t sentence_end(rp_str text, size_t begin) {
    enum { SENTENCE_MAX = 4096 };
    if (text.length - begin > SENTENCE_MAX) text.length = begin + SENTENCE_MAX;
    rp_formula_scan scan = {{false}};
    size_t at = begin;
    long depth = 0, environments = 0;
    while (at < text.length) {
        size_t mark;
        const size_t behind = rp_formula_end(&scan, text, at, &mark);
        if (behind > at) {
            at = behind;
            continue;
        }
        const char c = text.data[at];
        if (c == '{') depth++;
        if (c == '}') depth--;
        environments += environment_step(text, at);
        if (depth <= 0 && environments <= 0 && (rp_sentence_ends_at(text, at) || is_tag(text, at))) break;
        at += c == '\\' && at + 1 < text.length ? 2 : 1;
    }
    return at < text.length ? at : text.length;
}

/* "41 but 37", "41, it is 37": where the answer begins that stands in for a denied one; 0 when there is none. */
static size_t replacement(rp_str text, size_t begin, size_t end) {
    enum { REACH = 200 };
    static const char *const turns[] = {"but rather", "but instead", "but",     "it is actually", "it is", "it's",
                                        "rather",     "instead",     "sondern", "mais",           "sino",  "而是"};
    for (size_t at = begin; at < end && at < begin + REACH; at++) {
        const size_t n = rp_text_any_word_at(text, at, turns, sizeof turns / sizeof turns[0]);
        if (n) return skip_marks(text, at + n);
    }
    return 0;
}

/* "The answer is correct" announces nothing; "the answer is wrong" takes everything back. */
typedef enum remark { NO_REMARK, ASSURES, TAKES_BACK } remark;

static remark remark_at(rp_str text, size_t at) {
    static const char *const good[] = {"correct",    "right",   "reasonable",  "verified", "confirmed",
                                       "consistent", "valid",   "plausible",   "obtained", "computed",
                                       "found",      "checked", "in the form", "clear"};
    static const char *const bad[] = {"wrong", "incorrect", "false", "invalid", "mistaken"};
    if (rp_text_any_word_at(text, at, good, sizeof good / sizeof good[0])) return ASSURES;
    return rp_text_any_word_at(text, at, bad, sizeof bad / sizeof bad[0]) ? TAKES_BACK : NO_REMARK;
}

/* ---- The last announcement --------------------------------------------------------------------------------------- */

static bool announces(rp_str text, size_t at, size_t noun_end, const language *l, rp_announcement *found) {
    bool voided;
    size_t begin = find_connector(text, noun_end, l, &voided);
    if (!begin) return false;
    const size_t value = skip_marks(text, begin);
    const remark what = remark_at(text, value);
    voided = voided || any_of(text, value, l->negations, NEGATIONS);
    if (rp_denied_before(text, at)) return false;
    if ((what == ASSURES && !voided) || (what == TAKES_BACK && voided)) return false;
    const size_t end = sentence_end(text, value);
    if (what != NO_REMARK) { /* "is wrong", "is not correct" */
        *found = (rp_announcement){{"", 0}, at, end};
        return true;
    }
    if (end < text.length && text.data[end] == '?') return false; /* asked, not said */
    if (voided) begin = replacement(text, value, end);
    if (!begin) return false;
    begin = skip_marks(text, begin);
    *found = (rp_announcement){rp_text_slice(text, begin, end > begin ? end : begin), at, end};
    return !rp_text_is_blank(found->sentence);
}

/* *left counts the nouns that may still be looked behind: a megabyte of "answer" is not read language by language. */
static bool announcement_at(rp_str text, size_t at, uint32_t candidates, long *left, rp_announcement *found) {
    for (size_t l = 0; l < LANGUAGES; l++) {
        if (!((candidates >> l) & 1u)) continue;
        const size_t noun = any_of(text, at, languages[l].nouns, NOUNS);
        if (!noun) continue;
        if (--*left < 0) return false;
        if (announces(text, at, at + noun, &languages[l], found)) return true;
    }
    return false;
}

/* For each byte the languages, as bits, that have a noun beginning with it, in both cases: most positions are passed over by
 * one look-up. */
static void first_bytes(uint32_t first[256]) {
    memset(first, 0, 256 * sizeof *first);
    for (size_t l = 0; l < LANGUAGES; l++)
        for (size_t i = 0; i < NOUNS && languages[l].nouns[i]; i++) {
            const unsigned char c = (unsigned char)languages[l].nouns[i][0];
            first[c] |= 1u << l;
            if (c >= 'a' && c <= 'z') first[c - 'a' + 'A'] |= 1u << l;
        }
}

bool rp_anchor_find(rp_str text, size_t *before, rp_announcement *found) {
    enum { LOOKED_BEHIND = 512 };
    uint32_t first[256];
    long left = LOOKED_BEHIND;
    first_bytes(first);
    for (size_t at = *before; at-- > 0 && left > 0;) {
        const uint32_t candidates = first[(unsigned char)text.data[at]];
        if (!candidates) continue;
        if (at > 0 && (unsigned char)text.data[at] < 0x80 && rp_is_word_byte(text.data[at - 1])) continue;
        if (!announcement_at(rp_text_slice(text, 0, *before), at, candidates, &left, found)) continue;
        *before = at;
        return true;
    }
    return false;
}
