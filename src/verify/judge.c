/* SPDX-License-Identifier: MIT
 *
 * judge.c — one bare gold against one bare answer.
 *
 * The ladder at the end of this file is the specification: what two texts may be, from the narrowest kind to the widest.
 * Each rung either decides or passes on. Words come before choices, since "Train B" is a name; times come before formulas,
 * since 8:34 is no ratio; the same text comes last, since it only says that nobody understood a difference.
 */
#include "judge.h"

#include "algebra/enclose.h"
#include "explain.h"
#include "read/choice.h"
#include "read/clock.h"
#include "read/prose.h"
#include "reading.h"

#include <string.h>

static rp_verdict verdict_of(rp_verdict_kind kind, rp_verify_reason reason, rp_certificate_kind certificate, int bits) {
    return (rp_verdict){.kind = kind, .reason = reason, .certificate = certificate, .bits = bits};
}
static rp_verdict equal(rp_verify_reason reason, rp_certificate_kind certificate) {
    return verdict_of(RP_VERDICT_EQUAL, reason, certificate, 0);
}
static rp_verdict different(rp_verify_reason reason) {
    return verdict_of(RP_VERDICT_DIFFERENT, reason, RP_CERT_NONE, 0);
}

static rp_verdict from_finding(rp_finding f) {
    static const rp_verdict_kind kinds[] = {
        [RP_SAME] = RP_VERDICT_EQUAL, [RP_DIFFERENT] = RP_VERDICT_DIFFERENT, [RP_UNDECIDED] = RP_VERDICT_BUDGET};
    const bool says = f.outcome != RP_UNDECIDED || f.reason == RP_REASON_UNPROVED; /* a belief says how far it was seen */
    return verdict_of(kinds[f.outcome], f.reason, says ? f.certificate : RP_CERT_NONE, says ? f.bits : 0);
}

/* ---- Explaining -------------------------------------------------------------------------------------------------- */

/* The canonical form for a reader: computed on a copy of the budgets, since telling must not change the outcome. */
static const rp_node *canonical_form(rp_work *work, const rp_node *tree) {
    if (!tree || rp_tree_is_answer_kind(tree) || rp_tree_contains(tree, RP_PLUSMINUS, -1)) return NULL;
    rp_work own = *work;
    own.explain = NULL;
    const rp_node *canonical = rp_simplify(&own, tree);
    work->scratch = own.scratch;
    return own.failed ? NULL : canonical;
}

static void explain_reading(rp_work *work, const char *who, const rp_reading *r) {
    if (work->explain) rp_explain_reading(work, who, r->source, r->tree, canonical_form(work, r->tree));
}

/* The normal form of an answer, for the verdict: its canonical expression, or the answer as it was read. */
static rp_str normal_form(rp_work *work, const rp_reading *r) {
    if (!r->tree) return r->prose ? r->words : (rp_str){"", 0};
    rp_buffer out = rp_buffer_in(work->arena);
    const rp_node *canonical = canonical_form(work, r->tree);
    rp_work own = *work; /* printing must not change the outcome */
    rp_tree_print(&own, canonical ? canonical : r->tree, &out);
    work->scratch = own.scratch;
    return (rp_str){out.data ? out.data : "", out.failed ? 0 : out.length};
}

/* ---- Rungs ------------------------------------------------------------------------------------------------------- */

/* A comparison in progress. Parts of answers (an option's text, what stands behind a label) are judged like whole ones. */
typedef struct judging {
    rp_work *work;
    rp_reading *gold, *answer;
    int depth;
} judging;

enum { DEPTH_MAX = 4 }; /* labels in labels, options in options */

static rp_verdict judge(judging j);

static rp_verdict judge_parts(const judging *j, size_t gold_begin, size_t gold_end, size_t answer_begin,
                              size_t answer_end) {
    rp_reading gold, answer;
    if (j->depth >= DEPTH_MAX || !rp_reading_part(j->work, j->gold, gold_begin, gold_end, &gold) ||
        !rp_reading_part(j->work, j->answer, answer_begin, answer_end, &answer))
        return different(RP_REASON_KIND);
    return judge((judging){j->work, &gold, &answer, j->depth + 1});
}

