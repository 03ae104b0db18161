/* SPDX-License-Identifier: MIT
 *
 * answer.c — whole answers: lists of items, relations, sets, ratios, quantities with units, words.
 */
#include "parse/parse.h"
#include "read/numerals.h"
#include "read/prose.h"

#include <string.h>

/* ---- Units ------------------------------------------------------------------------------------------------------- */

/* A token of this kind stands behind `t` without a space, in the same stretch of text. */
static bool goes_on_tight(const rp_token *t, rp_token_kind kind) {
    return t[1].kind == kind && !(t[1].flags & (TF_SPACE | TF_COMMAND)) && t[1].text.data == t->text.data + t->text.length;
}

static bool is_unit_token(const rp_token *t, bool in_phrase) {
    if (t->kind == T_WORD) return true;
    if (in_phrase && t->kind == T_LETTER &&
        (goes_on_tight(t, T_LETTER) || (goes_on_tight(t, T_MINUS) && goes_on_tight(t + 1, T_WORD))))
        return true; /* packs of gum, t-shirts */
    if (t->kind == T_FUNCTION && !(t->flags & TF_COMMAND)) return rp_token_is_text(t, "min");
    return t->kind == T_LETTER && ((t->flags & TF_TEXT) || (in_phrase && rp_unit_is_letter(t->text)));
}

/* "^2", "^{-1}" behind a unit; 1 when there is none. */
static int unit_power(rp_parser *p) {
    const rp_token *t = rp_peek(p);
    if (t->kind != T_CARET) return 1;
    const bool braced = t[1].kind == T_OPEN && t[1].op == '{';
    size_t at = braced ? 2 : 1;
    const bool negative = t[at].kind == T_MINUS;
    at += negative;
    if (!rp_token_is_integer(&t[at]) || t[at].text.length != 1) return 0;
    const int power = t[at].text.data[0] - '0';
    if (braced && t[at + 1].kind != T_CLOSE) return 0;
    p->at += at + 1 + braced;
    return negative ? -power : power;
}

/* "push-ups", "t-shirts": words with hyphens between them, as one; *used counts the tokens. Units on both sides of a hyphen
 * are a product: N-m. */
static rp_str unit_word(const rp_token *t, size_t *used) {
    size_t last = 0;
    for (;;) {
        while (t->kind == T_LETTER && goes_on_tight(&t[last], T_LETTER)) last++; /* "gum" was three letters to the lexer */
        if (!goes_on_tight(&t[last], T_MINUS)) break;
        if (!goes_on_tight(&t[last + 1], T_WORD) && !goes_on_tight(&t[last + 1], T_LETTER)) break;
        last += 2;
        while (goes_on_tight(&t[last], T_LETTER)) last++;
    }
    const rp_str end = t[last].text;
    *used = last + 1;
    return (rp_str){t->text.data, (size_t)(end.data + end.length - t->text.data)};
}

/* "12 in", "3 in^2", but not "12 in total". */
static bool is_inch(const rp_token *t, int words, int modifier) {
    const rp_token_kind next = (rp_token_kind)t[1].kind;
    return (words == 1 || modifier > 1) && rp_token_is_text(t, "in") &&
           (next == T_END || next == T_CARET || next == T_CLOSE || next == T_DIVIDE || next == T_COMMA || next == T_AND ||
            (next == T_UNKNOWN && rp_token_is_text(&t[1], ".")));
}

/* "sq. in.": a full stop with a unit behind it. */
static void skip_dot(rp_parser *p) {
    const rp_token *t = rp_peek(p);
    if (t->kind == T_UNKNOWN && rp_token_is_text(t, ".") && is_unit_token(t + 1, true)) p->at++;
}

