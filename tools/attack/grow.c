/* SPDX-License-Identifier: MIT
 *
 * grow.c — what the attack is made of: known ways to look like everything, and their random compositions.
 *
 * Each table is a kind of trap: zeros that need a proof, almost-zeros, numbers so large that a zero times one is anything to
 * an enclosure, values that do not exist, sets that hold everything or nothing, tautologies, words. A composition puts them
 * and golds into frames (functions, operators, connectives, brackets) again and again.
 */
#include "attack.h"

#include <string.h>

/* clang-format off */
static const char *const zeros[] = {
    "\\sin^2 x+\\cos^2 x-1", "\\sin^2 1+\\cos^2 1-1", "\\cosh^2 x-\\sinh^2 x-1", "\\ln(e^{x})-x", "e^{\\ln 2}-2", "x-x",
    "0", "\\sqrt{x^2}-|x|", "\\tan x-\\frac{\\sin x}{\\cos x}", "\\arctan 1-\\frac{\\pi}{4}", "\\sec^2 x-\\tan^2 x-1",
    "\\log 100-2", "e^{i\\pi}+1", "\\sqrt{2}\\sqrt{3}-\\sqrt{6}", "\\sin 3x-3\\sin x+4\\sin^3 x",
    "\\frac{x^2-1}{x-1}-x-1", "n!-\\Gamma(n+1)", "\\sum_{k=1}^{n}k-\\frac{n(n+1)}{2}", "\\int_0^1 x\\,dx-\\frac12",
    "\\arcsin x+\\arccos x-\\frac{\\pi}{2}", "\\sin(\\pi n)", "\\cos 2x-1+2\\sin^2 x", "\\binom{n}{k}-\\binom{n}{n-k}",
    "\\max(x,y)+\\min(x,y)-x-y", "0^x", "\\zeta(2)-\\frac{\\pi^2}{6}", "\\lfloor x\\rfloor+\\lceil -x\\rceil",
    "\\gcd(n,1)-1", "(-1)^{2n}-1", "\\sqrt{5+2\\sqrt6}-\\sqrt2-\\sqrt3", "1-0.\\overline{9}", "\\sum_{k=1}^{0}k",
    "\\int_0^0 x\\,dx", "\\det\\begin{pmatrix}1&2\\\\2&4\\end{pmatrix}", "\\ln 6-\\ln 2-\\ln 3",
    "\\cos\\frac{\\pi}{7}-\\cos\\frac{2\\pi}{7}+\\cos\\frac{3\\pi}{7}-\\frac12", "\\lim_{x\\to 0}x", "x^{0}-1",
    "|x|-\\sqrt{x^2}", "\\tanh x-\\frac{e^x-e^{-x}}{e^x+e^{-x}}", "\\sin(x+y)-\\sin x\\cos y-\\cos x\\sin y",
    "\\ln(xy)-\\ln x-\\ln y",
};
static const char *const almost[] = {
    "\\frac{\\ln(640320^3+744)}{\\sqrt{163}}-\\pi", "e^{\\pi\\sqrt{163}}-640320^3-744", "10^{-100}", "\\sin(10^{-30})",
    "e^{-10^6}", "\\cos(10^{-30})-1", "\\tanh(100)-1", "\\tanh(10^3)-1", "\\frac{1}{100!}",
    "\\arctan(10^{50})-\\frac{\\pi}{2}", "2^{-10^9}", "\\sqrt{10^{40}+1}-10^{20}", "\\coth(10^3)-1", "e^{-10^{10}}",
    "0.00000000000000000000000000000000000001", "\\frac{1}{10^{10^{10}}}", "\\sin(\\pi+10^{-50})",
    "1-0.99999999999999999999999999999999", "\\left(\\frac12\\right)^{1000}", "\\sin(11)+1", "\\erf(30)-1",
    "\\sin^2(x)+\\cos^2(x+10^{-40})-1", "\\frac{x}{10^{60}}", "\\max(x,-1000)-x", "\\gcd(n,1000003)-1",
    "\\binom{n}{100}", "\\lfloor x/10^6+1/2\\rfloor", "\\lfloor e^{-x}\\rfloor", "\\frac{|x+1000|}{x+1000}-1",
    "e^{-e^{e^{3}}}",
};
static const char *const huge[] = {
    "10^{50}", "100!", "e^{10^6}", "2^{1000}", "10^{10^{10}}", "9^{9^{9}}", "\\binom{1000}{500}", "e^{e^{e^{2}}}",
    "\\cosh 1000", "\\Gamma(200)", "1000", "10^{4000}", "x^{1000}", "e^{x^{9}}", "\\tan\\frac{\\pi-10^{-40}}{2}",
    "1000!", "(10^{9})!", "7^{7^{7^{7}}}", "2^{10^6}", "e^{1000}", "\\frac{1}{10^{-300}}", "n!", "\\infty", "10^{100}x",
};
static const char *const undefined[] = {
    "\\frac{0}{0}", "\\frac{1}{0}", "0^0", "\\infty-\\infty", "\\ln 0", "\\sqrt{-1}", "\\frac{1}{\\sin\\pi}",
    "\\log_1 1", "NaN", "\\tan\\frac{\\pi}{2}", "\\text{undefined}", "\\text{DNE}", "\\infty",
    "\\frac{\\infty}{\\infty}", "0\\cdot\\infty", "1/0", "\\binom{-1}{-1}", "\\lim_{x\\to0}\\frac1x",
    "\\text{does not exist}", "\\arcsin 2", "\\frac{1}{x-x}", "\\log(-1)", "", "?", "\\ldots", "\\text{none}", "-",
    "\\square", "\\_\\_", "x", "\\cdot", "*", "()", "\\{\\}", "[]", "\\text{}", "{}", "\\frac{}{}", "=", "\\pm",
};
static const char *const sets[] = {
    "\\emptyset", "\\{\\}", "\\mathbb{R}", "(-\\infty,\\infty)", "\\mathbb{C}", "\\{x: x=x\\}", "\\{x\\mid x\\ne x\\}",
    "(1,0)", "[1,1)", "\\text{all real numbers}", "\\mathbb{R}\\setminus\\emptyset", "x\\in\\mathbb{R}", "\\mathbb{Z}",
    "\\{x: 0=0\\}", "(a,b)", "[5,5]", "\\mathbb{R}\\cap\\{1\\}", "\\text{all}", "\\text{any real } x", "\\{1,1,1\\}",
    "\\mathbb{N}", "\\{\\emptyset\\}", "x>\\infty", "x<x", "\\bigcup_{n}[n,n+1]", "\\{n: n\\in\\mathbb{Z}\\}", "(0,0)",
    "x\\ge -\\infty", "\\{x: x<1 \\text{ and } x>3\\}",
};
static const char *const truths[] = {
    "0=0", "x=x", "1=1", "0<1", "x\\le x", "0\\ne 1", "x=y", "0=1", "1\\in\\mathbb{R}", "x+1=x+1", "\\text{True}",
    "\\text{yes}", "a=b=c", "x\\le\\infty", "y=1 \\text{ and } y=-1", "x=0x", "0x=0", "2+3=5", "x^2\\ge 0", "f(x)=f(x)",
    "x\\equiv x", "x\\approx y", "1<2<3", "x\\to x", "p\\Rightarrow p", "y=y", "x-x=0", "0\\cdot y=0\\cdot x",
    "x^2=x^2", "x\\in\\{x\\}",
};
static const char *const words[] = {
    "\\text{or}", "\\text{odd }", "\\text{even }", "\\text{ cm}", "\\text{ m}", "\\%", "\\$", "^\\circ",
    "\\text{ hours}", "A", "B", "(A)", "C", "(A)(B)(C)(D)", "\\text{ apples}", "ABCD", "A or B", "1", "2", "0.5", "x",
    "n", "y=", "x=", "f(x)=", "i", "e", "\\pi", "\\alpha", "\\mathrm{kg}", "10:30", "\\text{ for some } k",
    "k\\in\\mathbb{Z}", "+C", "_2", "_{10}", "\\ldots", "\\sqrt", "\\frac12", "-1", "\\overline{3}", "\\hat{i}",
    "\\text{all of the above}", "\\text{the answer}", "\\text{not}", "\\text{none of these}", "\\mathbf{v}", "\\vec{v}",
    "\\angle ABC", "\\triangle ABC",
};
/* clang-format on */