static bool nothing_there(judging *j, rp_verdict *verdict) {
    if (j->gold->tokens.count == 0)
        *verdict = verdict_of(RP_VERDICT_UNPARSED, RP_REASON_GOLD_UNPARSED, RP_CERT_NONE, 0);
    else if (j->answer->tokens.count == 0)
        *verdict = verdict_of(RP_VERDICT_UNPARSED, RP_REASON_EMPTY, RP_CERT_NONE, 0);
    else
        return false;
    return true;
}

/* To the lexer \text{cat} is a word and cat a product: the text decides when one side is words beyond doubt. */
static bool same_words(judging *j, rp_verdict *verdict) {
    if (!j->gold->prose && !j->answer->prose) return false;
    if (j->gold->words.length == 0 || !rp_str_equal(j->gold->words, j->answer->words)) return false;
    rp_explain(j->work, "words on at least one side, and the same words on both");
    *verdict = equal(RP_REASON_TEXT, RP_CERT_TEXT);
    return true;
}

static bool moments(judging *j, rp_verdict *verdict) {
    rp_moment gold, answer;
    const bool gold_is = rp_moment_read(j->gold->tokens.items, j->gold->tokens.count, &gold);
    const bool answer_is = rp_moment_read(j->answer->tokens.items, j->answer->tokens.count, &answer);
    if (!(gold_is && gold.certain) && !(answer_is && answer.certain)) return false;
    const bool same = gold_is && answer_is && rp_moment_same(&gold, &answer);
    if (same && !gold.half) return false; /* 12:00 twice: the ratios are the same too */
    rp_explain(j->work, "a time of day or a date on at least one side");
    if (!gold_is || !answer_is)
        *verdict = different(RP_REASON_KIND);
    else
        *verdict =
            rp_moment_same(&gold, &answer) ? equal(RP_REASON_STRUCTURAL, RP_CERT_PROVED) : different(RP_REASON_VALUE);
    return true;
}

/* One letter on each side: it decides, and so does the option's text where both give it. */
static rp_verdict compare_options(const judging *j, const rp_choices *gold, const rp_choices *answer) {
    const size_t gold_end = j->gold->tokens.count, answer_end = j->answer->tokens.count;
    if (gold->letters != answer->letters) return different(RP_REASON_OTHER_TEXT);
    if (gold->text < gold_end && answer->text < answer_end) {
        const rp_verdict texts = judge_parts(j, gold->text, gold_end, answer->text, answer_end);
        if (texts.kind != RP_VERDICT_EQUAL)
            return texts.kind == RP_VERDICT_BUDGET ? texts : different(RP_REASON_OTHER_TEXT);
    }
    return equal(RP_REASON_CHOICE, RP_CERT_PROVED);
}

/* The gold names an option: the letter decides, or its text when the answer names no letter. */
static bool choices(judging *j, rp_verdict *verdict) {
    rp_choices gold, answer;
    const size_t gold_end = j->gold->tokens.count;
    if (!rp_choices_read(j->gold->tokens.items, gold_end, &gold)) return false;
    const bool answer_is = rp_choices_read(j->answer->tokens.items, j->answer->tokens.count, &answer);
    if (answer_is && !gold.sure && !answer.sure) return false; /* A against B may be two variables */
    if (answer_is) {
        rp_explain(j->work, "a choice: letters are compared, %d against %d", gold.count, answer.count);
        if (gold.count == 1 && answer.count == 1)
            *verdict = compare_options(j, &gold, &answer);
        else if (gold.letters == answer.letters)
            *verdict = equal(RP_REASON_CHOICE, RP_CERT_PROVED);
        else
            *verdict = different(answer.count > gold.count ? RP_REASON_EXTRA_ANSWERS : RP_REASON_OTHER_TEXT);
        return true;
    }
    if (!gold.sure) return false;
    if (gold.count != 1 || gold.text >= gold_end) return false;
    rp_explain(j->work, "the gold is an option with its text, and the answer names no letter: the texts are compared");
    *verdict = judge_parts(j, gold.text, gold_end, 0, j->answer->tokens.count);
    return true;
}

/* ---- Labels ------------------------------------------------------------------------------------------------------ */

enum { LABELS_MAX = 8 };

typedef struct labelled {
    rp_str label; /* normal form */
    size_t begin, end;
    bool sign; /* a colon or an equals sign stands between label and value */
} labelled;