/* Words behind a value: "cm^2", "square inches", "miles per hour", "m/s", "apples". */
static const rp_node *parse_unit(rp_parser *p, const rp_node *value) {
    rp_unit unit = rp_unit_none();
    int sign = 1, modifier = 1, words = 0;
    for (bool in_phrase = false;; in_phrase = true) {
        const rp_token *t = rp_peek(p);
        const bool divides = in_phrase && t->kind == T_DIVIDE && is_unit_token(t + 1, true);
        const bool times = in_phrase && t->kind == T_TIMES && is_unit_token(t + 1, true);
        if (divides) sign = -1;
        if (divides || times) p->at++;
        t = rp_peek(p);
        if (!is_unit_token(t, in_phrase) || rp_starts_condition(t)) break;
        p->at++;
        if (rp_prose_denies(t->text) || ++words > 6) {
            p->at--;
            return rp_parse_fail(p, RP_REASON_SYNTAX);
        }
        if (rp_prose_is_filler(t->text) && !is_inch(t, words, modifier)) continue;
        if (rp_token_is_text(t, "per"))
            sign = -1;
        else if (rp_token_is_text(t, "square") || rp_token_is_text(t, "sq"))
            modifier = 2, skip_dot(p);
        else if (rp_token_is_text(t, "cubic") || rp_token_is_text(t, "cu"))
            modifier = 3, skip_dot(p);
        else {
            size_t used;
            const rp_str word = unit_word(t, &used);
            p->at += used - 1;
            const int power = unit_power(p) * modifier * sign;
            if (power == 0 || !rp_unit_multiply(p->work, &unit, word, power)) return rp_parse_fail(p, RP_REASON_SYNTAX);
            modifier = 1;
            if (!(rp_next_is(p, T_TIMES) || rp_next_is(p, T_WORD))) sign = 1;
        }
    }
    if (rp_unit_is_none(&unit)) return value;
    rp_unit *kept = rp_work_new(p->work, rp_unit, 1);
    if (!kept) return &RP_NODE_NONE;
    *kept = unit;
    return rp_tree_quantity(p->work, value, kept, rp_unit_text(p->work, kept));
}

/* Tokens of a unit in brackets besides words: hyphens, "t" in t-shirts, m/s^2, a full stop. */
static bool may_stand_in_unit(const rp_token *t) {
    return t->kind == T_LETTER || t->kind == T_MINUS || t->kind == T_DIVIDE || t->kind == T_CARET ||
           (t->kind == T_NUMBER && t[-1].kind == T_CARET) || (t->kind == T_UNKNOWN && rp_token_is_text(t, ".")) ||
           (t->kind == T_FUNCTION && rp_token_is_text(t, "min"));
}

/* A word, or a letter with a hyphen behind it. */
static bool starts_unit(const rp_token *t) {
    return t->kind == T_WORD || (t->kind == T_LETTER && t[1].kind == T_MINUS && t[2].kind == T_WORD) ||
           (t->kind == T_LETTER && rp_unit_is_letter(t->text) && t[1].kind != T_PLUS && (t->flags & TF_TEXT));
}

/* Hours and minutes, feet and inches, dollars and cents: "and" adds them. 10 cm and 5 mm are two lengths. */
static bool is_smaller_unit(rp_work *work, const rp_unit *unit, const rp_unit *than) {
    static const int64_t ratios[] = {7, 12, 16, 24, 60, 100, 1440, 3600};
    for (size_t i = 0; i < sizeof ratios / sizeof ratios[0]; i++)
        if (rp_q_equal(rp_q_div(work, than->factor, unit->factor), rp_q_int(ratios[i]))) return true;
    return false;
}