typedef struct table {
    const char *const *items;
    uint32_t count;
} table;
#define TABLE(name)                                                                                                        \
    { name, sizeof name / sizeof name[0] }
static const table tables[] = {TABLE(zeros), TABLE(almost), TABLE(huge), TABLE(undefined),
                               TABLE(sets),  TABLE(truths), TABLE(words)};
enum { TABLES = sizeof tables / sizeof tables[0], ZEROS = 0, ALMOST = 1, HUGE_ONES = 2 };

/* clang-format off */
/* % stands for what is put in. */
static const char *const around[] = {
    "\\lfloor %\\rfloor", "\\lceil %\\rceil", "|%|", "\\sqrt{%}", "\\sqrt{(%)^2}", "\\sin(%)", "\\operatorname{sgn}(%)",
    "\\max(%,0)", "\\min(%,0)", "\\gcd(0,%)", "(%)^0", "0^{%}", "\\exp(%)", "\\ln(%)", "(%)!", "e^{%}", "\\arctan(%)",
    "(%) \\bmod 1", "\\{%\\}", "\\frac{%}{%}", "\\overline{%}", "\\Re(%)", "\\Im(%)",
    "\\det\\begin{pmatrix}%&0\\\\0&1\\end{pmatrix}", "\\text{%}", "\\boxed{%}", "\\cancel{%}", "\\phantom{%}",
    "\\lim_{x\\to 0}(%)", "\\sum_{k=1}^{0}(%)", "\\int_0^0 % \\,dx", "\\prod_{k=1}^{0}(%)", "\\displaystyle %",
    "\\underbrace{%}_{n}", "(%)'", "\\frac{d}{dx}(%)", "f(%)", "%\\%", "% \\text{ cm}", "%^\\circ", "-(%)", "(%)",
    "[%]", "\\left(%\\right)", "\\frac{1}{%}", "\\log_{%}(%)", "\\binom{%}{0}", "\\binom{%}{%}", "\\tanh(%)",
    "\\cos(%)", "\\begin{pmatrix}%\\end{pmatrix}", "\\begin{cases}%\\end{cases}", "x=%", "y=%", "\\therefore %",
    "\\neg(%)", "$%$", "\\not %", "\\sum_{k=1}^{n}(%)", "\\lim_{n\\to\\infty}(%)", "\\int_0^1(%)\\,dx", "%_{2}",
    "%_{10}", "\\sqrt[3]{%}", "(%)^{1/3}", "\\{x: %\\}", "\\{x\\mid %\\}", "\\text{if } %", "\\pm(%)",
    "% \\text{ (}%\\text{)}", "%.", "%?", "\\approx %", "\\neq %", "<%", "\\gcd(%,n)", "\\operatorname{round}(%)",
    "\\log(%)", "\\frac{%}{1}", "1000\\cdot(%)",
};
static const char *const between[] = {
    "+", "-", "\\cdot ", "/", "^", "=", ",", " \\text{ or } ", " \\text{ and } ", "<", "\\le ", "\\in ",
    "\\Rightarrow ", "\\to ", "\\approx ", "\\equiv ", "\\pm ", "\\cup ", "\\cap ", "\\setminus ", ":", ";", "\\\\",
    "\\quad ", "_", "|", " \\text{ if } ", "\\mid ", "\\ne ", "\\text{ not }", " ", "\\times ", "!", "\\implies ",
    "\\iff ", "\\subset ", "\\supseteq ", "\\oplus ", "\\circ ", "\\land ", "\\lor ", "\\text{ to }",
    "\\text{ but not }", "\n", "\\sim ", "\\mapsto ", " \\text{ where } ", "\\gg ", "\\propto ", "\\perp ",
};