/* AB in AB : CD = 3 is a segment, no label. */
static bool is_label_word(const rp_token *t) {
    if (t->kind != T_WORD || t->text.length < 2) return false;
    bool lower = (t->flags & TF_TEXT) != 0;
    for (size_t i = 0; i < t->text.length; i++) lower = lower || !(t->text.data[i] >= 'A' && t->text.data[i] <= 'Z');
    return lower;
}

/* Words, then a colon or an equals sign, or a number or bracket at once: "radius: 5", "center (1,2)", "\max f = 27". */
static bool split_label(rp_work *work, const rp_reading *r, size_t begin, size_t end, labelled *part) {
    const rp_token *t = r->tokens.items;
    size_t at = begin;
    bool word = false;
    while (at < end && (t[at].kind == T_WORD || t[at].kind == T_LETTER || t[at].kind == T_FUNCTION)) {
        word =
            word || is_label_word(&t[at]) || (t[at].kind == T_FUNCTION && (t[at].op == RP_FN_MAX || t[at].op == RP_FN_MIN));
        if (t[at].kind == T_WORD && (rp_prose_denies(t[at].text) || rp_token_is_text(&t[at], "square")))
            return false; /* "less than 5" */
        at++;
        const bool hyphen = at + 1 < end && t[at].kind == T_MINUS && !(t[at].flags & TF_SPACE) && t[at + 1].kind == T_WORD;
        at += hyphen; /* x-intercept */
    }
    const bool equals = at < end && t[at].kind == T_RELATION && t[at].op == RP_REL_EQ;
    const bool sign = equals || (at < end && t[at].kind == T_COLON);
    const size_t value = at + sign;
    if (!word || value >= end || (!sign && t[at].kind != T_NUMBER && t[at].kind != T_OPEN && t[at].kind != T_MINUS))
        return false;
    *part = (labelled){rp_prose_normal(work, t, begin, at), value, end, sign};
    return !work->failed;
}

/* The parts of an answer between commas, semicolons and "and", each with its label; 0 when one has none. */
static int split_labels(rp_work *work, const rp_reading *r, labelled parts[LABELS_MAX]) {
    int count = 0, depth = 0;
    size_t begin = 0;
    for (size_t i = 0; i <= r->tokens.count; i++) {
        const rp_token *t = &r->tokens.items[i];
        if (t->kind == T_OPEN) depth++;
        if (t->kind == T_CLOSE) depth--;
        const bool separates = t->kind == T_COMMA || t->kind == T_SEMICOLON || (t->kind == T_AND && t->op == 'a');
        if (i < r->tokens.count && (depth > 0 || !separates)) continue;
        if (begin == i) { /* ", and" */
            begin = i + 1;
            continue;
        }
        if (count == LABELS_MAX || !split_label(work, r, begin, i, &parts[count++])) return 0;
        begin = i + 1;
    }
    return count;
}

/* Every label of the gold has its equal among the answer's, with an equal value. */
static rp_verdict compare_labelled(const judging *j, const labelled *gold, const labelled *answer, int count) {
    rp_verdict weakest = equal(RP_REASON_STRUCTURAL, RP_CERT_PROVED);
    for (int i = 0; i < count; i++) {
        int other = 0;
        while (other < count && !rp_str_equal(gold[i].label, answer[other].label)) other++;
        if (other == count) return different(RP_REASON_OTHER_TEXT);
        const rp_verdict v = judge_parts(j, gold[i].begin, gold[i].end, answer[other].begin, answer[other].end);
        if (v.kind != RP_VERDICT_EQUAL) return v.kind == RP_VERDICT_BUDGET ? v : different(RP_REASON_VALUE);
        if (v.certificate > weakest.certificate) weakest = v;
    }
    return weakest;
}

static bool labels_differ_pairwise(const labelled *parts, int count) {
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            if (rp_str_equal(parts[i].label, parts[k].label)) return false;
    return true;
}

