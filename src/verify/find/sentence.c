/* SPDX-License-Identifier: MIT
 *
 * sentence.c — the one value that a sentence commits to. Whether its surroundings take it back is in extract.c.
 *
 * People write "27 apples in total", "$x+1$ for all $x$", "27, which is odd"; they also write "27 squared", "27 or so",
 * "5; 6 is also possible". A sentence is read as
 *
 *     [ therefore | exactly | there are | … ]  value  [ nouns ]  [ in | of | for … ]  [ , which | because | not … ]
 *
 * The value and its nouns are the answer; the nouns are kept, since 27 apples are not 27 oranges. What follows may explain
 * the value but not change it: words that compute on (squared), compare (more than), condition (if, even) or doubt (maybe)
 * and further numbers leave no candidate, so the sentence is no answer. What is an answer, the caller decides.
 */
#include "find/bytes.h"
#include "find/extract.h"
#include "read/numerals.h"
#include "read/prose.h"

#include <string.h>

#define COUNT(list) (sizeof list / sizeof list[0])

/* ---- Pieces of a sentence ---------------------------------------------------------------------------------------- */

static rp_str strip_ends(rp_str s) {
    static const char marks[] = " \n\t\r*_`\"";
    static const char *const ends[] = {
        "$\\blacksquare$", "\\blacksquare", "$\\square$", "\\qed", "\\Box", "∎", "■", "QED", "です",
        "である",          "입니다",        "이다"};
    for (size_t i = 0; i < COUNT(ends); i++) { /* the end of a proof, "it is" behind a value */
        const size_t n = strlen(ends[i]);
        if (s.length > n && rp_text_starts(s, s.length - n, ends[i])) s.length -= n;
    }
    while (s.length && strchr(marks, s.data[0])) s.data++, s.length--;
    while (s.length && (strchr(marks, s.data[s.length - 1]) || strchr(".,;:", s.data[s.length - 1]))) s.length--;
    return s;
}

/* Without the asterisks of emphasis ("**5** or **6**"), which a power written ** does not look like: 2**3. */
static rp_str without_emphasis(rp_arena *arena, rp_str s) {
    size_t at;
    if (!rp_text_find_last(s, s.length, "**", &at)) return strip_ends(s);
    rp_buffer out = rp_buffer_in(arena);
    for (size_t i = 0; i < s.length; i++) {
        const bool stars = rp_text_starts(s, i, "**");
        const bool left = i == 0 || rp_is_space(s.data[i - 1]),
                   right = i + 2 >= s.length || rp_is_space(s.data[i + 2]) || strchr(".,;:!?)(", s.data[i + 2]);
        if (stars && (left != right || (left && right && (i == 0 || i + 2 >= s.length))))
            i++;
        else
            rp_buffer_char(&out, s.data[i]);
    }
    return out.failed ? strip_ends(s) : strip_ends((rp_str){out.data ? out.data : "", out.length});
}

/* Doubt, anywhere in the sentence: the value is left open. */
static bool is_open(rp_str s) {
    static const char *const doubts[] = {"maybe",         "perhaps",        "possibly",     "could be",   "could also",
                                         "might be",      "might also",     "may be",       "may also",   "alternatively",
                                         "also possible", "is possible",    "not sure",     "unsure",     "or else",
                                         "either way",    "something else", "depending on", "vielleicht", "möglicherweise",
                                         "peut-être",     "quizás",         "tal vez",      "forse",      "talvez",
                                         "возможно",      "может быть",     "可能",         "也许",       "或许"};
    size_t at;
    return rp_text_find_any_word(s, doubts, COUNT(doubts), &at);
}

