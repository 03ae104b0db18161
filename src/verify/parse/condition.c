/* SPDX-License-Identifier: MIT
 *
 * condition.c — under which conditions something is said: "(k \in \mathbb{Z})", "for n >= 2", "if n is even", "x > 0" behind a
 * comma, "where c is a constant".
 *
 * A condition is kept beside what it limits (RP_WHERE), as a relation or as words; it is never dropped, except where it says
 * no more than that a letter is free: "for any c", "for some constant c", "for all real x".
 */
#include "parse/parse.h"

#include <string.h>

static bool is_any(const rp_token *t, const char *const *words, size_t count) {
    if (t->kind != T_WORD && t->kind != T_LETTER && t->kind != T_UNKNOWN) return false; /* \forall is no word */
    for (size_t i = 0; i < count; i++) {
        const size_t n = strlen(words[i]);
        if (t->text.length == n && (t->text.data[0] | 32) == words[i][0] &&
            memcmp(t->text.data + 1, words[i] + 1, n - 1) == 0)
            return true;
    }
    return false;
}
#define IS_ANY(token, words) is_any((token), (words), sizeof(words) / sizeof((words)[0]))

static const char *const openers[] = {"for",  "where",    "if",    "when", "whenever", "with",
                                      "such", "provided", "given", "iff",  "forall"};
static const char *const quantifiers[] = {"for",  "that",    "all",  "any",       "every",     "each",
                                          "some", "an",      "a",    "the",       "arbitrary", "fixed",
                                          "only", "numbers", "when", "constants", "real",      "reals"};

bool rp_is_otherwise(const rp_token *t) {
    static const char *const words[] = {"otherwise", "else", "elsewhere"};
    return t->kind == T_WORD && IS_ANY(t, words);
}

bool rp_starts_condition(const rp_token *t) {
    if (rp_is_otherwise(t)) return true;
    if (!IS_ANY(t, openers)) return false;
    if (is_any(t, (const char *const[]){"such"}, 1)) return is_any(t + 1, (const char *const[]){"that"}, 1);
    return true;
}

/* ---- Kinds of numbers -------------------------------------------------------------------------------------------- */

typedef struct noun {
    const char *words;
    char set; /* of rp_named_set; 'F': any number at all */
} noun;

static const noun nouns[] = {
    {"integer", 'Z'},
    {"whole number", 'W'},
    {"positive integer", 'P'},
    {"natural number", 'N'},
    {"nonnegative integer", 'W'},
    {"non-negative integer", 'W'},
    {"real", 'R'},
    {"real number", 'R'},
    {"real constant", 'F'},
    {"constant", 'F'},
    {"number", 'F'},
    {"parameter", 'F'},
    {"real parameter", 'F'},
    {"constant real", 'F'},
    {"rational number", 'Q'},
    {"rational", 'Q'},
    {"complex number", 'C'},
};

/* Words in the normal form of prose.c: singular, no articles. 0 when they name no set. */
char rp_set_in_words(rp_str words) {
    static const char *const adjectives[] = {"arbitrary ", "any ", "fixed ", "some "};
    for (size_t i = 0; i < sizeof adjectives / sizeof adjectives[0]; i++) {
        const size_t n = strlen(adjectives[i]);
        if (words.length > n && memcmp(words.data, adjectives[i], n) == 0)
            words = (rp_str){words.data + n, words.length - n};
    }
    for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++)
        if (rp_str_is(words, nouns[i].words)) return nouns[i].set;
    return 0;
}

/* ---- One condition ----------------------------------------------------------------------------------------------- */

typedef struct subject {
    rp_nodes letters; /* k; a, b */
    rp_str words;     /* "odd prime"; empty when there are none */
} subject;

static bool ends_condition(const rp_token *t) {
    return t->kind == T_END || t->kind == T_COMMA || t->kind == T_SEMICOLON || t->kind == T_BREAK || t->kind == T_ROW ||
           t->kind == T_CLOSE || t->kind == T_AND || t->kind == T_FINISH || t->kind == T_AMPERSAND ||
           (t->kind == T_UNKNOWN && rp_token_is_text(t, "."));
}

static rp_str normal_words(rp_parser *p, size_t begin, size_t end) {
    return begin < end ? rp_prose_normal(p->work, p->tokens, begin, end) : (rp_str){"", 0};
}

/* A letter in mathematics, or one alone in text where no article can be meant. */
static bool is_letter(const rp_token *t) {
    return t->kind == T_LETTER && !(rp_token_is_text(t, "a") && (t->flags & TF_TEXT) && !ends_condition(t + 1));
}