const pair_form pair_forms[] = {
    {"%1=%2", false}, {"%1 \\text{ or } %2", false}, {"%1 \\text{ and } %2", false}, {"%1, %2", false},
    {"%1 \\quad %2", false}, {"%1 (%2)", false}, {"(%1) %2", false}, {"%1 \\\\ %2", false}, {"%1; %2", false},
    {"%1 \\ne %2", false}, {"%1 \\Rightarrow %2", false}, {"%1 \\to %2", false}, {"%1 \\text{ not } %2", false},
    {"%1 \\text{ i.e. } %2", false}, {"%1 \\approx %2", false}, {"%1 \\pm (%2)", false}, {"\\{%1,%2\\}", false},
    {"[%1,%2]", false}, {"%1:%2", false}, {"%1/%2", false}, {"%1^{%2}", false}, {"%1_{%2}", false}, {"%1 | %2", false},
    {"\\text{%1} %2", false}, {"\\cancel{%1} %2", false}, {"%1\n%2", false}, {"%1 \\cup %2", false},
    {"%1 \\cap %2", false}, {"%1 \\setminus %2", false}, {"\\begin{cases}%1\\\\%2\\end{cases}", false},
    {"\\begin{array}{c}%1\\\\%2\\end{array}", false}, {"%1 \\text{ where } %2", false}, {"%1 \\text{ if } %2", false},
    {"%1=x=%2", false}, {"x=%1=%2", false}, {"%1 \\land %2", false}, {"%1 \\lor %2", false}, {"%1 \\in %2", false},
    {"%1 \\subset %2", false}, {"%1 \\le %2", false}, {"%1 < x < %2", false}, {"\\max(%1,%2)", false},
    {"%1 \\% %2", false}, {"%1 \\text{ of } %2", false}, {"\\frac{%1+%2}{2}", false},
    {"\\text{either } %1 \\text{ or } %2", false}, {"(%1,%2)", false}, {"%1 \\text{ to } %2", false},
    {"\\text{Case 1: } %1 \\text{; Case 2: } %2", false}, {"\\boxed{%1}\\boxed{%2}", false},
    {"\\boxed{\\boxed{%1} %2}", false}, {"$%1$ $%2$", false}, {"$%1$ or $%2$", false}, {"%1 (or %2)", false},
    {"%1 \\text{ (} %2 \\text{)}", false}, {"%1 \\text{ but not } %2", false}, {"\\lim_{x\\to %1} %2", false},
    {"%1 \\equiv %2", false}, {"%1 \\pmod{%2}", false}, {"%1+0\\cdot(%2)", false}, {"%1 \\text{ unless } %2", false},
    {"\\boxed{%1} \\boxed{%2}", true}, {"\\boxed{%1}, \\boxed{%2}", true}, {"\\boxed{%1} or \\boxed{%2}", true},
    {"\\boxed{\\boxed{%1} %2}", true}, {"\\boxed{%1 \\boxed{%2}}", true}, {"\\boxed{%1}\n\n\\boxed{%2", true},
    {"\\boxed{%1} The final answer is %2.", true}, {"The answer is %1 or %2.", true},
    {"The answer is either %1 or %2.", true}, {"The answer is %1 (or %2).", true}, {"#### %1\n#### %2", true},
    {"#### %1 #### %2", true}, {"<answer>%1</answer><answer>%2</answer>", true}, {"<answer>%1 %2</answer>", true},
    {"The answer is %1, not %2.", true}, {"The answer is not %1 but %2.", true}, {"\\boxed{%1 \\text{ or } %2}", true},
    {"\\boxed{%1} </think> \\boxed{%2}", true}, {"The answer is %1 but it could be %2.", true},
    {"The answer is %1. The answer is %2.", true}, {"The answer is %1\nAnswer: %2", true}, {"**%1** **%2**", true},
    {"Answer: %1 / %2", true}, {"The answer is %1 to %2.", true}, {"The answer is %1 and %2.", true},
    {"Answer: $%1$ $%2$", true}, {"\\boxed{%1} if x>0, \\boxed{%2} otherwise", true}, {"The answers are %1, %2.", true},
    {"\\boxed{%1}. Wait, that is wrong: %2.", true}, {"Answer: (A) %1 (B) %2", true}, {"The answer is %1 %2.", true},
    {"The answer is %1 = %2.", true}, {"答案是%1或%2。", true}, {"The answer is %1; maybe %2.", true},
    {"\\boxed{%1} \\text{or} \\boxed{%2}", true}, {"\\boxed{%1}^{\\boxed{%2}}", true},
    {"The answer is neither %1 nor %2.", true}, {"The answer is between %1 and %2.", true},
};
const size_t pair_form_count = sizeof pair_forms / sizeof pair_forms[0];