/* "1 hour 30 minutes", "5 ft 6 in", "2 hours and 5 minutes": a further quantity of the same kind is added. */
static bool take_smaller_part(rp_parser *p, const rp_node **node) {
    const size_t start = p->at;
    const bool joined = rp_next_is_op(p, T_AND, 'a');
    rp_token *t = &p->tokens[p->at + joined];
    if ((*node)->kind != RP_QUANTITY || !(*node)->unit || (*node)->unit->labels || t->kind != T_NUMBER) return false;
    if (t[1].kind == T_LETTER && rp_unit_is_letter(t[1].text)) t[1].flags |= TF_TEXT; /* 1 min 30 s */
    if (!is_unit_token(t + 1, false)) return false;
    p->at += joined;
    const rp_node *number = rp_parse_number(p);
    const rp_node *part = p->failed ? number : parse_unit(p, number);
    const bool same = !p->failed && part->kind == RP_QUANTITY && rp_unit_same_kind(part->unit, (*node)->unit);
    if (joined && !(same && is_smaller_unit(p->work, part->unit, (*node)->unit))) { /* two answers */
        p->at = start;
        p->failed = false;
        return false;
    }
    if (!same) {
        (void)rp_parse_fail(p, RP_REASON_SYNTAX);
        return false;
    }
    const rp_q ratio = rp_q_div(p->work, part->unit->factor, (*node)->unit->factor);
    const rp_node *scaled = rp_tree_2(p->work, RP_PRODUCT, 0, rp_tree_number(p->work, ratio), part->kids[0]);
    const rp_node *sum = rp_tree_2(p->work, RP_SUM, 0, (*node)->kids[0], scaled);
    *node = rp_tree_quantity(p->work, sum, (*node)->unit, (*node)->name);
    return true;
}

static const rp_node *with_unit_word(rp_parser *p, const rp_node *value, rp_str word, char scale) {
    rp_unit *unit = rp_work_new(p->work, rp_unit, 1);
    if (!unit) return &RP_NODE_NONE;
    *unit = rp_unit_none();
    unit->scale = scale;
    if (word.length) (void)rp_unit_multiply(p->work, unit, word, 1);
    return rp_tree_quantity(p->work, value, unit, rp_unit_text(p->work, unit));
}

/* "3 million", "2.5 thousand dollars", "2 dozen": words that multiply. */
static bool take_multiplier(rp_parser *p, const rp_node **node) {
    static const struct {
        const char *word;
        int64_t factor;
    } multipliers[] = {{"dozen", 12},         {"hundred", 100},        {"thousand", 1000},      {"lakh", 100000},
                       {"million", 1000000},  {"crore", 10000000},     {"billion", 1000000000}, {"trillion", 1000000000000},
                       {"millions", 1000000}, {"billions", 1000000000}};
    const rp_token *t = rp_peek(p);
    if (t->kind != T_WORD || rp_tree_is_answer_kind(*node)) return false;
    for (size_t i = 0; i < sizeof multipliers / sizeof multipliers[0]; i++)
        if (rp_token_is_text(t, multipliers[i].word)) {
            p->at++;
            *node = rp_tree_2(p->work, RP_PRODUCT, 0, *node, rp_tree_int(p->work, multipliers[i].factor));
            return true;
        }
    return false;
}

/* "percent", "degrees", "degrees Celsius", "^\circ C": words that are operators rather than units. */
static bool take_operator_word(rp_parser *p, const rp_node **node) {
    const rp_token *t = rp_peek(p);
    const bool degree_word = t->kind == T_WORD && (rp_token_is_text(t, "degrees") || rp_token_is_text(t, "degree") ||
                                                   rp_token_is_text(t, "deg"));
    if (t->kind == T_WORD &&
        (rp_token_is_text(t, "percent") || rp_token_is_text(t, "pct") || rp_token_is_text(t, "percentage"))) {
        p->at++;
        *node = rp_tree_function1(p->work, RP_FN_PERCENT, *node);
        return true;
    }
    if (take_multiplier(p, node)) return true;
    if (degree_word) {
        p->at++;
        *node = rp_tree_function1(p->work, RP_FN_DEGREES, *node);
        t = rp_peek(p);
    }
    if (!rp_tree_is_function(*node, RP_FN_DEGREES)) return degree_word;
    const bool celsius = rp_token_is_text(t, "C") || rp_token_is_text(t, "Celsius");
    const bool fahrenheit = rp_token_is_text(t, "F") || rp_token_is_text(t, "Fahrenheit");
    if (!celsius && !fahrenheit) return degree_word;
    p->at++;
    *node = with_unit_word(p, (*node)->kids[0], (rp_str){NULL, 0}, celsius ? 'C' : 'F');
    return true;
}