/* "odd primes" before the letters. */
static rp_str take_words(rp_parser *p) {
    const size_t begin = p->at;
    while (rp_next_is(p, T_WORD) || (rp_next_is(p, T_MINUS) && rp_peek(p)[1].kind == T_WORD && p->at > begin)) p->at++;
    return normal_words(p, begin, p->at);
}

/* "a, b" before "are integers" or "\in \mathbb{Z}". */
static bool take_letters(rp_parser *p, rp_nodes *letters) {
    while (is_letter(rp_peek(p)) && (p->tokens[p->at + 1].kind == T_COMMA || p->tokens[p->at + 1].kind == T_AND) &&
           is_letter(&p->tokens[p->at + 2])) {
        const rp_node *letter = rp_tree_symbol(p->work, rp_peek(p)->text, 0);
        p->at += 2;
        if (!rp_nodes_push(p->work, letters, letter)) return false;
    }
    return true;
}

static const rp_node *member_of(rp_parser *p, const rp_node *letter, char set) {
    static const char in[] = {RP_REL_IN, 0};
    const rp_node *kids[2] = {letter, rp_tree_make(p->work, RP_NAMED_SET, set, 0, (rp_str){NULL, 0}, NULL, 0)};
    return rp_tree_make(p->work, RP_RELATION, 0, 0, rp_str_of(in), kids, 2);
}

/* "odd n", in one order whatever was written: "n is odd", "n odd". */
static const rp_node *said_of(rp_parser *p, const rp_node *letter, rp_str words) {
    rp_buffer text = rp_buffer_in(p->work->arena);
    rp_buffer_append(&text, words.data, words.length);
    rp_buffer_char(&text, ' ');
    rp_buffer_append(&text, letter->name.data, letter->name.length);
    return text.failed ? &RP_NODE_NONE : rp_tree_make(p->work, RP_TEXT, 0, 0, (rp_str){text.data, text.length}, NULL, 0);
}

/* What the words say of each letter; nothing when they only call it a number. */
static bool push_said(rp_parser *p, rp_nodes *conditions, const subject *s, rp_str words) {
    const char set = rp_set_in_words(words);
    if (set == 'F' || set == 'R' || words.length == 0) return true;
    for (size_t i = 0; i < s->letters.count; i++) {
        const rp_node *letter = s->letters.items[i];
        if (!rp_nodes_push(p->work, conditions, set ? member_of(p, letter, set) : said_of(p, letter, words))) return false;
    }
    return true;
}

/* a, b > 0: the relation holds of each. */
static bool push_relation(rp_parser *p, rp_nodes *conditions, const subject *s, const rp_node *relation) {
    for (size_t i = 0; i < s->letters.count; i++) {
        if (relation->kids[0]->kind != RP_SYMBOL) return false;
        const rp_node *own = rp_tree_substitute(p->work, relation, relation->kids[0]->name, s->letters.items[i]);
        if (!rp_nodes_push(p->work, conditions, own)) return false;
    }
    return rp_nodes_push(p->work, conditions, relation);
}

/* A quantifier or an article; the letter a only before a word. */
static bool is_quantifier(const rp_token *t) {
    return IS_ANY(t, quantifiers) && (t->kind == T_WORD || t[1].kind == T_WORD);
}

/* "n is odd", "k \ge 1", "odd primes p", "x, y \in \mathbb{R}", "triangle is isosceles". */
static bool parse_statement(rp_parser *p, rp_nodes *conditions) {
    static const char *const verbs[] = {"is", "are", "be", "denotes", "being"};
    subject s = {.words = {"", 0}};
    while (is_quantifier(rp_peek(p)) && !ends_condition(rp_peek(p) + 1) && !IS_ANY(rp_peek(p) + 1, verbs)) p->at++;
    if (rp_next_is(p, T_WORD)) s.words = take_words(p);
    if (ends_condition(rp_peek(p))) { /* words alone */
        if (s.words.length == 0) return false;
        return rp_nodes_push(p->work, conditions, rp_tree_make(p->work, RP_TEXT, 0, 0, s.words, NULL, 0));
    }
    if (!take_letters(p, &s.letters)) return false;
    const rp_token *t = rp_peek(p);
    const bool alone = is_letter(t) && (t[1].kind == T_WORD || ends_condition(&t[1])); /* "n is odd": no unit behind n */
    const rp_node *last = alone ? rp_tree_symbol(p->work, t->text, 0) : rp_parse_relation(p);
    p->at += alone;
    if (p->failed) return false;
    if (last->kind == RP_RELATION) {
        if (s.words.length) { /* "integers k \ge 1" says both */
            subject named = {.words = s.words};
            const rp_node *letter = last->kids[0];
            if (letter->kind != RP_SYMBOL || !rp_nodes_push(p->work, &named.letters, letter) ||
                !push_said(p, conditions, &named, s.words))
                return false;
        }
        return push_relation(p, conditions, &s, last);
    }
    if (last->kind != RP_SYMBOL || !rp_nodes_push(p->work, &s.letters, last)) return false;
    if (!push_said(p, conditions, &s, s.words)) return false;
    if (ends_condition(rp_peek(p))) return true;
    const bool verb = IS_ANY(rp_peek(p), verbs);
    p->at += verb;
    while (IS_ANY(rp_peek(p), quantifiers) && rp_next_is(p, T_LETTER)) p->at++; /* an article */
    const rp_str words = rp_next_is(p, T_WORD) ? take_words(p) : (rp_str){"", 0};
    return words.length && ends_condition(rp_peek(p)) && push_said(p, conditions, &s, words);
}

