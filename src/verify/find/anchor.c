/* SPDX-License-Identifier: MIT
 *
 * anchor.c — "the answer is …": announcements in prose, one table row per language; and the lenient last resort.
 *
 * An announcement is a noun (answer, réponse, 答案), a few words at most, and a connector (is, est, 是, a colon). What
 * follows in the same sentence is the answer. A negation between noun and answer voids it: "the answer is not 3, it is 4"
 * must not score for 3. Later announcements beat earlier ones.
 */
#include "find/extract.h"
#include "find/bytes.h"

#include <string.h>

enum { NOUNS = 6, CONNECTORS = 8, NEGATIONS = 6, GAP_MAX = 48 };

typedef struct language {
    const char *name;
    const char *nouns[NOUNS]; /* ASCII letters in lower case */
    const char *connectors[CONNECTORS];
    const char *negations[NEGATIONS];
} language;

static const language languages[] = {
    {"English",
     {"answers", "answer", "correct option", "correct choice"},
     {"is", "are", "would be", "will be", "must be", "should be", "="},
     {"not", "n't", "never", "cannot", "isn"}},
    {"French", {"réponse", "reponse"}, {"est", "sont", "=", "vaut"}, {"pas", "n'est", "n’est"}},
    {"German", {"antworten", "antwort"}, {"ist", "lautet", "sind", "="}, {"nicht", "kein"}},
    {"Spanish", {"respuesta"}, {"es", "son", "="}, {"no "}},
    {"Portuguese", {"resposta"}, {"é", "são", "="}, {"não"}},
    {"Italian", {"risposta"}, {"è", "sono", "="}, {"non "}},
    {"Dutch", {"antwoord"}, {"is", "luidt", "="}, {"niet"}},
    {"Polish", {"odpowiedź", "odpowiedz"}, {"to", "jest", "="}, {"nie "}},
    {"Turkish", {"cevap", "yanıt"}, {"="}, {"değil"}},
    {"Vietnamese", {"đáp án", "Đáp án", "đáp số", "Đáp số", "câu trả lời"}, {"là", "="}, {"không"}},
    {"Indonesian", {"jawabannya", "jawaban"}, {"adalah", "="}, {"bukan"}},
    {"Russian", {"ответ", "Ответ"}, {"равен", "это", "—", "="}, {"не "}},
    {"Ukrainian", {"відповідь", "Відповідь"}, {"дорівнює", "це", "—", "="}, {"не "}},
    {"Chinese", {"答案", "答"}, {"是", "为", "為", "等于", "="}, {"不", "非"}},
    {"Japanese", {"答え", "解答", "答"}, {"は", "="}, {"ではな", "でない"}},
    {"Korean", {"정답", "답"}, {"은", "는", "="}, {"아니"}},
    {"Arabic", {"الإجابة", "الجواب"}, {"هي", "هو", "="}, {"ليس"}},
    {"Hindi", {"उत्तर"}, {"है", "="}, {"नहीं"}},
    {"Bengali", {"উত্তর"}, {"হল", "="}, {"নয়"}},
    {"Thai", {"คำตอบ"}, {"คือ", "="}, {"ไม่"}},
};
enum { LANGUAGES = sizeof languages / sizeof languages[0] };