/* "9 (apples)", "36 (sq. inches)", "426 (white t-shirts)": the unit in brackets behind a number. False when what stands
 * there is something else; then nothing was taken. */
static bool take_bracketed_unit(rp_parser *p, const rp_node **node) {
    const size_t start = p->at;
    if (rp_tree_is_answer_kind(*node) || !starts_unit(&p->tokens[p->at + 1])) return false;
    for (size_t i = start + 1; p->tokens[i].kind != T_CLOSE; i++) {
        const rp_token *t = &p->tokens[i];
        if (t->kind == T_WORD ? rp_prose_denies(t->text) : !may_stand_in_unit(t)) return false;
    }
    p->at++;
    const rp_node *read = parse_unit(p, *node);
    if (!p->failed && read->kind == RP_QUANTITY && rp_take_op(p, T_CLOSE, ')')) {
        *node = read;
        return true;
    }
    p->at = start;
    p->failed = false;
    return false;
}

/* "(mod 7)", "\pmod{7}": a congruence; "(exactly)": a remark. */
static bool take_remark(rp_parser *p, const rp_node **node) {
    const rp_token *t = rp_peek(p);
    const bool bracket = t->kind == T_OPEN && t->op == '(';
    if (t->kind == T_PMOD || (bracket && t[1].kind == T_MOD)) {
        p->at += t->kind == T_PMOD ? 1 : 2;
        const rp_node *modulus = rp_parse_primary(p);
        if (p->failed || (bracket && !rp_take_op(p, T_CLOSE, ')'))) return (void)rp_parse_fail(p, RP_REASON_SYNTAX), false;
        const rp_node *kids[2] = {*node, modulus};
        *node = rp_tree_make(p->work, RP_QUANTITY, 0, 0, rp_str_of("mod"), kids, 2);
        return true;
    }
    if (bracket && take_bracketed_unit(p, node)) return true;
    if (p->failed || !bracket || t[1].kind != T_WORD || rp_is_condition_bracket(t)) return false;
    size_t end = 1;
    while (t[end].kind == T_WORD || t[end].kind == T_LETTER) {
        if (rp_prose_denies(t[end].text)) return false;
        end++;
    }
    if (t[end].kind != T_CLOSE) return false;
    p->at += end + 1;
    return true;
}

/* An expression or set with what may stand behind it. */
static const rp_node *parse_operand(rp_parser *p) {
    if (rp_next_is(p, T_DOTS)) {
        const rp_token next = p->tokens[p->at + 1];
        if (next.kind == T_END || next.kind == T_COMMA || next.kind == T_CLOSE || next.kind == T_COLON ||
            next.kind == T_AND) {
            p->at++;
            return rp_tree_make(p->work, RP_DOTS, 0, 0, (rp_str){NULL, 0}, NULL, 0);
        }
    }
    p->currency = (rp_str){NULL, 0};
    const rp_node *node = rp_parse_sets(p);
    if (p->failed) return node;
    while (!p->failed && (take_operator_word(p, &node) || take_remark(p, &node))) {
    }
    if (!p->failed && is_unit_token(rp_peek(p), false) && !rp_starts_condition(rp_peek(p))) node = parse_unit(p, node);
    while (!p->failed && take_smaller_part(p, &node)) {
    }
    while (!p->failed && take_remark(p, &node)) {
    }
    if (!p->failed && p->currency.length && node->kind != RP_QUANTITY) node = with_unit_word(p, node, p->currency, 0);
    return p->failed ? &RP_NODE_NONE : node;
}

/* ---- Sets and relations ------------------------------------------------------------------------------------------ */

/* \mathbb{R} - \{1\}: a minus sign between sets takes away. */
static bool is_set(const rp_node *a) {
    return a->kind == RP_NAMED_SET || a->kind == RP_SET_OP || a->kind == RP_SET || a->kind == RP_BUILDER;
}