/* "41, oops, 37": what follows the last correction. */
static rp_str after_correction(rp_str s) {
    static const char *const turns[] = {"oops",       "wait",         "i mean",    "sorry",
                                        "correction", "scratch that", "or rather", "no wait"};
    rp_str last = s;
    for (size_t at = 1; at < s.length; at++) {
        size_t before = at;
        while (before > 0 && rp_is_space(s.data[before - 1])) before--;
        if (before == 0 || !strchr(",.;-(", s.data[before - 1])) continue;
        const size_t n = rp_text_any_word_at(s, at, turns, COUNT(turns));
        if (!n) continue;
        size_t next = at + n;
        while (next < s.length && (rp_is_space(s.data[next]) || strchr(",.:;-", s.data[next]))) next++;
        if (next < s.length) last = rp_text_slice(s, next, s.length);
    }
    return last;
}

/* ---- Clauses ----------------------------------------------------------------------------------------------------- */

static bool has_value(rp_str s) {
    rp_str formula;
    for (size_t i = 0; i < s.length; i++)
        if (rp_is_digit(s.data[i])) return true;
    return rp_formula_count(s, &formula) > 0;
}

/* "… or 15": a second value. */
static bool offers_another(rp_str s) {
    static const char *const or_words[] = {"or", "oder", "ou", "o", "или", "或"};
    for (size_t at = 0; at < s.length; at++) {
        const size_t n = rp_text_any_word_at(s, at, or_words, COUNT(or_words));
        const size_t next = rp_text_skip_spaces(s, at + n);
        if (n && next < s.length && (rp_is_digit(s.data[next]) || strchr("$\\-", s.data[next]))) return true;
    }
    return false;
}

/* Words that begin a reason or a remark: what stands before them is the answer. A comma or the like may come first. */
static size_t clause_at(rp_str s, size_t at) {
    static const char *const starters[] = {
        "because", "since",   "which",    "so",     "where", "not",       "rather than", "instead of",
        "i.e.",    "e.g.",    "that is",  "thus",   "hence", "therefore", "and this",    "and we",
        "and so",  "and not", "and that", "and it", "car",   "parce que", "non",         "et non",
        "weil",    "nicht",   "sondern",  "porque", "sino",  "y no",      "e non",       "não"};
    static const char *const remarks[] = {"as desired", "as required", "as claimed",     "as expected",
                                          "as needed",  "as well",     "in total",       "in all",
                                          "altogether", "after",       "as it should be"};
    static const char *const after_a_stop[] = {"as", "it", "and so", "and it", "giving", "а не", "так как", "потому"};
    static const char *const without_value[] = {"the", "this",  "these", "we",  "they", "he",       "she",         "with",
                                                "by",  "using", "in",    "for", "of",   "no other", "and no other"};
    static const char *const unspaced[] = {"，因为", "，不是", "，", "而不是", "因为", "なぜなら", "ではなく"};
    for (size_t i = 0; i < COUNT(unspaced); i++)
        if (rp_text_starts(s, at, unspaced[i])) return at;
    size_t word = at;
    const bool stop = rp_text_starts(s, at, "—") || rp_text_starts(s, at, "–") || strchr(",;(-", s.data[at]);
    if (stop) word += rp_text_starts(s, at, "—") || rp_text_starts(s, at, "–") ? strlen("—") : 1;
    if (!stop && !rp_is_space(s.data[at])) return 0;
    if (s.data[at] == '-' && !(word < s.length && rp_is_space(s.data[word]))) return 0;
    word = rp_text_skip_spaces(s, word);
    if (rp_text_any_word_at(s, word, starters, COUNT(starters))) return at;
    if (rp_text_any_word_at(s, word, remarks, COUNT(remarks)) && !offers_another(rp_text_slice(s, word, s.length)))
        return at;
    if (!stop) return 0;
    if (rp_text_any_word_at(s, word, after_a_stop, COUNT(after_a_stop))) return at;
    const bool remark = rp_text_any_word_at(s, word, without_value, COUNT(without_value)) != 0;
    return remark && !has_value(rp_text_slice(s, word, s.length)) ? at : 0;
}