/* Length of the first of the words that stands at `at`; words of ASCII letters must not run on into another letter. */
static size_t any_of(rp_str text, size_t at, const char *const *words, size_t count) {
    if (at >= text.length) return 0;
    const char c = text.data[at], small = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    for (size_t i = 0; i < count && words[i]; i++) {
        if (words[i][0] != small) continue;
        const size_t n = strlen(words[i]);
        if (!rp_text_starts_folded(text, at, words[i])) continue;
        const bool ascii_word = (unsigned char)words[i][n - 1] < 0x80 && rp_is_word_byte(words[i][n - 1]);
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

/* Length of a colon in one of its forms at `at`. */
static size_t colon_at(rp_str text, size_t at) {
    if (at < text.length && text.data[at] == ':') return 1;
    return rp_text_starts(text, at, "：") ? strlen("：") : 0;
}

/* From behind the noun to behind the connector; 0 when the sentence goes another way. *voided: a negation stands between.
 */
static size_t find_connector(rp_str text, size_t noun_end, const language *l, bool *voided) {
    size_t at = noun_end;
    *voided = false;
    while (at < text.length && at - noun_end < GAP_MAX) {
        size_t n = colon_at(text, at);
        const bool word_begins =
            at == noun_end || !rp_is_word_byte(text.data[at - 1]) || (unsigned char)text.data[at] >= 0x80;
        if (n == 0 && word_begins) n = any_of(text, at, l->connectors, CONNECTORS);
        if (n != 0) {
            *voided = contains_any(rp_text_slice(text, noun_end, at), l->negations, NEGATIONS);
            at += n;
            while (at < text.length && (rp_is_space(text.data[at]) || text.data[at] == '*')) at++;
            return colon_at(text, at) ? at + colon_at(text, at) : at;
        }
        if (text.data[at] == '\n') return at; /* "Answer", and the answer on the next line */
        if (strchr(".!?;()[]{}$\\", text.data[at])) return 0;
        at++;
    }
    return 0;
}

/* ---- The rest of the sentence ------------------------------------------------------------------------------------ */

enum { SENTENCE_MAX = 4096 };

/* Words that end the answer and begin its reason. */
static bool ends_clause(rp_str text, size_t at) {
    static const char *const words[] = {
        ", because", " because",    ", since",  " since", ", which",       ", so",         ", as ",   ", where",
        ", it",      ", not",       ", but",    " but ",  " rather than ", " instead of ", "，因为",  "，",
        " car ",     " parce que ", " non ",    ", non",  " et non ",      " weil ",       ", weil",  ", nicht",
        ", sondern", " porque ",    ", porque", " sino ", " y no ",        ", não",        " e non ", ", а не ",
        ", так как", " потому что", "而不是",   "，不是", "因为",          "なぜなら",     "ではなく"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (rp_text_starts_folded(text, at, words[i])) return true;
    return false;
}

static size_t skip_marks(rp_str text, size_t at) {
    while (at < text.length && (rp_is_space(text.data[at]) || text.data[at] == '*' || text.data[at] == ':')) at++;
    return at;
}

static rp_str strip_marks(rp_str s) {
    static const char marks[] = " \n\t\r*_`\"";
    while (s.length && strchr(marks, s.data[0])) s.data++, s.length--;
    while (s.length && (strchr(marks, s.data[s.length - 1]) || strchr(".,;:", s.data[s.length - 1]))) s.length--;
    return s;
}

static rp_str rest_of_sentence(rp_str text, size_t begin) {
    static const char bold[] = "**";
    while (begin < text.length && (rp_is_space(text.data[begin]) || text.data[begin] == ':')) begin++;
    const bool opened = begin >= 2 && rp_text_starts(text, begin - 2, bold); /* the connector's end took it */
    if (opened || rp_text_starts(text, begin, bold)) {
        for (size_t i = begin + (opened ? 1 : 3); i < text.length && text.data[i - 1] != '\n'; i++)
            if (rp_text_starts(text, i, bold)) return strip_marks(rp_text_slice(text, begin, i));
        if (!opened) begin += 2;
        while (begin < text.length && rp_is_space(text.data[begin])) begin++;
    }
    if (text.length - begin > SENTENCE_MAX) text.length = begin + SENTENCE_MAX;
    rp_formula_scan scan = {{false}};
    size_t at = begin;
    long depth = 0;
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
        if (depth <= 0 && (rp_sentence_ends_at(text, at) || ends_clause(text, at) || c == '<')) break;
        at += c == '\\' && at + 1 < text.length ? 2 : 1;
    }
    return strip_marks(rp_text_slice(text, begin, at < text.length ? at : text.length));
}

/* ---- The last announcement --------------------------------------------------------------------------------------- */

/* *left counts the nouns that may still be looked behind: a megabyte of "answer" is not read language by language. */
static bool announcement_at(rp_str text, size_t at, uint32_t candidates, long *left, rp_str *sentence) {
    for (size_t l = 0; l < LANGUAGES; l++) {
        if (!((candidates >> l) & 1u)) continue;
        const size_t noun = any_of(text, at, languages[l].nouns, NOUNS);
        if (!noun) continue;
        if (--*left < 0) return false;
        bool voided;
        const size_t behind = find_connector(text, at + noun, &languages[l], &voided);
        if (!behind || voided) continue;
        if (any_of(text, skip_marks(text, behind), languages[l].negations, NEGATIONS)) continue;
        *sentence = rest_of_sentence(text, behind);
        if (!rp_text_is_blank(*sentence)) return true;
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

bool rp_anchor_find(rp_str text, size_t *before, rp_str *sentence) {
    enum { LOOKED_BEHIND = 4096 };
    uint32_t first[256];
    long left = LOOKED_BEHIND;
    first_bytes(first);
    for (size_t at = *before; at-- > 0 && left > 0;) {
        const uint32_t candidates = first[(unsigned char)text.data[at]];
        if (!candidates) continue;
        if (at > 0 && (unsigned char)text.data[at] < 0x80 && rp_is_word_byte(text.data[at - 1])) continue;
        if (!announcement_at(rp_text_slice(text, 0, *before), at, candidates, &left, sentence)) continue;
        *before = at;
        return true;
    }
    return false;
}

bool rp_final_anchor_behind(rp_str response, rp_str box, rp_str *sentence) {
    static const char final_word[] = "final ";
    if (box.data < response.data || box.data + box.length > response.data + response.length)
        return false; /* several boxes, joined */
    const rp_str tail = {box.data + box.length, (size_t)(response.data + response.length - box.data) - box.length};
    size_t at = tail.length;
    if (!memchr(tail.data, 'n', tail.length) || !rp_anchor_find(tail, &at, sentence)) return false;
    const size_t n = sizeof final_word - 1;
    return at >= n && rp_text_starts_folded(tail, at - n, final_word);
}

/* ---- Lenient ----------------------------------------------------------------------------------------------------- */

/* The run of digits that ends here with what belongs to a number: sign, separators, point, a fraction bar, a percent sign. */
static bool number_ending_at(rp_str text, size_t end, rp_str *number) {
    size_t begin = end;
    while (begin > 0) {
        const char c = text.data[begin - 1];
        const bool inside = begin > 1 && rp_is_digit(text.data[begin - 2]);
        if (rp_is_digit(c) || (c == '.' && begin < end) || ((c == ',' || c == '/') && inside))
            begin--;
        else
            break;
    }
    if (begin > 0 && text.data[begin - 1] == '-') begin--;
    if (end < text.length && text.data[end] == '%') end++;
    *number = rp_text_slice(text, begin, end);
    return true;
}

static bool last_number(rp_str text, rp_str *number) {
    size_t end = text.length;
    while (end > 0 && !rp_is_digit(text.data[end - 1])) end--;
    return end > 0 && number_ending_at(text, end, number);
}

bool rp_first_number(rp_str text, rp_str *number) {
    size_t at = 0;
    while (at < text.length && !rp_is_digit(text.data[at])) at++;
    if (at == text.length) return false;
    while (at < text.length && (rp_is_digit(text.data[at]) ||
                                (strchr(".,/", text.data[at]) && at + 1 < text.length && rp_is_digit(text.data[at + 1]))))
        at++;
    return number_ending_at(text, at, number);
}

bool rp_only_formula(rp_str text, rp_str *inner) {
    return rp_formula_count(text, inner) == 1;
}

/* The last capital letter that stands alone and is no article: "I think it's B". */
static bool last_choice(rp_str text, rp_str *letter) {
    for (size_t at = text.length; at-- > 0;) {
        const char c = text.data[at];
        const bool alone =
            (at == 0 || !(rp_is_word_byte(text.data[at - 1]) || rp_is_digit(text.data[at - 1]))) &&
            (at + 1 == text.length || !(rp_is_word_byte(text.data[at + 1]) || rp_is_digit(text.data[at + 1])));
        if (c < 'A' || c > 'H' || !alone) continue;
        if (c == 'A' && at + 2 < text.length && text.data[at + 1] == ' ' && rp_is_word_byte(text.data[at + 2])) continue;
        *letter = rp_text_slice(text, at, at + 1);
        return true;
    }
    return false;
}

/* "= 15" with nothing behind it but the end of the text. */
static bool last_equation(rp_str text, rp_str *right) {
    size_t at;
    if (!rp_text_find_last(text, text.length, "=", &at)) return false;
    *right = rest_of_sentence(text, at + 1);
    if (rp_text_is_blank(*right) || right->length > 64) return false;
    const size_t end = (size_t)(right->data - text.data) + right->length;
    return rp_text_trim(rp_text_slice(text, end, text.length)).length <= 2;
}

rp_span rp_extract_lenient(rp_str response, bool want_letter, bool formulas) {
    rp_span span = {{NULL, 0}, RP_SPAN_LENIENT};
    rp_str formula, number;
    if (want_letter && last_choice(response, &span.text)) return span;
    const bool has_formula = formulas && rp_formula_count(response, &formula) > 0,
               has_number = last_number(response, &number);
    if (!has_formula && last_equation(response, &span.text)) return span;
    if (!has_formula && !has_number)
        span.rule = RP_SPAN_NONE;
    else
        span.text =
            has_formula && (!has_number || number.data < formula.data + formula.length) ? formula : number; /* the later */
    return span;
}