const rp_node *rp_parse_sets(rp_parser *p) {
    const rp_node *left = rp_parse_sum(p);
    while (!p->failed && (rp_next_is(p, T_SET_OP) || (rp_next_is(p, T_MINUS) && is_set(left)))) { /* left to right */
        const rp_token *t = &p->tokens[p->at++];
        const int op = t->kind == T_SET_OP ? t->op : RP_SET_MINUS;
        const rp_node *right = rp_parse_sum(p);
        if (p->failed) return right;
        left = rp_tree_2(p->work, RP_SET_OP, op, left, right);
    }
    return left;
}

static const rp_node *parse_ratio(rp_parser *p) {
    const rp_node *first = parse_operand(p);
    if (p->failed || p->no_colon || !rp_next_is(p, T_COLON) || p->tokens[p->at + 1].kind == T_END) return first;
    rp_nodes parts = {0};
    if (!rp_nodes_push(p->work, &parts, first)) return &RP_NODE_NONE;
    while (rp_take(p, T_COLON)) {
        const rp_node *part = parse_operand(p);
        if (p->failed || !rp_nodes_push(p->work, &parts, part)) return &RP_NODE_NONE;
    }
    return rp_make_list(p->work, RP_RATIO, 0, 0, &parts);
}

/* x \in {1, 2}: where a set is due, braces that lost their backslashes are a set's. */
static const rp_node *parse_member_of(rp_parser *p) {
    const bool braced = rp_next_is_op(p, T_OPEN, '{');
    const rp_node *side = parse_ratio(p);
    const rp_token *last = &p->tokens[p->at - 1];
    if (p->failed || !braced || last->kind != T_CLOSE || last->op != '}') return side;
    if (side->kind == RP_LIST) return rp_tree_make(p->work, RP_SET, 0, 0, (rp_str){NULL, 0}, side->kids, side->count);
    return rp_tree_is_answer_kind(side) ? side : rp_tree_1(p->work, RP_SET, 0, side);
}

/* A relation, or \mid where no set-builder is open: "divides". */
static bool is_relation(const rp_parser *p) {
    const rp_token *t = rp_peek(p);
    return t->kind == T_RELATION || (t->kind == T_BAR && !p->no_bar && rp_token_is_text(t, "mid"));
}

const rp_node *rp_parse_relation(rp_parser *p) {
    const rp_node *first = parse_ratio(p);
    if (p->failed || !is_relation(p)) return first;
    rp_nodes sides = {0};
    rp_buffer ops = rp_buffer_in(p->work->arena);
    if (!rp_nodes_push(p->work, &sides, first)) return &RP_NODE_NONE;
    while (is_relation(p)) {
        const rp_token *t = &p->tokens[p->at++];
        const int op = t->kind == T_BAR ? RP_REL_DIVIDES : t->op;
        rp_buffer_char(&ops, (char)op);
        (void)rp_take(p, T_AMPERSAND); /* aligned equations */
        const bool set_due = op == RP_REL_IN || op == RP_REL_NOT_IN || op == RP_REL_SUBSET;
        const rp_node *side = set_due ? parse_member_of(p) : parse_ratio(p);
        if (p->failed || !rp_nodes_push(p->work, &sides, side)) return &RP_NODE_NONE;
    }
    if (ops.failed) return &RP_NODE_NONE;
    return rp_tree_make(p->work, RP_RELATION, 0, 0, (rp_str){ops.data, ops.length}, sides.items, sides.count);
}

/* ---- Items ------------------------------------------------------------------------------------------------------- */

static bool ends_item(const rp_token *t) {
    return t->kind == T_END || t->kind == T_COMMA || t->kind == T_SEMICOLON || t->kind == T_AND || t->kind == T_CLOSE ||
           t->kind == T_ROW || t->kind == T_BREAK || t->kind == T_AMPERSAND || t->kind == T_FINISH ||
           (t->kind == T_UNKNOWN && rp_token_is_text(t, ".") && t[1].kind == T_END);
}

static bool capitals_only(const rp_token *t) {
    for (size_t i = 0; i < t->text.length; i++)
        if (t->text.data[i] < 'A' || t->text.data[i] > 'Z') return false;
    return !(t->flags & TF_TEXT);
}