/* "but": harmless before "not" and where it brings no other value. */
static bool but_at(rp_str s, size_t at, bool *open) {
    const size_t comma = s.data[at] == ',';
    const size_t word = rp_text_skip_spaces(s, at + comma);
    if (word == at || !rp_text_has_word_at(s, word, "but")) return false;
    const rp_str rest = rp_text_slice(s, rp_text_skip_spaces(s, word + 3), s.length);
    if (!rp_text_has_word_at(rest, 0, "not") && has_value(rest)) *open = true;
    return true;
}

/* "(since 2+3=5)" ends the sentence; behind "(not 6) or 7" it goes on. */
static bool bracket_ends_sentence(rp_str s, size_t at) {
    long depth = 0;
    for (; at < s.length; at++) {
        if (s.data[at] == '(') depth++;
        if (s.data[at] == ')' && --depth == 0) break;
    }
    while (++at < s.length)
        if (!rp_is_space(s.data[at]) && !strchr(".,;:!", s.data[at])) return false;
    return true;
}

/* Where the answer ends and its reason or a remark begins; the length when there is none. *open: another value follows. */
static size_t head_length(rp_str s, bool *open) {
    rp_formula_scan scan = {{false}};
    long depth = 0;
    for (size_t at = 0; at < s.length;) {
        size_t mark;
        const size_t behind = rp_formula_end(&scan, s, at, &mark);
        if (behind > at) {
            at = behind;
            continue;
        }
        if (s.data[at] == '{') depth++;
        if (s.data[at] == '}') depth--;
        const size_t bracket = s.data[at] == '('                                                 ? at
                               : s.data[at] == ' ' && at + 1 < s.length && s.data[at + 1] == '(' ? at + 1
                                                                                                 : 0;
        if (at > 0 && depth <= 0 && (but_at(s, at, open) || clause_at(s, at)) &&
            (!bracket || bracket_ends_sentence(s, bracket)))
            return at;
        at += s.data[at] == '\\' && at + 1 < s.length ? 2 : 1;
    }
    return s.length;
}

/* ---- Value and nouns --------------------------------------------------------------------------------------------- */

static size_t word_length(rp_str s, size_t at) {
    size_t end = at;
    while (end < s.length && (rp_is_word_byte(s.data[end]) || (s.data[end] == '\'' && end > at))) end++;
    return end - at;
}

/* "therefore", "there are", "she has": words before a value that leave it as it is. */
static size_t skip_lead(rp_str s) {
    static const char *const leads[] = {
        "therefore",     "thus",       "hence",      "then",          "simply",  "just",     "exactly",
        "precisely",     "definitely", "certainly",  "clearly",       "indeed",  "equal to", "equals",
        "a total of",    "total of",   "given by",   "now",           "in fact", "actually", "only",
        "there are",     "there is",   "there were", "there will be", "she has", "he has",   "they have",
        "we have",       "it has",     "we get",     "i get",         "she had", "he had",   "they had",
        "approximately", "namely",     "so",         "of course",     "indeed",  "again",    "still"};
    size_t at = 0;
    for (;;) {
        while (at < s.length && (rp_is_space(s.data[at]) || s.data[at] == ',' || s.data[at] == ':')) at++;
        const size_t n = rp_text_any_word_at(s, at, leads, COUNT(leads));
        if (!n) return at;
        at += n;
    }
}

/* A number in digits with its sign, currency, separators, fraction bar and percent sign. */
static size_t number_end(rp_str s, size_t at) {
    static const char *const currencies[] = {"\\$", "$", "€", "£", "¥", "₹"};
    const size_t start = at;
    if (at < s.length && (s.data[at] == '-' || s.data[at] == '+')) at++;
    for (size_t i = 0; i < COUNT(currencies); i++)
        if (rp_text_starts(s, at, currencies[i])) {
            at += strlen(currencies[i]);
            break;
        }
    const size_t digits = at;
    while (at < s.length && (rp_is_digit(s.data[at]) || (strchr(".,/", s.data[at]) && at > digits && at + 1 < s.length &&
                                                         rp_is_digit(s.data[at + 1]))))
        at++;
    if (at == digits) return start;
    if (at < s.length && s.data[at] == '%') at++;
    if (rp_text_starts(s, at, "\\%")) at += 2;
    if (rp_text_starts(s, at, "°")) at += strlen("°");
    return at;
}