bool rp_parse_condition(rp_parser *p, rp_nodes *conditions) {
    while (IS_ANY(rp_peek(p), openers)) {
        p->at++;
        while (rp_take(p, T_AMPERSAND)) {
        }
    }
    if (!parse_statement(p, conditions)) return false;
    while (rp_next_is_op(p, T_AND, 'a') && p->retries < RP_PARSE_RETRIES) {
        const size_t before = p->at++, count = conditions->count;
        if (parse_statement(p, conditions) && ends_condition(rp_peek(p))) continue;
        p->retries++;
        conditions->count = count; /* the "and" begins another item */
        p->at = before;
        p->failed = p->work->failed;
        break;
    }
    return !p->failed;
}

const rp_node *rp_make_otherwise(rp_work *work) {
    return rp_tree_make(work, RP_TEXT, 0, 0, rp_str_of("otherwise"), NULL, 0);
}

/* ---- Behind an item ---------------------------------------------------------------------------------------------- */

const rp_node *rp_make_where(rp_work *work, const rp_node *body, const rp_nodes *conditions) {
    if (conditions->count == 0) return body;
    rp_nodes kids = {0};
    if (!rp_nodes_push(work, &kids, body)) return &RP_NODE_NONE;
    for (size_t i = 0; i < conditions->count; i++)
        if (!rp_nodes_push(work, &kids, conditions->items[i])) return &RP_NODE_NONE;
    return rp_make_list(work, RP_WHERE, 0, 0, &kids);
}

/* (k \in \mathbb{Z}), (for all odd primes p): a bracket with a relation or words in it is no factor. */
bool rp_is_condition_bracket(const rp_token *open) {
    enum { LONGEST = 64 };
    if (open->kind != T_OPEN || open->op != '(') return false;
    bool relation = false;
    int depth = 1;
    for (size_t i = 1; i < LONGEST && depth > 0; i++) {
        const rp_token *t = &open[i];
        if (t->kind == T_END || t->kind == T_BREAK) return false;
        if (t->kind == T_OPEN) depth++;
        if (t->kind == T_CLOSE) depth--;
        relation = relation || (depth == 1 && t->kind == T_RELATION);
    }
    const bool said = open[1].kind == T_LETTER && open[2].kind == T_WORD && open[3].kind != T_OPEN; /* (n even) */
    return depth == 0 && (relation || said || rp_starts_condition(&open[1]));
}

static bool take_bracket(rp_parser *p, rp_nodes *conditions) {
    if (p->retries >= RP_PARSE_RETRIES || !rp_is_condition_bracket(rp_peek(p))) return false;
    const size_t before = p->at++, count = conditions->count;
    const rp_parse_context saved = rp_parse_enter(p);
    bool ok = rp_parse_condition(p, conditions);
    while (ok && (rp_take(p, T_COMMA) || rp_take(p, T_SEMICOLON))) ok = rp_parse_condition(p, conditions);
    rp_parse_leave(p, saved);
    if (ok && rp_take_op(p, T_CLOSE, ')')) return true;
    p->retries++;
    conditions->count = count;
    p->at = before;
    p->failed = p->work->failed;
    return false;
}

/* "any integer n" behind a comma: a quantifier, words, a letter. */
static bool names_a_letter(const rp_token *t) {
    static const char *const words[] = {"any", "every", "each", "all", "arbitrary"};
    if (!IS_ANY(t, words)) return false;
    while (t->kind == T_WORD) t++;
    return is_letter(t) && !(t->flags & TF_TEXT);
}