/* radius: 5, center: (1, 2) in any order; a single label with its colon may also be missing on one side. */
static bool labels(judging *j, rp_verdict *verdict) {
    labelled gold[LABELS_MAX], answer[LABELS_MAX];
    const int gold_count = split_labels(j->work, j->gold, gold), answer_count = split_labels(j->work, j->answer, answer);
    if (gold_count == 0 && answer_count == 0) return false;
    if (gold_count > 1 || answer_count > 1) {
        if (gold_count != answer_count || !labels_differ_pairwise(gold, gold_count)) return false;
        *verdict = compare_labelled(j, gold, answer, gold_count);
    } else if (gold_count == answer_count) {
        if (!rp_str_equal(gold[0].label, answer[0].label)) return false;
        *verdict = judge_parts(j, gold[0].begin, gold[0].end, answer[0].begin, answer[0].end);
    } else if (!(gold_count ? gold : answer)[0].sign) {
        return false; /* "the root of 14" is no label */
    } else if (answer_count == 1) {
        *verdict = judge_parts(j, 0, j->gold->tokens.count, answer[0].begin, answer[0].end);
    } else {
        *verdict = judge_parts(j, gold[0].begin, gold[0].end, 0, j->answer->tokens.count);
    }
    rp_explain(j->work, "labelled values: compared label by label");
    return verdict->kind == RP_VERDICT_EQUAL || gold_count > 1;
}

/* ---- Formulas ---------------------------------------------------------------------------------------------------- */

/* A decimal with k digits equals the other side rounded to k digits; k digits must say something (3 significant ones). */
static bool equals_rounded(rp_work *work, const rp_node *decimal, const rp_node *exact) {
    if (decimal->kind != RP_NUMBER || decimal->flags == 0 || rp_tree_is_answer_kind(exact)) return false;
    const rp_node *value = rp_simplify(work, exact);
    rp_q rounded;
    const rp_q least = rp_q_pow(work, rp_q_int(10), 2 - (int64_t)decimal->flags);
    const rp_q size = rp_q_sign(decimal->q) < 0 ? rp_q_neg(work, decimal->q) : decimal->q;
    if (rp_q_cmp(work, size, least) < 0 || !rp_is_constant(value)) return false;
    if (!rp_constant_round(work, value, decimal->flags, &rounded)) return false;
    return rp_q_equal(rounded, decimal->q);
}

static bool approximately(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->kind == answer->kind && gold->count == answer->count && gold->count > 0 && rp_tree_is_answer_kind(gold) &&
        gold->op == answer->op && gold->flags == answer->flags && rp_str_equal(gold->name, answer->name)) {
        for (uint32_t i = 0; i < gold->count; i++)
            if (!approximately(work, gold->kids[i], answer->kids[i]) &&
                rp_compare_nodes(work, gold->kids[i], answer->kids[i]).outcome != RP_SAME)
                return false;
        return true;
    }
    return equals_rounded(work, answer, gold) || equals_rounded(work, gold, answer);
}

/* Both sides as formulas. In a list commas separate, unless a group of zeros says otherwise. */
static bool parse_both(judging *j, bool *group) {
    *group = true;
    if (!rp_reading_parse(j->work, j->gold, true)) return false;
    if (j->gold->tree->kind == RP_LIST) {
        *group = rp_reading_has_zero_group(j->gold) || rp_reading_has_zero_group(j->answer);
        if (!*group && !rp_reading_parse(j->work, j->gold, false)) return false;
    }
    return rp_reading_parse(j->work, j->answer, *group);
}

static bool formulas(judging *j, rp_verdict *verdict) {
    bool group;
    const bool parsed = parse_both(j, &group);
    explain_reading(j->work, "gold", j->gold);
    explain_reading(j->work, "answer", j->answer);
    if (j->work->failed) {
        *verdict = verdict_of(RP_VERDICT_BUDGET, j->work->failure, RP_CERT_NONE, 0);
        return true;
    }
    if (!parsed) return false;
    rp_finding finding = rp_reading_compare(j->work, j->gold, j->answer, group);
    /* What nobody can compute is still equal to itself, as long as it means something. */
    if (finding.outcome != RP_SAME && finding.reason != RP_REASON_UNDEFINED &&
        rp_tree_equal(j->gold->tree, j->answer->tree))
        finding = rp_found(RP_SAME, RP_REASON_IDENTICAL_TEXT, RP_CERT_PROVED, 0);
    if (finding.outcome == RP_DIFFERENT && j->work->options->rounded &&
        approximately(j->work, j->gold->tree, j->answer->tree))
        finding = rp_found(RP_SAME, RP_REASON_APPROX, RP_CERT_NONE, 0);
    *verdict = from_finding(finding);
    return true;
}