static const char *const response_forms[] = {
    "The answer is %.", "\\boxed{%}", "#### %", "<answer>%</answer>", "\\boxed{%", "So $\\boxed{%}$.", "Answer: $%$",
    "**Answer:** %", "The final answer is %", "%", "$$%$$", "<think>%</think>%", "答案：%", "Therefore, the answer is: %!",
    "The answer: (%)", "\\fbox{%}", "\\boxed{\\text{%}}", "The answer is\n\n%",
};
/* clang-format on */

/* ---- Building ----------------------------------------------------------------------------------------------------- */

#define PICK(array, rng) ((array)[rp_rng_below((rng), (uint32_t)(sizeof(array) / sizeof((array)[0])))])

static rp_str finish(const rp_buffer *out) {
    rp_str text = {out->data ? out->data : "", out->failed ? 0 : out->length};
    if (text.length > ANSWER_MAX) {
        text.length = ANSWER_MAX;
        while (text.length && ((unsigned char)text.data[text.length] & 0xC0u) == 0x80) text.length--;
    }
    return text;
}

/* `form` with each mark replaced by one of the texts, in turn, the last one again and again. */
static rp_str fill(rp_arena *arena, const char *form, const rp_str *texts, size_t count) {
    rp_buffer out = rp_buffer_in(arena);
    size_t next = 0;
    for (const char *at = form; *at; at++) {
        if (*at != '%' || (at > form && at[-1] == '\\')) {
            rp_buffer_char(&out, *at);
            continue;
        }
        rp_buffer_append(&out, texts[next].data, texts[next].length);
        if (next + 1 < count) next++;
    }
    return finish(&out);
}

