/* SPDX-License-Identifier: MIT
 *
 * commands.c — what each TeX command and each bare word of mathematics means to the lexer: one row each.
 *
 * Rows are sorted by name, byte by byte (a test checks it), so that a look-up is a binary search.
 */
#include "read/lex.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN(name, token, op)                                                                                             \
    { name, C_TOKEN, token, op, NULL }
#define NAMED(name, token, text)                                                                                           \
    { name, C_TOKEN, token, 0, text }
#define FN(name, fn)                                                                                                       \
    { name, C_TOKEN, T_FUNCTION, fn, NULL }
#define CLASS(name, class)                                                                                                 \
    { name, class, T_UNKNOWN, 0, NULL }

/* clang-format off */
static const rp_command commands[] = {
    CLASS("Bbb", C_BLACKBOARD), CLASS("Big", C_SKIP), CLASS("Bigg", C_SKIP), CLASS("Biggl", C_SKIP),
    CLASS("Biggr", C_SKIP), CLASS("Bigl", C_SKIP), CLASS("Bigr", C_SKIP), TOKEN("C", T_NAMED_SET, 'C'),
    TOKEN("Delta", T_LETTER, 0), TOKEN("Gamma", T_LETTER, 0), CLASS("Huge", C_SKIP), FN("Im", RP_FN_IM),
    TOKEN("Lambda", T_LETTER, 0), CLASS("Large", C_SKIP), TOKEN("Leftarrow", T_RELATION, RP_REL_IMPLIED_BY),
    TOKEN("Leftrightarrow", T_RELATION, RP_REL_IFF), TOKEN("Longleftarrow", T_RELATION, RP_REL_IMPLIED_BY),
    TOKEN("Longleftrightarrow", T_RELATION, RP_REL_IFF), TOKEN("Longrightarrow", T_RELATION, RP_REL_IMPLIES),
    TOKEN("N", T_NAMED_SET, 'N'), TOKEN("Omega", T_LETTER, 0), TOKEN("Phi", T_LETTER, 0), TOKEN("Pi", T_LETTER, 0),
    NAMED("Pr", T_LETTER, "Pr"), TOKEN("Psi", T_LETTER, 0), TOKEN("Q", T_NAMED_SET, 'Q'), TOKEN("R", T_NAMED_SET, 'R'),
    FN("Re", RP_FN_RE), TOKEN("Reals", T_NAMED_SET, 'R'), TOKEN("Rightarrow", T_RELATION, RP_REL_IMPLIES),
    TOKEN("Sigma", T_LETTER, 0), TOKEN("Theta", T_LETTER, 0), TOKEN("Upsilon", T_LETTER, 0), TOKEN("Vert", T_BAR, 0),
    TOKEN("Xi", T_LETTER, 0), TOKEN("Z", T_NAMED_SET, 'Z'), FN("abs", RP_FN_ABS), FN("acos", RP_FN_ACOS),
    FN("acosh", RP_FN_ACOSH), TOKEN("aleph", T_LETTER, 0), TOKEN("alpha", T_LETTER, 0), TOKEN("angle", T_PREFIX, 0),
    TOKEN("approx", T_RELATION, RP_REL_APPROX), TOKEN("approxeq", T_RELATION, RP_REL_APPROX), FN("arccos", RP_FN_ACOS),
    FN("arccosh", RP_FN_ACOSH), FN("arccot", RP_FN_ACOT), FN("arccsc", RP_FN_ACSC), FN("arcctg", RP_FN_ACOT),
    FN("arcosh", RP_FN_ACOSH), FN("arcsec", RP_FN_ASEC), FN("arcsin", RP_FN_ASIN), FN("arcsinh", RP_FN_ASINH),
    FN("arctan", RP_FN_ATAN), FN("arctanh", RP_FN_ATANH), FN("arctg", RP_FN_ATAN), FN("arg", RP_FN_ARG),
    FN("arsinh", RP_FN_ASINH), FN("artanh", RP_FN_ATANH), FN("asin", RP_FN_ASIN), FN("asinh", RP_FN_ASINH),
    TOKEN("ast", T_TIMES, 0), TOKEN("asymp", T_RELATION, RP_REL_SIMILAR), FN("atan", RP_FN_ATAN),
    FN("atanh", RP_FN_ATANH), TOKEN("backslash", T_SET_OP, RP_SET_MINUS), NAMED("bar", T_ACCENT, "overline"),
    CLASS("bcancel", C_SKIP_ARG), CLASS("because", C_SKIP), TOKEN("beta", T_LETTER, 0), CLASS("bf", C_SKIP),
    CLASS("big", C_SKIP), TOKEN("bigcap", T_SET_OP, RP_SET_INTERSECTION), TOKEN("bigcup", T_SET_OP, RP_SET_UNION),
    CLASS("bigg", C_SKIP), CLASS("biggl", C_SKIP), CLASS("biggr", C_SKIP), CLASS("bigl", C_SKIP), CLASS("bigm", C_SKIP),
    CLASS("bigr", C_SKIP), TOKEN("binom", T_BINOM, 0), CLASS("bm", C_SKIP), TOKEN("bmod", T_MOD, 0),
    CLASS("boldsymbol", C_SKIP), CLASS("boxed", C_SKIP), TOKEN("bullet", T_TIMES, 0), CLASS("cancel", C_SKIP_ARG),
    TOKEN("cap", T_SET_OP, RP_SET_INTERSECTION), TOKEN("cdot", T_TIMES, 0), TOKEN("cdots", T_DOTS, 0),
    FN("ceil", RP_FN_CEIL), NAMED("cent", T_CURRENCY, "USc"), CLASS("centering", C_SKIP), TOKEN("cfrac", T_FRAC, 0),
    FN("ch", RP_FN_COSH), TOKEN("chi", T_LETTER, 0), TOKEN("choose", T_CHOOSE, 0), TOKEN("circ", T_DEGREE, 0),
    CLASS("color", C_SKIP_ARG), CLASS("colorbox", C_SKIP_ARG),
    TOKEN("combiningbar", T_ACCENT, 0), TOKEN("cong", T_RELATION, RP_REL_EQUIV),
    FN("cos", RP_FN_COS), FN("cosec", RP_FN_CSC), FN("cosh", RP_FN_COSH), FN("cot", RP_FN_COT), FN("cotg", RP_FN_COT),
    FN("coth", RP_FN_COTH), TOKEN("cr", T_ROW, 0), FN("csc", RP_FN_CSC), FN("csch", RP_FN_CSCH), FN("ctg", RP_FN_COT),
    TOKEN("cup", T_SET_OP, RP_SET_UNION), TOKEN("dbinom", T_BINOM, 0), TOKEN("ddot", T_ACCENT, 0),
    TOKEN("ddots", T_DOTS, 0), TOKEN("degree", T_DEGREE, 0), TOKEN("delta", T_LETTER, 0), FN("det", RP_FN_DET),
    TOKEN("dfrac", T_FRAC, 0), CLASS("displaystyle", C_SKIP), TOKEN("div", T_DIVIDE, 0),
    TOKEN("divides", T_RELATION, RP_REL_DIVIDES), TOKEN("dot", T_ACCENT, 0), TOKEN("doteq", T_RELATION, RP_REL_APPROX),
    TOKEN("dots", T_DOTS, 0), TOKEN("dotsb", T_DOTS, 0), TOKEN("dotsc", T_DOTS, 0), TOKEN("ell", T_LETTER, 0),
    CLASS("emph", C_TEXT), TOKEN("emptyset", T_EMPTY_SET, 0), CLASS("enskip", C_SPACE), CLASS("enspace", C_SPACE),
    CLASS("ensuremath", C_SKIP), TOKEN("epsilon", T_LETTER, 0), TOKEN("eq", T_RELATION, RP_REL_EQ),
    TOKEN("equiv", T_RELATION, RP_REL_EQUIV), TOKEN("eta", T_LETTER, 0), NAMED("euro", T_CURRENCY, "EUR"),
    FN("exp", RP_FN_EXP), TOKEN("exponentialE", T_CONSTANT, RP_E), CLASS("fbox", C_SKIP), FN("floor", RP_FN_FLOOR),
    CLASS("fontsize", C_SKIP_ARG), NAMED("forall", T_UNKNOWN, "forall"), TOKEN("frac", T_FRAC, 0), CLASS("framebox", C_SKIP),
    TOKEN("gamma", T_LETTER, 0), FN("gcd", RP_FN_GCD), TOKEN("ge", T_RELATION, RP_REL_GE),
    TOKEN("geq", T_RELATION, RP_REL_GE), TOKEN("geqq", T_RELATION, RP_REL_GE), TOKEN("geqslant", T_RELATION, RP_REL_GE),
    TOKEN("gets", T_RELATION, RP_REL_FROM), TOKEN("gg", T_RELATION, RP_REL_MUCH_GREATER),
    TOKEN("gneq", T_RELATION, RP_REL_GT), TOKEN("gt", T_RELATION, RP_REL_GT), TOKEN("hat", T_ACCENT, 0),
    TOKEN("hbar", T_LETTER, 0), CLASS("hbox", C_TEXT), CLASS("hline", C_SKIP), CLASS("hphantom", C_SKIP_ARG),
    CLASS("href", C_SKIP_ARG), CLASS("hspace", C_SKIP_ARG), CLASS("huge", C_SKIP), TOKEN("iff", T_RELATION, RP_REL_IFF),
    TOKEN("imath", T_CONSTANT, RP_I), TOKEN("impliedby", T_RELATION, RP_REL_IMPLIED_BY),
    TOKEN("implies", T_RELATION, RP_REL_IMPLIES), TOKEN("in", T_RELATION, RP_REL_IN), FN("inf", RP_FN_MIN),
    TOKEN("infin", T_CONSTANT, RP_INFINITY), TOKEN("infinity", T_CONSTANT, RP_INFINITY),
    TOKEN("infty", T_CONSTANT, RP_INFINITY), TOKEN("int", T_BIG, RP_BIG_INTEGRAL), TOKEN("integers", T_NAMED_SET, 'Z'),
    TOKEN("iota", T_LETTER, 0), CLASS("it", C_SKIP), TOKEN("kappa", T_LETTER, 0), CLASS("kern", C_SKIP_ARG),
    TOKEN("lVert", T_OPEN, '|'), CLASS("label", C_SKIP_ARG), TOKEN("lambda", T_LETTER, 0), TOKEN("land", T_AND, 'a'),
    TOKEN("langle", T_OPEN, '<'), CLASS("large", C_SKIP), TOKEN("lbrace", T_OPEN, 'S'), TOKEN("lbrack", T_OPEN, '['),
    TOKEN("lceil", T_OPEN, 'c'), FN("lcm", RP_FN_LCM), TOKEN("ldots", T_DOTS, 0), TOKEN("le", T_RELATION, RP_REL_LE),
    CLASS("left", C_SKIP), TOKEN("leftarrow", T_RELATION, RP_REL_FROM), TOKEN("leftrightarrow", T_RELATION, RP_REL_IFF),
    TOKEN("leq", T_RELATION, RP_REL_LE), TOKEN("leqq", T_RELATION, RP_REL_LE), TOKEN("leqslant", T_RELATION, RP_REL_LE),
    TOKEN("lfloor", T_OPEN, 'f'), FN("lg", RP_FN_LG), TOKEN("lgroup", T_OPEN, '('), TOKEN("lim", T_BIG, RP_BIG_LIMIT),
    CLASS("limits", C_SKIP), TOKEN("ll", T_RELATION, RP_REL_MUCH_LESS), TOKEN("llcorner", T_OPEN, 'f'),
    FN("ln", RP_FN_LN), TOKEN("lneq", T_RELATION, RP_REL_LT), FN("log", RP_FN_LOG),
    TOKEN("longleftarrow", T_RELATION, RP_REL_FROM), TOKEN("longleftrightarrow", T_RELATION, RP_REL_IFF),
    TOKEN("longmapsto", T_RELATION, RP_REL_MAPS_TO), TOKEN("longrightarrow", T_RELATION, RP_REL_TO),
    TOKEN("lor", T_AND, 'o'), TOKEN("lparen", T_OPEN, '('), TOKEN("lrcorner", T_CLOSE, 'f'),
    TOKEN("lt", T_RELATION, RP_REL_LT), TOKEN("lvert", T_OPEN, '|'), TOKEN("mapsto", T_RELATION, RP_REL_MAPS_TO),
    CLASS("mathbb", C_BLACKBOARD), CLASS("mathbf", C_TEXT), CLASS("mathbin", C_SKIP), CLASS("mathcal", C_TEXT),
    CLASS("mathclose", C_SKIP), NAMED("mathdollar", T_CURRENCY, "USD"), CLASS("mathfrak", C_TEXT),
    CLASS("mathit", C_TEXT), CLASS("mathnormal", C_TEXT), CLASS("mathop", C_SKIP), CLASS("mathopen", C_SKIP),
    CLASS("mathord", C_SKIP), CLASS("mathrel", C_SKIP), CLASS("mathrm", C_TEXT), CLASS("mathscr", C_TEXT),
    CLASS("mathsf", C_TEXT), CLASS("mathtt", C_TEXT), FN("max", RP_FN_MAX), CLASS("mbox", C_TEXT),
    TOKEN("measuredangle", T_PREFIX, 0), CLASS("medspace", C_SPACE), TOKEN("mid", T_BAR, 0), CLASS("middle", C_SKIP),
    FN("min", RP_FN_MIN), CLASS("mleft", C_SKIP), TOKEN("mod", T_MOD, 0), TOKEN("models", T_RELATION, RP_REL_PROVES),
    TOKEN("mp", T_PLUSMINUS, 1), CLASS("mright", C_SKIP), CLASS("mspace", C_SKIP_ARG), TOKEN("mu", T_LETTER, 0),
    TOKEN("nabla", T_LETTER, 0), TOKEN("naturals", T_NAMED_SET, 'N'), TOKEN("ncong", T_RELATION, RP_REL_NOT_EQUIV),
    TOKEN("ne", T_RELATION, RP_REL_NE), CLASS("negmedspace", C_NEGSPACE), CLASS("negthinspace", C_NEGSPACE),
    TOKEN("neq", T_RELATION, RP_REL_NE), TOKEN("newline", T_ROW, 0), TOKEN("ngeq", T_RELATION, RP_REL_LT),
    TOKEN("ngtr", T_RELATION, RP_REL_LE), TOKEN("ni", T_RELATION, RP_REL_NI), TOKEN("nicefrac", T_FRAC, 0),
    TOKEN("nleq", T_RELATION, RP_REL_GT), TOKEN("nless", T_RELATION, RP_REL_GE),
    TOKEN("nmid", T_RELATION, RP_REL_NOT_DIVIDES), CLASS("noindent", C_SKIP), CLASS("nolimits", C_SKIP),
    CLASS("normalsize", C_SKIP), CLASS("not", C_NOT), TOKEN("notin", T_RELATION, RP_REL_NOT_IN),
    TOKEN("nparallel", T_RELATION, RP_REL_NOT_PARALLEL), TOKEN("nsubseteq", T_RELATION, RP_REL_NOT_SUBSET),
    TOKEN("nsupseteq", T_RELATION, RP_REL_NOT_SUPERSET), TOKEN("nu", T_LETTER, 0), TOKEN("omega", T_LETTER, 0),
    CLASS("operatorname", C_OPERATOR), TOKEN("over", T_OVER, 0), TOKEN("overarc", T_ACCENT, 0),
    CLASS("overbrace", C_SKIP), TOKEN("overline", T_ACCENT, 0), NAMED("overrightarrow", T_ACCENT, "vec"),
    TOKEN("owns", T_RELATION, RP_REL_NI), CLASS("par", C_SPACE), TOKEN("parallel", T_RELATION, RP_REL_PARALLEL),
    TOKEN("parallelogram", T_PREFIX, 0), TOKEN("partial", T_LETTER, 0), TOKEN("percent", T_PERCENT, 0),
    TOKEN("perp", T_RELATION, RP_REL_PERPENDICULAR), CLASS("phantom", C_SKIP_ARG), TOKEN("phi", T_LETTER, 0),
    TOKEN("pi", T_CONSTANT, RP_PI), TOKEN("pm", T_PLUSMINUS, 0), CLASS("pmb", C_TEXT), TOKEN("pmod", T_PMOD, 0),
    NAMED("pounds", T_CURRENCY, "GBP"), TOKEN("prec", T_RELATION, RP_REL_PRECEDES),
    TOKEN("preceq", T_RELATION, RP_REL_PRECEDES_EQ), TOKEN("prime", T_PRIME, 0), TOKEN("prod", T_BIG, RP_BIG_PRODUCT),
    TOKEN("propto", T_RELATION, RP_REL_PROPORTIONAL), TOKEN("psi", T_LETTER, 0), CLASS("qquad", C_WIDE_SPACE),
    CLASS("quad", C_WIDE_SPACE), TOKEN("rVert", T_CLOSE, '|'), TOKEN("rangle", T_CLOSE, '>'),
    TOKEN("rbrace", T_CLOSE, 'S'), TOKEN("rbrack", T_CLOSE, ']'), TOKEN("rceil", T_CLOSE, 'c'),
    TOKEN("reals", T_NAMED_SET, 'R'), CLASS("ref", C_SKIP_ARG), TOKEN("rfloor", T_CLOSE, 'f'),
    TOKEN("rgroup", T_CLOSE, ')'), TOKEN("rho", T_LETTER, 0), CLASS("right", C_SKIP),
    TOKEN("rightarrow", T_RELATION, RP_REL_TO), CLASS("rm", C_SKIP), NAMED("rouble", T_CURRENCY, "RUB"),
    TOKEN("rparen", T_CLOSE, ')'), NAMED("rupee", T_CURRENCY, "INR"), TOKEN("rvert", T_CLOSE, '|'),
    CLASS("scriptstyle", C_SKIP), FN("sec", RP_FN_SEC), FN("sech", RP_FN_SECH), TOKEN("setminus", T_SET_OP, RP_SET_MINUS),
    CLASS("sf", C_SKIP), TOKEN("sfrac", T_FRAC, 0), FN("sgn", RP_FN_SIGN), FN("sh", RP_FN_SINH),
    TOKEN("sigma", T_LETTER, 0), FN("sign", RP_FN_SIGN), TOKEN("sim", T_RELATION, RP_REL_SIMILAR),
    TOKEN("simeq", T_RELATION, RP_REL_APPROX), FN("sin", RP_FN_SIN), FN("sinh", RP_FN_SINH), CLASS("small", C_SKIP),
    TOKEN("smallsetminus", T_SET_OP, RP_SET_MINUS), CLASS("smash", C_SKIP), CLASS("space", C_SPACE),
    TOKEN("sqrt", T_SQRT, 0), CLASS("strut", C_SKIP), TOKEN("subset", T_RELATION, RP_REL_SUBSET),
    TOKEN("subseteq", T_RELATION, RP_REL_SUBSET), TOKEN("subseteqq", T_RELATION, RP_REL_SUBSET),
    TOKEN("subsetneq", T_RELATION, RP_REL_PROPER_SUBSET), TOKEN("subsetneqq", T_RELATION, RP_REL_PROPER_SUBSET),
    TOKEN("succ", T_RELATION, RP_REL_SUCCEEDS), TOKEN("succeq", T_RELATION, RP_REL_SUCCEEDS_EQ),
    TOKEN("sum", T_BIG, RP_BIG_SUM), FN("sup", RP_FN_MAX), TOKEN("supset", T_RELATION, RP_REL_SUPERSET),
    TOKEN("supseteq", T_RELATION, RP_REL_SUPERSET), TOKEN("supseteqq", T_RELATION, RP_REL_SUPERSET),
    TOKEN("supsetneq", T_RELATION, RP_REL_PROPER_SUPERSET), CLASS("tag", C_SKIP_ARG), FN("tan", RP_FN_TAN),
    FN("tanh", RP_FN_TANH), TOKEN("tau", T_LETTER, 0), TOKEN("tbinom", T_BINOM, 0), CLASS("text", C_TEXT),
    CLASS("textbf", C_TEXT), CLASS("textcolor", C_SKIP_ARG), NAMED("textdollar", T_CURRENCY, "USD"),
    NAMED("texteuro", T_CURRENCY, "EUR"), CLASS("textit", C_TEXT), CLASS("textnormal", C_TEXT), CLASS("textrm", C_TEXT),
    CLASS("textsc", C_TEXT), CLASS("textsf", C_TEXT), CLASS("textsl", C_TEXT), CLASS("textstyle", C_SKIP),
    CLASS("texttt", C_TEXT), CLASS("textup", C_TEXT), TOKEN("tfrac", T_FRAC, 0), FN("tg", RP_FN_TAN),
    FN("th", RP_FN_TANH), CLASS("therefore", C_SKIP), TOKEN("theta", T_LETTER, 0), CLASS("thickspace", C_SPACE),
    CLASS("thinspace", C_SPACE), TOKEN("tilde", T_ACCENT, 0), TOKEN("times", T_TIMES, 0),
    TOKEN("to", T_RELATION, RP_REL_TO), TOKEN("triangle", T_PREFIX, 0), CLASS("tt", C_SKIP),
    TOKEN("ulcorner", T_OPEN, 'c'), CLASS("underbrace", C_SKIP), CLASS("underline", C_SKIP),
    TOKEN("upsilon", T_LETTER, 0), TOKEN("urcorner", T_CLOSE, 'c'), NAMED("varepsilon", T_LETTER, "varepsilon"),
    CLASS("variable", C_SKIP), NAMED("varkappa", T_LETTER, "kappa"), TOKEN("varnothing", T_EMPTY_SET, 0),
    NAMED("varphi", T_LETTER, "phi"), NAMED("varpi", T_LETTER, "varpi"), NAMED("varrho", T_LETTER, "rho"),
    NAMED("varsigma", T_LETTER, "sigma"), TOKEN("varsubsetneq", T_RELATION, RP_REL_PROPER_SUBSET),
    NAMED("vartheta", T_LETTER, "theta"), TOKEN("vdash", T_RELATION, RP_REL_PROVES), TOKEN("vdots", T_DOTS, 0),
    TOKEN("vec", T_ACCENT, 0), TOKEN("vee", T_AND, 'o'), TOKEN("vert", T_BAR, 0), CLASS("vphantom", C_SKIP_ARG),
    CLASS("vspace", C_SKIP_ARG), TOKEN("wedge", T_AND, 'a'), NAMED("widehat", T_ACCENT, "hat"),
    NAMED("widetilde", T_ACCENT, "tilde"), CLASS("xcancel", C_SKIP_ARG), TOKEN("xi", T_LETTER, 0),
    NAMED("yen", T_CURRENCY, "JPY"), TOKEN("zeta", T_LETTER, 0),
};