/* Sentences, programs, chemistry: what is not in the grammar is equal to itself, written in the same way. */
static bool same_text(judging *j, rp_verdict *verdict) {
    bool says_something = false; /* "?" does not */
    for (size_t i = 0; i < j->gold->tokens.count; i++) {
        const rp_token_kind kind = (rp_token_kind)j->gold->tokens.items[i].kind;
        says_something = says_something || kind == T_NUMBER || kind == T_WORD || kind == T_LETTER || kind == T_AND;
    }
    if (!says_something) return false;
    const rp_str gold = rp_prose_same_text(j->work, j->gold->tokens.items, 0, j->gold->tokens.count);
    const rp_str answer = rp_prose_same_text(j->work, j->answer->tokens.items, 0, j->answer->tokens.count);
    if (j->work->failed || gold.length == 0 || !rp_str_equal(gold, answer)) return false;
    rp_explain(j->work, "not in the grammar, and the same text on both sides");
    *verdict = equal(RP_REASON_TEXT, RP_CERT_TEXT);
    return true;
}

static bool not_understood(judging *j, rp_verdict *verdict) {
    if (j->work->failed) {
        *verdict = verdict_of(RP_VERDICT_BUDGET, j->work->failure, RP_CERT_NONE, 0);
        return true;
    }
    const bool gold_failed = !j->gold->tree;
    *verdict = verdict_of(RP_VERDICT_UNPARSED, gold_failed ? RP_REASON_GOLD_UNPARSED : j->answer->reason, RP_CERT_NONE, 0);
    verdict->offset = gold_failed ? j->gold->offset : j->answer->offset;
    return true;
}

/* ---- The ladder -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *what;
    bool (*decide)(judging *j, rp_verdict *verdict); /* false: the next rung */
} ladder[] = {
    {"nothing on one side", nothing_there}, {"the same words", same_words},
    {"times of day and dates", moments},    {"letters of a multiple choice", choices},
    {"values with labels", labels},         {"formulas, in the readings of reading.c", formulas},
    {"the same text", same_text},           {"not understood", not_understood},
};

static rp_verdict judge(judging j) {
    rp_verdict verdict = different(RP_REASON_KIND);
    for (size_t i = 0; i < sizeof ladder / sizeof ladder[0]; i++)
        if (ladder[i].decide(&j, &verdict)) break;
    return verdict;
}

rp_verdict rp_judge(rp_work *work, rp_str gold, rp_str answer) {
    rp_reading g, a;
    if (!rp_reading_lex(work, gold, &g) || !rp_reading_lex(work, answer, &a))
        return verdict_of(RP_VERDICT_BUDGET, work->failure, RP_CERT_NONE, 0);
    rp_verdict verdict = judge((judging){work, &g, &a, 0});
    verdict.gold = normal_form(work, &g);
    verdict.answer = normal_form(work, &a);
    return verdict;
}

static bool is_words_only(const rp_node *a) {
    if (a->kind != RP_LIST) return a->kind == RP_TEXT;
    for (uint32_t i = 0; i < a->count; i++)
        if (!is_words_only(a->kids[i])) return false;
    return true;
}

rp_answer_kind rp_judge_answer_kind(rp_work *work, rp_str text) {
    enum { TOKENS = 64, BYTES = 400 };
    rp_reading r;
    rp_choices letters;
    rp_moment moment;
    if (text.length > BYTES || !rp_reading_lex(work, text, &r) || r.tokens.count > TOKENS) return RP_ANSWER_NOT;
    if (rp_choices_read(r.tokens.items, r.tokens.count, &letters)) return RP_ANSWER_VALUE;
    if (rp_moment_read(r.tokens.items, r.tokens.count, &moment) && moment.certain) return RP_ANSWER_VALUE;
    if (r.prose && r.tokens.count == 1) return RP_ANSWER_WORD;
    if (!rp_reading_parse(work, &r, true)) return RP_ANSWER_NOT;
    return is_words_only(r.tree) ? RP_ANSWER_NOT : RP_ANSWER_VALUE; /* a number in words is a value */
}