/* One to four words that may follow a number in words: "twenty-seven red apples", but not "one to one". */
static bool is_counted_noun(const rp_parser *p, size_t begin, size_t end) {
    if (end - begin > 4) return false;
    for (size_t i = begin; i < end; i++) {
        const rp_token *t = &p->tokens[i];
        if (t->kind != T_WORD || !(t->flags & TF_SPACE) || rp_prose_denies(t->text) || rp_prose_is_filler(t->text) ||
            rp_token_is_text(t, "to") || rp_numeral_is_word(t->text))
            return false;
    }
    return true;
}

/* Names in capitals alone, perhaps with minus signs between them. */
static bool is_names(const rp_parser *p, size_t end) {
    for (size_t i = p->at; i < end; i++)
        if (p->tokens[i].kind != T_MINUS && !capitals_only(&p->tokens[i])) return false;
    return end == p->at + 1 || p->tokens[p->at + 1].kind == T_MINUS;
}

/* "cx for some constant c": letters of mathematics, then a condition. */
static bool is_product_with_condition(const rp_parser *p, size_t end) {
    size_t at = p->at;
    while (at < end && p->tokens[at].kind == T_LETTER && !(p->tokens[at].flags & TF_TEXT)) at++;
    return at > p->at && at < end && rp_starts_condition(&p->tokens[at]);
}

/* An item of words alone: text, or a number word. NULL when it is something else. */
static const rp_node *parse_words(rp_parser *p) {
    size_t end = p->at, last = p->at;
    rp_numeral counted;
    while (p->tokens[last].kind != T_END) last++;
    const size_t number = rp_numeral_read(p->tokens, p->at, last, &counted);
    if (number > p->at + 1 && ends_item(&p->tokens[number])) { /* "two thousand and six" */
        p->at = number;
        return rp_tree_ratio(p->work, counted.num, counted.den);
    }
    while (!ends_item(&p->tokens[end])) end++;
    if (end == p->at || !rp_prose_is(p->tokens, p->at, end)) return NULL;
    if (is_names(p, end)) return NULL; /* ABC is a symbol, AB-AC a difference */
    if (is_product_with_condition(p, end)) return NULL;
    int64_t num, den;
    const size_t begin = p->at;
    p->at = end;
    if (rp_prose_number(p->tokens, begin, end, &num, &den)) return rp_tree_ratio(p->work, num, den);
    const size_t noun = rp_numeral_read(p->tokens, begin, end, &counted);
    if (noun > begin && !counted.rank && is_counted_noun(p, noun, end)) { /* "two apples" */
        p->at = noun;
        return parse_unit(p, rp_tree_ratio(p->work, counted.num, counted.den));
    }
    return rp_tree_make(p->work, RP_TEXT, 0, 0, rp_prose_normal(p->work, p->tokens, begin, end), NULL, 0);
}

/* The word, perhaps with a capital at its beginning. */
static bool is_word(const rp_token *t, const char *word) {
    return t->text.length == strlen(word) && (t->text.data[0] | 32) == word[0] &&
           memcmp(t->text.data + 1, word + 1, t->text.length - 1) == 0;
}

/* "approximately 5", "\approx 5", "is 5": words before a value that leave it as it is. */
static void skip_leading(rp_parser *p) {
    static const char *const words[] = {"approximately", "exactly", "only", "just",   "is",    "are",  "equals",
                                        "either",        "both",    "the",  "answer", "value", "total"};
    for (;;) {
        const rp_token *t = rp_peek(p);
        bool skip = t->kind == T_RELATION && (t->op == RP_REL_APPROX || t->op == RP_REL_EQ) && !ends_item(t + 1);
        for (size_t i = 0; !skip && t->kind == T_WORD && i < sizeof words / sizeof words[0]; i++)
            skip = is_word(t, words[i]) && !ends_item(t + 1);
        if (t->kind == T_AMPERSAND) skip = true;
        if (!skip) return;
        p->at++;
        if (t->kind == T_WORD && t[1].kind == T_COLON && !ends_item(t + 2)) p->at++; /* \text{Answer: }5 */
    }
}