/* Words that mean something without a backslash. */
static const rp_command words[] = {
    TOKEN("AND", T_AND, 'a'), TOKEN("And", T_AND, 'a'), TOKEN("Infinity", T_CONSTANT, RP_INFINITY),
    TOKEN("OR", T_AND, 'o'), TOKEN("Or", T_AND, 'o'), FN("abs", RP_FN_ABS), FN("acos", RP_FN_ACOS),
    FN("acosh", RP_FN_ACOSH), TOKEN("alpha", T_LETTER, 0), TOKEN("and", T_AND, 'a'), FN("arccos", RP_FN_ACOS),
    FN("arccosh", RP_FN_ACOSH), FN("arcsin", RP_FN_ASIN), FN("arcsinh", RP_FN_ASINH), FN("arctan", RP_FN_ATAN),
    FN("arctanh", RP_FN_ATANH), FN("asin", RP_FN_ASIN), FN("asinh", RP_FN_ASINH), FN("atan", RP_FN_ATAN),
    FN("atanh", RP_FN_ATANH), TOKEN("beta", T_LETTER, 0), FN("ceil", RP_FN_CEIL), TOKEN("choose", T_CHOOSE, 0),
    FN("cos", RP_FN_COS), FN("cosh", RP_FN_COSH), FN("cot", RP_FN_COT), FN("csc", RP_FN_CSC), FN("det", RP_FN_DET),
    FN("exp", RP_FN_EXP), FN("floor", RP_FN_FLOOR), TOKEN("gamma", T_LETTER, 0), FN("gcd", RP_FN_GCD),
    TOKEN("inf", T_CONSTANT, RP_INFINITY), TOKEN("infinity", T_CONSTANT, RP_INFINITY), TOKEN("lambda", T_LETTER, 0),
    FN("lcm", RP_FN_LCM), FN("lg", RP_FN_LG), FN("ln", RP_FN_LN), FN("log", RP_FN_LOG), FN("max", RP_FN_MAX),
    FN("min", RP_FN_MIN), TOKEN("mod", T_MOD, 0), TOKEN("omega", T_LETTER, 0), TOKEN("oo", T_CONSTANT, RP_INFINITY),
    TOKEN("or", T_AND, 'o'), TOKEN("phi", T_LETTER, 0), TOKEN("pi", T_CONSTANT, RP_PI), FN("sec", RP_FN_SEC),
    FN("sgn", RP_FN_SIGN), TOKEN("sigma", T_LETTER, 0), FN("sin", RP_FN_SIN), FN("sinh", RP_FN_SINH),
    TOKEN("sqrt", T_SQRT, 0), FN("tan", RP_FN_TAN), FN("tanh", RP_FN_TANH), TOKEN("theta", T_LETTER, 0),
    TOKEN("union", T_SET_OP, RP_SET_UNION), TOKEN("与", T_AND, 'a'), TOKEN("及", T_AND, 'a'), TOKEN("和", T_AND, 'a'),
    TOKEN("或", T_AND, 'o'), TOKEN("或者", T_AND, 'o'),
};
/* clang-format on */