/* A run of number words: "twenty-seven", "three hundred and six". */
static size_t number_words_end(rp_str s, size_t at) {
    size_t end = at;
    for (;;) {
        const size_t n = word_length(s, at);
        if (n == 0 || !rp_numeral_is_word(rp_text_slice(s, at, at + n))) return end;
        end = at + n;
        at = end;
        if (at < s.length && (s.data[at] == '-' || s.data[at] == ' ')) at++;
        if (rp_text_has_word_at(s, at, "and")) at += 4;
        if (at > s.length) return end;
    }
}

static size_t value_end(rp_str s) {
    rp_formula_scan scan = {{false}};
    size_t mark;
    const size_t formula = rp_formula_end(&scan, s, 0, &mark);
    if (formula > 0) return formula;
    size_t end = number_end(s, 0);
    if (end == 0) end = number_words_end(s, 0);
    /* a letter stuck to the number belongs to it: 5x, 3rd; other scripts' counters do not: 27个 */
    return end < s.length && rp_is_ascii_letter(s.data[end]) ? 0 : end;
}

static bool is_denial(rp_str word) {
    return rp_prose_denies(word) || rp_numeral_is_word(word);
}

/* Everything in `s` is words that neither change the value before them nor bring another. */
static bool is_harmless(rp_str s) {
    static const char *const conditions[] = {"when",     "if",  "even",   "odd",     "otherwise",
                                             "provided", "out", "binary", "hex",     "hexadecimal",
                                             "octal",    "and", "to",     "through", "until"};
    if (s.length > 120) return false;
    rp_formula_scan scan = {{false}};
    for (size_t at = 0; at < s.length;) {
        size_t mark;
        const size_t formula = rp_formula_end(&scan, s, at, &mark);
        if (formula > at) { /* a letter's name is no further value */
            const rp_str inner = rp_text_trim(rp_text_slice(s, at + mark, formula - mark));
            if (inner.length != 1 || rp_is_digit(inner.data[0])) return false;
            at = formula;
            continue;
        }
        const size_t n = word_length(s, at);
        const rp_str word = rp_text_slice(s, at, at + n);
        if (n && (is_denial(word) || rp_text_is_one_of(word, conditions, COUNT(conditions)))) return false;
        if (n == 0 && !rp_is_space(s.data[at]) && !strchr(",.-'\"()", s.data[at])) return false;
        at += n ? n : 1;
    }
    return true;
}

static bool ends_nouns(rp_str word) {
    static const char *const prepositions[] = {
        "in",  "of",    "for",        "on",      "at",   "from", "with",      "by", "among", "during",    "that", "which",
        "who", "total", "altogether", "overall", "left", "each", "remaining", "as", "en",    "insgesamt", "de"};
    return rp_text_is_one_of(word, prepositions, COUNT(prepositions));
}

/* The nouns behind a value, to a preposition: their end. `at` when what stands there is no noun or changes the value. */
static size_t nouns_end(rp_str s, size_t at) {
    static const char *const verbs[] = {"is",   "are",    "was", "were", "will", "would", "can", "could",
                                        "must", "should", "has", "have", "had",  "does",  "do",  "and",
                                        "to",   "out",    "y",   "et",   "und",  "oder",  "ou",  "o"};
    enum { NOUNS_MAX = 5 };
    size_t end = at;
    for (int words = 0; words <= NOUNS_MAX; words++) {
        const size_t begin = rp_text_skip_spaces(s, end), n = word_length(s, begin);
        const rp_str word = rp_text_slice(s, begin, begin + n);
        if (n == 0 || ends_nouns(word)) return end;
        if (is_denial(word) || rp_text_is_one_of(word, verbs, COUNT(verbs)) || words == NOUNS_MAX) return at;
        end = begin + n;
        if (end + 1 < s.length && s.data[end] == '-' && rp_is_word_byte(s.data[end + 1])) end++;
    }
    return end;
}