/* "minus 5", "negative 5", "square root of 5": operations in words before their operand. NULL when there is none. */
static const rp_node *parse_spoken_operation(rp_parser *p) {
    const rp_token *t = rp_peek(p);
    if (t->kind != T_WORD || ends_item(t + 1)) return NULL;
    if (is_word(t, "minus") || is_word(t, "negative")) {
        p->at++;
        const rp_node *value = rp_parse_product(p);
        return p->failed ? value : rp_make_negative(p->work, value);
    }
    const bool square = is_word(t, "square");
    if ((!square && !is_word(t, "cube")) || !rp_token_is_text(&t[1], "root") || !rp_token_is_text(&t[2], "of")) return NULL;
    p->at += 3;
    const rp_node *value = rp_parse_product(p);
    return p->failed ? value : rp_tree_function2(p->work, RP_FN_ROOT, value, rp_tree_int(p->work, square ? 2 : 3));
}

/* "…, otherwise -x" */
static const rp_node *parse_rest(rp_parser *p) {
    rp_nodes conditions = {0};
    p->at++;
    (void)rp_take(p, T_COMMA);
    const rp_node *body = rp_parse_relation(p);
    if (p->failed || !rp_nodes_push(p->work, &conditions, rp_make_otherwise(p->work))) return &RP_NODE_NONE;
    return rp_make_where(p->work, body, &conditions);
}

const rp_node *rp_parse_item(rp_parser *p) {
    if (rp_is_otherwise(rp_peek(p)) && !ends_item(rp_peek(p) + 1)) return parse_rest(p);
    const rp_node *words = rp_parse_word_set(p);
    if (!words && !p->failed) words = parse_words(p);
    if (words || p->failed) return words ? words : &RP_NODE_NONE;
    skip_leading(p);
    const rp_node *spoken = parse_spoken_operation(p);
    if (spoken) return spoken;
    const rp_token *t = rp_peek(p); /* USD 18 */
    if (t->kind == T_WORD && t[1].kind == T_NUMBER &&
        (rp_token_is_text(t, "USD") || rp_token_is_text(t, "EUR") || rp_token_is_text(t, "GBP"))) {
        p->at++;
        const rp_node *node = rp_parse_sum(p);
        return p->failed ? node : with_unit_word(p, node, t->text, 0);
    }
    return rp_parse_conditions(p, rp_parse_relation(p));
}

/* ---- Lists ------------------------------------------------------------------------------------------------------- */

/* 11,\!111 groups digits, whatever a list would make of it. */
static bool is_grouping_comma(const rp_token *t) {
    return (t[1].flags & TF_TIGHT) && t[1].kind == T_NUMBER && t[-1].kind == T_NUMBER;
}

/* How strongly two items are separated: 0 not at all, 1 by a comma (or ", and"), 2 by ; or a row, 3 by "and", "or". *word
 * becomes 'a' or 'o' when there was such a word. */
static int take_separator(rp_parser *p, int *word) {
    int strength = 0;
    for (;; p->at++) {
        const rp_token *t = rp_peek(p);
        int this_one = 0;
        if (t->kind == T_COMMA) this_one = is_grouping_comma(t) ? 0 : 1;
        if (t->kind == T_SEMICOLON || t->kind == T_BREAK || (t->kind == T_ROW && !p->in_grid)) this_one = 2;
        if (t->kind == T_AND) this_one = 3, *word = t->op;
        if (t->kind == T_AMPERSAND && strength && !p->in_grid) continue;
        if (!this_one) return strength;
        if (strength == 0 || (strength == 3 && this_one == 2) || this_one == 2)
            strength = this_one;
        else if (strength != this_one && strength != 2)
            strength = 1; /* ", and" is a comma */
    }
}

typedef struct item_list {
    rp_nodes items;
    rp_buffer before; /* the strength of the separator before each item, one byte each */
    int word;         /* 'a', 'o' or 0 */
    bool logical;     /* \land, \lor */
    bool weak, strong;
} item_list;