typedef struct environment {
    const char *name;
    rp_environment which;
} environment;

static const environment environments[] = {
    {"matrix", RP_ENV_MATRIX},       {"pmatrix", RP_ENV_MATRIX},     {"bmatrix", RP_ENV_MATRIX},
    {"Bmatrix", RP_ENV_MATRIX},      {"smallmatrix", RP_ENV_MATRIX}, {"vmatrix", RP_ENV_DETERMINANT},
    {"Vmatrix", RP_ENV_DETERMINANT}, {"array", RP_ENV_ARRAY},        {"cases", RP_ENV_CASES},
    {"dcases", RP_ENV_CASES},        {"align", RP_ENV_ALIGN},        {"align*", RP_ENV_ALIGN},
    {"aligned", RP_ENV_ALIGN},       {"gather", RP_ENV_ALIGN},       {"gather*", RP_ENV_ALIGN},
    {"gathered", RP_ENV_ALIGN},      {"equation", RP_ENV_ALIGN},     {"equation*", RP_ENV_ALIGN},
    {"split", RP_ENV_ALIGN},         {"multline", RP_ENV_ALIGN},     {"center", RP_ENV_ALIGN},
    {"displaymath", RP_ENV_ALIGN},   {"math", RP_ENV_ALIGN},
};

/* bsearch hands over the key first: a slice without a NUL against a row's name. */
static int by_name(const void *key, const void *row) {
    const rp_str *name = key;
    const char *other = ((const rp_command *)row)->name;
    const size_t n = strlen(other);
    const int order = memcmp(name->data, other, name->length < n ? name->length : n);
    return order ? order : (name->length > n) - (name->length < n);
}

const rp_command *rp_command_find(rp_str name) {
    return bsearch(&name, commands, sizeof commands / sizeof commands[0], sizeof commands[0], by_name);
}

const rp_command *rp_word_find(rp_str name) {
    return bsearch(&name, words, sizeof words / sizeof words[0], sizeof words[0], by_name);
}

rp_environment rp_environment_find(rp_str name) {
    for (size_t i = 0; i < sizeof environments / sizeof environments[0]; i++)
        if (rp_str_is(name, environments[i].name)) return environments[i].which;
    return RP_ENV_UNKNOWN;
}