/* "… for n >= 2", ", where a and b are integers". What does not read as a condition is left for others to refuse. */
static bool take_clause(rp_parser *p, rp_nodes *conditions) {
    const size_t before = p->at, count = conditions->count;
    if (p->retries >= RP_PARSE_RETRIES) return false;
    const bool comma = rp_take(p, T_COMMA);
    const rp_token *open = rp_peek(p); /* ", (k is any integer)"; ", (p = 7, q = 2)" is the next item */
    const bool words = comma && open->kind == T_OPEN && (rp_starts_condition(&open[1]) || open[2].kind == T_WORD);
    if (words && take_bracket(p, conditions)) return true;
    if (!comma && rp_is_otherwise(rp_peek(p)) && ends_condition(rp_peek(p) + 1)) {
        p->at++;
        return rp_nodes_push(p->work, conditions, rp_make_otherwise(p->work));
    }
    const bool starts = rp_starts_condition(rp_peek(p)) || (comma && names_a_letter(rp_peek(p)));
    if (starts && rp_parse_condition(p, conditions) && ends_condition(rp_peek(p))) return true;
    p->retries += starts;
    conditions->count = count;
    p->at = before;
    p->failed = p->work->failed;
    return false;
}

const rp_node *rp_parse_conditions(rp_parser *p, const rp_node *body) {
    rp_nodes conditions = {0};
    while (!p->failed && (take_bracket(p, &conditions) || take_clause(p, &conditions))) {
    }
    return p->failed ? &RP_NODE_NONE : rp_make_where(p->work, body, &conditions);
}

/* ---- Behind commas ----------------------------------------------------------------------------------------------- */

/* The letter that a relation limits: k \in \mathbb{Z}, x > 0, 0 < x < 1, n \ne 2. NULL when it is something else. */
static const rp_node *limited_letter(const rp_node *a) {
    if (a->kind != RP_RELATION) return NULL;
    const rp_relation op = rp_relation_at(a, 0);
    const rp_node *letter = a->count == 3 ? a->kids[1] : a->kids[0];
    if (op == RP_REL_EQ || op == RP_REL_APPROX || a->count > 3 || letter->kind != RP_SYMBOL) return NULL;
    return letter;
}

/* x = 5, n >= 3, x \in A: what speaks of the letter itself, so that a further relation is a further statement. */
static bool is_about(const rp_node *a, const rp_node *letter) {
    if (a->kind != RP_RELATION) return false;
    const rp_node *limited = limited_letter(a);
    return (limited && rp_tree_equal(limited, letter)) || rp_tree_equal(a->kids[0], letter);
}

/* "x = 2k or x = 3k for integers k": what is said behind the last item holds for all that have the letter. */
static const rp_node *hoist_conditions(rp_work *work, const rp_node *list) {
    const rp_node *last = list->kids[list->count - 1];
    if (last->kind != RP_WHERE) return list;
    bool shared = false;
    for (uint32_t i = 0; i + 1 < list->count; i++) {
        if (list->kids[i]->kind == RP_WHERE) return list;
        for (uint32_t k = 1; k < last->count; k++) {
            const rp_node *c = last->kids[k];
            shared = shared || (c->kind == RP_RELATION && c->kids[0]->kind == RP_SYMBOL &&
                                rp_tree_has_symbol(list->kids[i], c->kids[0]->name));
        }
    }
    if (!shared) return list;
    rp_nodes bodies = {0}, conditions = {0};
    for (uint32_t i = 0; i < list->count; i++)
        if (!rp_nodes_push(work, &bodies, i + 1 < list->count ? list->kids[i] : last->kids[0])) return &RP_NODE_NONE;
    for (uint32_t k = 1; k < last->count; k++)
        if (!rp_nodes_push(work, &conditions, last->kids[k])) return &RP_NODE_NONE;
    return rp_make_where(work, rp_make_list(work, RP_LIST, list->op, 0, &bodies), &conditions);
}

const rp_node *rp_attach_conditions(rp_work *work, const rp_node *list, const char *separators) {
    if (list->kind != RP_LIST) return list;
    if (list->kids[list->count - 1]->kind == RP_WHERE) return hoist_conditions(work, list);
    uint32_t bodies = list->count;
    while (bodies > 1 && separators[bodies - 1] == 1 && limited_letter(list->kids[bodies - 1])) {
        const rp_node *letter = limited_letter(list->kids[bodies - 1]);
        bool used = false, about = false;
        for (uint32_t i = 0; i + 1 < bodies; i++) {
            const bool condition = limited_letter(list->kids[i]) != NULL;
            used = used || (!condition && rp_tree_has_symbol(list->kids[i], letter->name));
            about = about || (!condition && is_about(list->kids[i], letter));
        }
        if (!used || about || limited_letter(list->kids[0])) break;
        bodies--;
    }
    if (bodies == list->count) return list;
    rp_nodes conditions = {0};
    for (uint32_t i = bodies; i < list->count; i++)
        if (!rp_nodes_push(work, &conditions, list->kids[i])) return &RP_NODE_NONE;
    const rp_node *body =
        bodies == 1 ? list->kids[0] : rp_tree_make(work, RP_LIST, list->op, 0, (rp_str){NULL, 0}, list->kids, bodies);
    return rp_make_where(work, body, &conditions);
}