/* p=5, q=2; p=7, q=2 : groups of the same size become lists of their own, when ; or equations say so. */
static const rp_node *group_items(rp_parser *p, const item_list *list) {
    size_t size = 0, begin = 0;
    bool equations = true, semicolons = false;
    rp_nodes groups = {0};
    for (size_t i = 0; i < list->items.count; i++) equations = equations && list->items.items[i]->kind == RP_RELATION;
    for (size_t i = 1; i <= list->items.count; i++) {
        if (i < list->items.count && list->before.data[i] < 2) continue;
        if (i < list->items.count) semicolons = semicolons || list->before.data[i] == 2;
        if (size == 0) size = i - begin;
        if (i - begin != size || size < 2) return NULL;
        const rp_nodes group = {list->items.items + begin, size, size};
        if (!rp_nodes_push(p->work, &groups, rp_make_list(p->work, RP_LIST, 0, 0, &group))) return NULL;
        begin = i;
    }
    if (!equations && !semicolons) return NULL;
    return rp_make_list(p->work, RP_LIST, semicolons ? RP_JOIN_SEMICOLON : RP_JOIN_AND, 0, &groups);
}

const rp_node *rp_parse_items(rp_parser *p) {
    item_list list = {.before = rp_buffer_in(p->work->arena)};
    for (int separator = 0;;) {
        const rp_node *item = rp_parse_item(p);
        if (p->failed) return item;
        if (list.items.count == RP_LIMIT_ITEMS) {
            rp_work_fail(p->work, RP_REASON_NODES);
            return rp_parse_fail(p, RP_REASON_NODES);
        }
        rp_buffer_char(&list.before, (char)separator);
        if (!rp_nodes_push(p->work, &list.items, item)) return &RP_NODE_NONE;
        const size_t before = p->at;
        list.logical = list.logical || (rp_next_is(p, T_AND) && (rp_peek(p)->flags & TF_COMMAND));
        separator = take_separator(p, &list.word);
        if (separator && ends_item(rp_peek(p))) p->at = before; /* a trailing comma */
        if (!separator || p->at == before) break;
        list.weak = list.weak || separator == 1;
        list.strong = list.strong || separator > 1;
    }
    if (list.before.failed) return &RP_NODE_NONE;
    if (list.items.count == 1) return list.items.items[0];
    const rp_node *groups = list.weak && list.strong ? group_items(p, &list) : NULL;
    const rp_join join = list.word == 'a'   ? RP_JOIN_AND
                         : list.word == 'o' ? RP_JOIN_OR
                         : list.strong      ? RP_JOIN_SEMICOLON
                                            : RP_JOIN_COMMA;
    return groups ? groups
                  : rp_attach_conditions(p->work, rp_make_list(p->work, RP_LIST, (int)join, list.logical, &list.items),
                                         list.before.data);
}

/* ---- The whole answer -------------------------------------------------------------------------------------------- */

static void skip_trailing(rp_parser *p) {
    for (;;) {
        const rp_token *t = rp_peek(p);
        const bool dot = t->kind == T_UNKNOWN && rp_token_is_text(t, ".");
        if (t->kind != T_COMMA && t->kind != T_SEMICOLON && t->kind != T_COLON && t->kind != T_ROW && t->kind != T_BREAK &&
            t->kind != T_AMPERSAND && !dot)
            return;
        p->at++;
    }
}

rp_parse_result rp_parse(rp_work *work, rp_tokens tokens, bool group_commas) {
    rp_parser parser = {.work = work, .tokens = tokens.items, .group_commas = group_commas};
    rp_parser *p = &parser;
    if (tokens.count == 0) return (rp_parse_result){NULL, RP_REASON_EMPTY, 0};
    rp_parse_note_applications(p, tokens.count);
    const rp_node *tree = rp_parse_items(p);
    skip_trailing(p);
    if (!p->failed && !rp_next_is(p, T_END)) (void)rp_parse_fail(p, RP_REASON_SYNTAX);
    if (p->failed) return (rp_parse_result){NULL, p->reason, p->offset};
    return (rp_parse_result){tree, RP_REASON_SYNTAX, 0};
}