/* "(9 times 3)" as "= 9 \times 3", so that a wrong sum makes a false equation; empty when it is no sum. */
static rp_str sum_in_brackets(rp_arena *arena, rp_str value, rp_str rest) {
    static const char *const words[][2] = {
        {"times", " \\times "}, {"plus", " + "}, {"minus", " - "}, {"divided by", " / "}};
    rp_buffer out = rp_buffer_in(arena);
    rp_buffer_format(&out, "%.*s = ", (int)value.length, value.data);
    size_t at = 1;
    for (; at < rest.length && rest.data[at] != ')';) {
        size_t n = 1;
        const char *sign = NULL;
        for (size_t i = 0; i < COUNT(words) && !sign; i++)
            if (rp_text_has_word_at(rest, at, words[i][0])) {
                sign = words[i][1];
                n = strlen(words[i][0]);
            }
        if (sign)
            rp_buffer_text(&out, sign);
        else if (rp_is_ascii_letter(rest.data[at]))
            return (rp_str){"", 0};
        else
            rp_buffer_char(&out, rest.data[at]);
        at += n;
    }
    const bool closed = at + 1 == rest.length && rest.data[at] == ')';
    const bool several = memchr(rest.data, ' ', rest.length) != NULL; /* "5 (6)" is no sum */
    return closed && several && !out.failed ? (rp_str){out.data, out.length} : (rp_str){"", 0};
}

/* value nouns remark: the value with its nouns as words. Empty when the sentence is not of that form. */
static rp_str value_and_nouns(rp_arena *arena, rp_str s) {
    const size_t end = value_end(s);
    if (end == 0) return (rp_str){"", 0};
    const rp_str value = rp_text_slice(s, 0, end), rest = rp_text_trim(rp_text_slice(s, end, s.length));
    if (rest.length == 0) return value;
    if (rest.data[0] == '(') return sum_in_brackets(arena, value, rest);
    const size_t nouns = nouns_end(rest, 0);
    const rp_str remark = rp_text_trim(rp_text_slice(rest, nouns, rest.length));
    if (!is_harmless(remark)) return (rp_str){"", 0};
    if (remark.length && nouns == 0 && !ends_nouns(rp_text_slice(remark, 0, word_length(remark, 0))))
        return (rp_str){"", 0};
    if (nouns == 0) return value;
    rp_buffer out = rp_buffer_in(arena);
    rp_buffer_format(&out, "%.*s\\text{ %.*s}", (int)value.length, value.data, (int)nouns, rest.data);
    return out.failed ? (rp_str){"", 0} : (rp_str){out.data, out.length};
}

/* ---- Candidates -------------------------------------------------------------------------------------------------- */

typedef struct candidates {
    rp_arena *arena;
    rp_str *items;
    size_t count;
} candidates;

/* "14 manzanas": words of four letters or more that mathematics does not know are no product of letters. */
static bool has_plain_noun(rp_str s) {
    const size_t begin = rp_text_skip_spaces(s, value_end(s)), n = word_length(s, begin);
    return begin > 0 && n >= 4 && !rp_word_find(rp_text_slice(s, begin, begin + n));
}

static void push(candidates *c, rp_str text) {
    if (c->count < RP_CANDIDATES && !rp_text_is_blank(text)) c->items[c->count++] = text;
}