rp_str fill_pair(rp_arena *arena, const char *form, rp_str first, rp_str second) {
    rp_buffer out = rp_buffer_in(arena);
    for (const char *at = form; *at; at++) {
        const bool mark = *at == '%' && (at[1] == '1' || at[1] == '2');
        const rp_str *text = mark && at[1] == '1' ? &first : &second;
        if (mark)
            rp_buffer_append(&out, text->data, text->length), at++;
        else
            rp_buffer_char(&out, *at);
    }
    return (rp_str){out.data ? out.data : "", out.failed ? 0 : out.length};
}

static rp_str atom(const pool *p, rp_rng *rng) {
    const uint32_t which = rp_rng_below(rng, TABLES + 2);
    if (which >= TABLES) return pool_pick(p, rng);
    return rp_str_of(tables[which].items[rp_rng_below(rng, tables[which].count)]);
}

static rp_str item(const table *t, rp_rng *rng) {
    return rp_str_of(t->items[rp_rng_below(rng, t->count)]);
}

static rp_str compose(rp_arena *arena, const pool *p, rp_rng *rng, int depth) {
    if (depth == 0 || rp_rng_below(rng, 5) == 0) return atom(p, rng);
    rp_str parts[2] = {compose(arena, p, rng, depth - 1), compose(arena, p, rng, depth - 1)};
    if (rp_rng_below(rng, 2)) return fill(arena, PICK(around, rng), parts, 2);
    char form[64];
    const bool brackets = rp_rng_below(rng, 3) == 0;
    (void)snprintf(form, sizeof form, brackets ? "(%%)%s(%%)" : "%%%s%%", PICK(between, rng));
    return fill(arena, form, parts, 2);
}