/* What follows the last verb: "the largest n is 34". */
rp_str rp_sentence_after_verb(rp_str s) {
    static const char *const verbs[] = {" is ",   " are ", " equals ", " be ",    " est ",  " sont ", " ist ",
                                        " sind ", " es ",  " é ",      " è ",     "是",     "为",     "為",
                                        "等于",   "等於",  " равен ",  " равна ", " равно "};
    static const char *const conditions[] = {"if",         "when",    "unless", "not",    "never",  "either",   "neither",
                                             "or",         "cannot",  "isn't",  "nobody", "no one", "whose",    "for which",
                                             "double",     "twice",   "half",   "square", "root",   "negative", "opposite",
                                             "reciprocal", "inverse", "would",  "were"};
    for (size_t i = 0; i < COUNT(verbs); i++) {
        size_t at, word;
        if (rp_text_find_last(s, s.length, verbs[i], &at) &&
            !rp_text_find_any_word(rp_text_slice(s, 0, at), conditions, COUNT(conditions), &word))
            return rp_text_trim(rp_text_slice(s, at + strlen(verbs[i]), s.length));
    }
    return (rp_str){"", 0};
}

/* The only formula, when the words around it are harmless: "it is \(5\) then". */
static rp_str only_formula(rp_arena *arena, rp_str s) {
    rp_str formula = {"", 0};
    if (rp_formula_count(s, &formula) != 1) return (rp_str){"", 0};
    const size_t begin = (size_t)(formula.data - s.data);
    rp_buffer around = rp_buffer_in(arena);
    for (size_t i = 0; i < s.length; i++)
        if ((i < begin || i >= begin + formula.length) && !strchr("$\\[]", s.data[i])) rp_buffer_char(&around, s.data[i]);
    return !around.failed && is_harmless((rp_str){around.data ? around.data : "", around.length}) ? formula
                                                                                                  : (rp_str){"", 0};
}

size_t rp_sentence_candidates(rp_arena *arena, rp_str sentence, rp_str items[RP_CANDIDATES]) {
    enum { SENTENCE_MAX = 4096 };
    candidates c = {arena, items, 0};
    bool open = false;
    if (sentence.length > SENTENCE_MAX) return 0;
    const rp_str whole = after_correction(without_emphasis(arena, sentence));
    if (is_open(whole) || rp_text_starts(whole, 0, "~")) return 0;
    const rp_str head = strip_ends(rp_text_slice(whole, 0, head_length(whole, &open)));
    if (open) return 0;
    const rp_str led = strip_ends(rp_text_slice(head, skip_lead(head), head.length));
    if (has_plain_noun(led)) push(&c, value_and_nouns(arena, led));
    push(&c, head);
    if (led.length < head.length) push(&c, led);
    push(&c, value_and_nouns(arena, led));
    const rp_str tail = strip_ends(rp_sentence_after_verb(led));
    if (tail.length) {
        push(&c, tail);
        push(&c, value_and_nouns(arena, rp_text_slice(tail, skip_lead(tail), tail.length)));
    }
    push(&c, only_formula(arena, led));
    return c.count;
}

rp_str rp_without_text_mode(rp_arena *arena, rp_str s) {
    static const char *const commands[] = {"\\text{", "\\textbf{", "\\textrm{", "\\mathrm{", "\\mbox{"};
    rp_buffer out = rp_buffer_in(arena);
    long depth = 0, opened = -1; /* inside text, closed by the brace of this depth */
    for (size_t at = 0; at < s.length; at++) {
        size_t n = 0;
        for (size_t i = 0; i < COUNT(commands) && n == 0 && opened < 0; i++)
            if (rp_text_starts(s, at, commands[i])) n = strlen(commands[i]);
        if (n) {
            opened = depth++;
            at += n - 1;
            continue;
        }
        if (s.data[at] == '{') depth++;
        if (s.data[at] == '}' && --depth == opened) {
            opened = -1;
            continue;
        }
        rp_buffer_char(&out, s.data[at]);
    }
    return out.failed ? s : (rp_str){out.data ? out.data : "", out.length};
}