/* The shape of the hole that began all this: something huge times a zero that only an identity knows, and a gold beside it. */
static rp_str scaled_zero(rp_arena *arena, const pool *p, rp_rng *rng) {
    static const char *const forms[] = {
        "%(%)",
        "(%)(%)",
        "\\lfloor %\\cdot(%)\\rfloor",
        "%\\cdot\\lfloor 1+%\\rfloor-%",
        "|%(%)|",
        "\\frac{%}{1/(%)}",
        "%\\sin(%)",
        "(%)^{2}(%)",
        "\\max(0,%(%))",
        "e^{%(%)}-1",
        "%\\lceil %\\rceil",
        "\\arctan(%(%))",
        "(%)\\left(e^{%}-1\\right)",
    };
    const rp_str parts[3] = {item(&tables[HUGE_ONES], rng), item(&tables[rp_rng_below(rng, 2) ? ZEROS : ALMOST], rng),
                             item(&tables[HUGE_ONES], rng)};
    const rp_str zero = fill(arena, PICK(forms, rng), parts, 3);
    if (rp_rng_below(rng, 3)) return zero;
    static const char *const with[] = {"%+%", "%\\cdot(1+%)", "%-(%)", "(%)^{1+%}", "\\frac{%}{1+%}"};
    const rp_str both[2] = {pool_pick(p, rng), zero};
    return fill(arena, PICK(with, rng), both, 2);
}

/* A piece of another text at a random place, a piece away, a piece twice. */
static rp_str spliced(rp_arena *arena, rp_str a, rp_str b, rp_rng *rng) {
    rp_buffer out = rp_buffer_in(arena);
    const uint32_t n = (uint32_t)a.length + 1, cut = rp_rng_below(rng, n);
    size_t to = cut + rp_rng_below(rng, 1 + (n - cut) / 3);
    if (to > a.length) to = a.length;
    rp_buffer_append(&out, a.data, cut);
    if (rp_rng_below(rng, 3)) rp_buffer_append(&out, b.data, b.length);
    rp_buffer_append(&out, a.data + to, a.length - to);
    return finish(&out);
}

static rp_str kept(const garden *g, rp_rng *rng) {
    const grown *one = &g->kept[rp_rng_below(rng, (uint32_t)g->count)];
    return (rp_str){one->text, one->length};
}

rp_str grow_answer(rp_arena *arena, const garden *g, const pool *p, rp_rng *rng) {
    const uint32_t way = rp_rng_below(rng, 10);
    if (way < 2) return scaled_zero(arena, p, rng);
    if (way < 5 || g->count == 0) return compose(arena, p, rng, 1 + (int)rp_rng_below(rng, 4));
    const rp_str parent = kept(g, rng);
    const rp_str other = rp_rng_below(rng, 2) ? atom(p, rng) : kept(g, rng);
    const rp_str both[2] = {parent, other}, turned[2] = {other, parent};
    if (way < 7) return spliced(arena, parent, other, rng);
    if (way < 8) return fill(arena, PICK(around, rng), both, 2);
    char form[64];
    (void)snprintf(form, sizeof form, "%%%s%%", PICK(between, rng));
    return fill(arena, form, way < 9 ? both : turned, 2);
}

rp_str grow_response(rp_arena *arena, rp_str answer, rp_rng *rng, bool *is_response) {
    *is_response = rp_rng_below(rng, 4) == 0;
    return *is_response ? fill(arena, PICK(response_forms, rng), &answer, 1) : answer;
}

void garden_keep(garden *g, rp_rng *rng, rp_str text, double score) {
    if (text.length == 0 || text.length > ANSWER_MAX / 2) return;
    /* Of a few picked by chance the worst gives way, so the garden keeps its variety. */
    size_t place = g->count;
    if (place == SCORE_KEPT) {
        place = rp_rng_below(rng, SCORE_KEPT);
        for (int i = 0; i < 7; i++) {
            const size_t other = rp_rng_below(rng, SCORE_KEPT);
            if (g->kept[other].score < g->kept[place].score) place = other;
        }
        if (g->kept[place].score > score) return;
    } else {
        g->count++;
    }
    memcpy(g->kept[place].text, text.data, text.length);
    g->kept[place].length = text.length;
    g->kept[place].score = score;
}
