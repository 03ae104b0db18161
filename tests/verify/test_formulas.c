/* SPDX-License-Identifier: MIT
 *
 * What answers say besides their values: relations and their direction, connectives, names, bounds, conditions. Every group
 * holds pairs that mean the same and near misses of them, which differ in one place. Different is different in both orders;
 * equal is, except where a group says that the gold decides.
 */
#include "check.h"

#include <rephrase/verify.h>

#include <string.h>

typedef struct pair {
    const char *gold, *answer;
    bool equal;
} pair;

static bool are_equal(rp_arena *arena, const char *gold, const char *answer) {
    return rp_verify_answer(arena, rp_str_of(gold), rp_str_of(answer), &rp_verify_defaults).kind == RP_VERDICT_EQUAL;
}

static size_t count_wrong(rp_arena *arena, const pair *p, bool symmetric) {
    size_t wrong = 0;
    for (int turned = 0; turned < (symmetric ? 2 : 1); turned++) {
        const char *gold = turned ? p->answer : p->gold, *answer = turned ? p->gold : p->answer;
        if (are_equal(arena, gold, answer) == p->equal) continue;
        print_message("gold \"%s\", answer \"%s\": expected %s\n", gold, answer, p->equal ? "equal" : "not equal");
        wrong++;
    }
    return wrong;
}

static void check(const pair *pairs, size_t count, bool symmetric) {
    rp_arena *arena = rp_arena_create("test", 0);
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) wrong += count_wrong(arena, &pairs[i], symmetric);
    rp_arena_destroy(arena);
    assert_int_equal(wrong, 0);
}
#define BOTH_ORDERS(pairs) check((pairs), sizeof(pairs) / sizeof((pairs)[0]), true)
#define GOLD_DRIVEN(pairs) check((pairs), sizeof(pairs) / sizeof((pairs)[0]), false)

static void test_relations_keep_their_direction(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"p\\Rightarrow q", "q\\Rightarrow p", false},
        {"p\\Rightarrow q", "q\\Leftarrow p", true},
        {"p\\Rightarrow q", "p\\implies q", true},
        {"p \\iff q", "q \\Leftrightarrow p", true},
        {"p \\iff q", "p \\Rightarrow q", false},
        {"U\\subseteq V", "V\\subseteq U", false},
        {"U\\subseteq V", "V\\supseteq U", true},
        {"U\\subsetneq V", "V\\subsetneq U", false},
        {"U\\subsetneq V", "U\\subseteq V", false},
        {"U\\not\\subset V", "U\\subset V", false},
        {"\\{3\\}\\subseteq S", "S\\subseteq\\{3\\}", false},
        {"3\\in A", "A\\in 3", false},
        {"3\\in A", "A\\ni 3", true},
        {"3\\in A", "3\\notin A", false},
        {"3\\notin A", "3\\not\\in A", true},
        {"x\\to 3", "3\\to x", false},
        {"x\\mapsto x^3", "x^3\\mapsto x", false},
        {"a \\leftarrow b", "b \\leftarrow a", false},
        {"a \\ll b", "b \\ll a", false},
        {"a \\ll b", "b \\gg a", true},
        {"a \\prec b", "b \\prec a", false},
        {"a \\prec b", "a \\preceq b", false},
        {"3 \\mid n", "n \\mid 3", false},
        {"3 \\mid n", "3 \\nmid n", false},
        {"3 \\mid n", "3 \\mid n", true},
        {"AB \\parallel CD", "CD \\parallel AB", true},
        {"AB \\parallel CD", "AB \\perp CD", false},
        {"a\\sim b", "b\\sim a", true},
        {"a\\sim b", "a\\propto b", false},
        {"\\triangle ABC\\cong\\triangle DEF", "\\triangle DEF\\cong\\triangle ABC", true},
        {"A\\vdash B", "B\\vdash A", false},
        {"⊆", "⊇", false},
        {"A ⊆ B", "A\\subseteq B", true},
    };
    BOTH_ORDERS(pairs);
}

static void test_equations_and_inequalities(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"y=3x+1", "3x-y+1=0", true},
        {"y=3x+1", "3x+y+1=0", false},
        {"x+y=1", "3x+3y=3", true},
        {"x+y=1", "x(x+y)=x", false},
        {"x+y=1", "(x+y-1)(x-y)=0", false},
        {"x+y=1", "0=0", false},
        {"a>b>c", "c<b<a", true},
        {"a>b>c", "a>c>b", false},
        {"a<b<c", "a<b\\le c", false},
        {"x>5", "-x<-5", true},
        {"x>5", "5>x", false},
        {"x^2+y^2=4", "4-x^2=y^2", true},
        {"x^2=4", "x=2", false},
        /* true and false statements about numbers say nothing of each other */
        {"2+3=5", "7+1=8", false},
        {"2<3", "4<5", false},
        {"1=2", "3=4", false},
        {"\\sin 2x=2\\sin x\\cos x", "0=0", false},
        {"\\sin 2x=2\\sin x\\cos x", "\\cos^2x+\\sin^2x=1", false},
        {"(a+b)^2=a^2+2ab+b^2", "(a+b)^2=a^2+b^2+2ab", true},
        {"(a-b)^2=a^2-2ab+b^2", "x=x", false},
        {"f(x)=f(x)", "g(x)=g(x)", false},
        {"5<x<2", "9<x<7", false},
    };
    BOTH_ORDERS(pairs);
}

static void test_chains_hold_link_by_link(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"i^6=i^4\\cdot i^2=-1", "-1", true},
        {"i^6=i^4\\cdot i^2=-1", "i^6=i^4\\cdot i^2=-7", false},
        {"i^6=i^4\\cdot i^2=-1", "i^6\\ne i^4\\cdot i^2=-1", false},
        {"2^6=4^3=64", "2^6=4^3<64", false},
        {"2^6=4^3=64", "2^6=5^3=64", false},
        {"t=\\frac{\\ln 3}{0.5}=2\\ln 3", "2\\ln 3", true},
        {"t=\\frac{\\ln 3}{0.5}=2\\ln 3", "t=\\frac{\\ln 5}{0.5}=2\\ln 3", false},
        {"f(x)=(x-1)(x+1)=x^2-1", "x^2-1", true},
        {"x^2-1", "f(x)=x^2+1=x^2-1", false},
        {"10", "AB=2r=10", true},
        {"x=\\frac13\\approx 0.333", "\\frac13", true},
        {"\\cos(e)\\approx-0.912", "\\cos(e)\\approx-0.412", false},
        {"\\cos(e)\\approx-0.912", "\\cos(e)", true},
        {"\\frac{250000}{49}\\approx 5102", "\\frac{250000}{49}", true},
        {"\\frac{250000}{49}\\approx 5100", "\\frac{250000}{49}", true},
        {"\\frac{250000}{49}\\approx 5102", "\\frac{250000}{49}\\approx 6102", false},
        {"x=\\frac13\\approx 0.333", "x=\\frac13\\approx 0.433", false},
        {"w_0=1", "w^0=1", false},
        {"2x-3", "x=2x-3", false},
        {"i^7=i^4\\cdot i^3=-i", "i=i^4\\cdot i^3=-i", false},
        {"0.56 = 56\\%", "056 = 56\\%", false},
        {"\\frac{40}{3}\\approx 13.33\\text{ minutes}", "\\frac{40}{3}\\approx 13.33\\text{ hours}", false},
        {"(1,-2,8)", "[1,-2,8)", false},
        {"11,\\!111,\\!100", "11,\\!11,\\!100", false},
        {"7^{\\log_7 3}=3", "0^{\\log_7 3}=3", false},
        {"\\frac{\\tan x}{2}+C=\\frac{\\sin x}{2\\cos x}+C", "x=x", false},
    };
    BOTH_ORDERS(pairs);
}

static void test_connectives_count(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"x<2 \\text{ or } x>7", "x<2 \\text{ and } x>7", false},
        {"x<2 \\text{ or } x>7", "(-\\infty,2)\\cup(7,\\infty)", true},
        {"x<2 \\text{ or } x>7", "x<2, x>7", true},
        {"x>2 \\text{ and } x<7", "x>2 \\text{ or } x<7", false},
        {"x>2 \\land x<7", "(2,7)", true},
        {"2<x<7", "x>2 \\text{ and } x<7", true},
        {"\\mathbb{R}", "x>2 \\text{ or } x<7", true},
        {"\\mathbb{R}", "x>7 \\text{ or } x<2", false},
        {"\\{x : x<2 \\text{ or } x>7\\}", "\\{x : x<2 \\text{ and } x>7\\}", false},
        {"\\{x : x<2 \\text{ or } x>7\\}", "(-\\infty,2)\\cup(7,\\infty)", true},
        {"\\{t \\mid t>2 \\text{ and } t<7\\}", "(2,7)", true},
        {"\\{x \\mid x\\ge 0, x\\ne 4\\}", "[0,4)\\cup(4,\\infty)", true},
        {"\\{x \\mid x\\ge 0 \\text{ or } x\\ne 4\\}", "[0,4)\\cup(4,\\infty)", false},
        {"x\\ge 3 \\lor x\\le -3", "|x|\\ge 3", true},
        {"x\\ge 3 \\lor x\\le -3", "x\\ge 3 \\land x\\le -3", false},
        {"x>1 \\text{ and } y<2", "x>1 \\text{ or } y<2", false},
        {"x>1 \\text{ and } y<2", "x>1, y<2", true},
        {"x=1 \\text{ and } y=2", "x=1 \\text{ or } y=2", false},
        {"x=1 \\text{ and } y=2", "y=2, x=1", true},
        /* values of one name are listed by either word */
        {"x=3 \\text{ and } x=8", "x=3, x=8", true},
        {"x=3 \\text{ and } x=8", "x=3 \\text{ or } x=8", true},
        {"x=3 \\text{ and } x=8", "x=3 \\text{ and } x=9", false},
        {"x=3 \\text{ and } x=8", "x=1 \\text{ and } x=2", false},
        {"x=3 \\text{ and } x=-3", "x=\\pm3", true},
        {"x=3 \\text{ and } x=8", "x\\in\\{3,8\\}", true},
        {"x=3 \\text{ and } x=8", "\\emptyset", false},
        {"n=1, n\\ge3", "n=1 \\text{ or } n\\ge3", true},
        {"n=1, n\\ge3", "n\\ge3", false},
        {"f(x)=x \\text{ or } f(x)=2-x", "f(x)=2-x, f(x)=x", true},
        {"f(x)=x \\text{ and } f(x)=2-x", "f(x)=x", false},
    };
    BOTH_ORDERS(pairs);
    static const pair empty[] = {
        {"\\emptyset", "x<2 \\text{ and } x>7", true},
        {"\\emptyset", "x<2 \\text{ or } x>7", false},
        {"x<2 \\text{ and } x>7", "x<1 \\text{ and } x>8", false},
        {"x<2 \\text{ and } x>7", "\\emptyset", false}, /* a gold that contradicts itself is answered by itself */
    };
    GOLD_DRIVEN(empty);
}

static void test_names_must_agree(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"x=-2, x=2", "x=-2, y=2", false},
        {"x=-2 \\text{ or } x=2", "x=-2 \\text{ or } y=2", false},
        {"x=-2, x=2", "-2, 2", true},
        {"x=-2, x=2", "y=-2, y=2", false},
        {"P(x)=-2, P(x)=x+1", "P(x)=-2, Q(x)=x+1", false},
        {"P(x)=-2, P(x)=x+1", "P(t)=t+1, P(t)=-2", true},
        {"R=2, I=(0,3)", "I=(0,3), R=2", true},
        {"R=2, I=(0,3)", "S=2, I=(0,3)", false},
        {"a_1=2, a_2=7", "a_1=7, a_2=2", false},
        {"\\bar{x}=2, \\bar{y}=3", "\\bar{x}=3, \\bar{y}=2", false},
        {"x=2\\pm\\sqrt3", "x_1=2+\\sqrt3, x_2=2-\\sqrt3", true},
        {"\\{\\{2\\},3\\}", "\\{2,3\\}", false},
        {"x=y=4, z=2", "x=4, y=4, z=2", true},
        {"x=y=4, z=2", "x=t=4, z=2", false},
        {"x=y=4", "x=t=4", false},
        {"x=y=4", "y=4, x=4", true},
        {"p(1)=p(5)=\\frac14", "p(1)=p(6)=\\frac14", false},
        {"A \\text{ exists and is unique}", "A \\text{ exists or is unique}", false},
        {"(x,y)=(2,5)", "y=5, x=2", true},
        {"(x,y)=(2,5)", "x=5, y=2", false},
    };
    BOTH_ORDERS(pairs);
}

static void test_functions_are_no_products(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"y(0)", "0", false},
        {"I(0)e^{-t/RC}", "0", false},
        {"I(0)e^{-t/RC}", "I(1)e^{-t/RC}", false},
        {"I(0)e^{-t/RC}", "e^{-t/RC}I(0)", true},
        {"I(1)", "I", false},
        {"\\phi(n)", "n\\phi", false},
        {"\\psi(0)", "0", false},
        {"u(x,t)", "u(t,x)", false},
        {"P(x+1)-P(x)", "P", false},
        {"P(2)=0", "P(4)=0", false},
        {"P(A)=\\frac12", "P(B)=\\frac12", false},
        {"\\Gamma(n+1)", "\\Gamma n+\\Gamma", false},
        {"\\Gamma(n+1)", "n!", true},
        {"\\Gamma(n+2)", "n!", false},
        {"x(x+1)", "x^2+x", true},
        {"a(b+c)", "ab+ac", true},
        {"P(1+r)^2", "P+2Pr+Pr^2", true},
        {"2k(k+1)", "2k^2+2k", true},
        {"\\mathbb{E}[X]=3", "3", true},
        {"\\Pr(A)=\\frac13", "\\frac13", true},
        {"\\Pr(A)=\\frac13", "\\Pr(B)=\\frac13", false},
        {"P(A|B)=\\frac13", "P(B|A)=\\frac13", false},
        {"P(X=2)=\\frac13", "\\frac13", true},
        {"y(0)=4", "4", true},
        {"S(n)=\\frac{n(n+1)}{2}", "\\frac{n^2+n}{2}", true},
        {"f(x)=x+3", "f(t)=t+3", true},
        {"f(x)=x+3", "f(t)=x+3", false},
        {"f(x,y)=x-2y", "f(a,b)=a-2b", true},
        {"f(x,y)=x-2y", "f(y,x)=x-2y", false},
        {"f(x,y)=x-2y", "f(y,x)=y-2x", true},
        {"P(x)=x^2", "-P(-x)=x^2", false},
        {"a_{n+1}", "a_{1+n}", true},
        {"a_{n+1}", "a_{n-1}", false},
        {"a_{n+1}", "a_n+1", false},
    };
    BOTH_ORDERS(pairs);
}

static void test_several_formulas_all_count(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"$y_1=1+x$\n$y_2=e^x$", "$y_1=2+x$\n$y_2=e^x$", false},
        {"$y_1=1+x$\n$y_2=e^x$", "y_1=1+x, y_2=e^x", true},
        {"$y_1=1+x$\n$y_2=e^x$", "e^x", false},
        {"y=x \\quad y=-3x", "y=-3x \\quad y=x", true},
        {"y=x \\quad y=-3x", "y=2x \\quad y=-3x", false},
        {"x=1\ny=2", "x=1,y=2", true},
        {"x=1\ny=2", "x=2,y=1", false},
        {"5\n3", "15", false},
        {"5\n3", "53", false},
        {"n+1\n0", "n", false},
        {"x+1\n0", "0", false},
        {"$\\mathbf{w}(1)=(1,2)$\n\n$\\mathbf{w}(2)=(3,4)$", "$\\mathbf{w}(1)=(1,2)$\n\n$\\mathbf{w}(2)=(3,5)$", false},
        {"$\\mathbf{w}(1)=(1,2)$\n\n$\\mathbf{w}(2)=(3,4)$", "$\\mathbf{w}(1)=(1,3)$\n\n$\\mathbf{w}(2)=(3,4)$", false},
        {"$\\mathbf{w}(1)=(1,2)$\n\n$\\mathbf{w}(2)=(3,4)$", "\\mathbf{w}(1)=(1,2), \\mathbf{w}(2)=(3,4)", true},
        {"(1,2)\n(3,4)", "(1,2), (3,4)", true},
        {"\\begin{aligned} x&=1 \\\\ y&=2\\end{aligned}", "x=1,y=2", true},
        {"\\begin{align*} x&=2+3\\\\ &=5\\end{align*}", "5", true},
        {"\\begin{align*} x&=2+3\\\\ &=6\\end{align*}", "6", false},
        {"\\left\\{\\begin{array}{l} x=1 \\\\ y=2\\end{array}\\right.", "\\begin{cases}y=2\\\\x=1\\end{cases}", true},
        {"\\left\\{\\begin{array}{l} x=1 \\\\ y=2\\end{array}\\right.", "\\begin{cases}y=1\\\\x=2\\end{cases}", false},
        {"\\frac{a}{2}\n\\left(b+c\\right)", "\\frac{ab+ac}{2}", true},
        {"a+\nb", "a+b", true},
    };
    BOTH_ORDERS(pairs);
}

static void test_backslashes_escaped_twice(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"\\frac{1}{2}", "\\\\frac{1}{2}", true},
        {"\\{4,5\\}", "\\\\{4,5\\\\}", true},
        {"(1,\\infty)", "(1,\\\\infty)", true},
        {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\\\begin{pmatrix}1\\\\\\\\2\\\\end{pmatrix}", true},
        {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\\\begin{pmatrix}2\\\\\\\\1\\\\end{pmatrix}", false},
        {"5{,}040", "5,\\\\!040", true},
        {"\\$7", "\\\\$7", true},
        {"x=1 \\\\ y=2", "x=1, y=2", true},
    };
    BOTH_ORDERS(pairs);
}

static void test_bounds_of_sums(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"\\sum_{1\\le k\\le 4}(2k+1)", "24", true},
        {"\\sum_{0<k<5}(2k+1)", "24", true},
        {"\\sum_{5>k\\ge 1}(2k+1)", "24", true},
        {"\\sum_{k\\in\\{1,2,3,4\\}}(2k+1)", "24", true},
        {"\\sum_{k\\mid 6}k", "12", true},
        {"\\prod_{k\\mid 6}k", "36", true},
        {"\\sum_{d\\mid 6}d", "\\sum_{d\\mid 8}d", false},
        {"\\sum_{k=1}^{4}(2k+1)", "\\sum_{k<1}^{4}(2k+1)", false},
        {"\\sum_{k=1}^{4}(2k+1)", "\\sum_{k\\ge 1}^{4}(2k+1)", false},
        {"\\sum_{n=0}^{\\infty}(n+1)x^n", "\\sum_{n>0}(n+1)x^n", false},
        {"\\sum_{n=1}^{\\infty}(n+1)x^n", "\\sum_{n>0}(n+1)x^n", true},
        {"\\sum_{n=0}^{\\infty}(n+1)x^n", "\\sum_{n\\neq 0}^{\\infty}(n+1)x^n", false},
        {"\\prod_{j=0}^{3}(2j+1)", "\\prod_{j<0}^{3}(2j+1)", false},
        {"\\sum_{k=1}^{n}k^2", "\\sum_{k=1}^{m}k^2", false},
        {"\\sum_{k=1}^{3} a_{k}", "3a_k", false},
        {"\\sum_{k=1}^{n} x_k", "nx_k", false},
        {"\\sum_{k=1}^{n} x_k", "\\sum_{i=1}^{n} x_i", true},
        {"\\frac1n\\sum_{i=1}^{n} X_i", "\\frac{\\sum_{j=1}^n X_j}{n}", true},
        {"\\sum_{i=1}^{n}\\sum_{j=1}^m x_{ij}", "\\sum_{i=1}^{n}\\sum_{j=1}^m x_{ji}", false},
        {"\\sum_{i=1}^{n} x_i y_i", "\\sum_{i=1}^{n} y_i x_i", true},
        {"\\sum_{i=1}^{n} x_i^2", "(\\sum_{i=1}^{n} x_i)^2", false},
        {"\\prod_{k=1}^{3} a_k", "a_k^3", false},
        {"\\sum_{k=1}^3 f_k(x)", "3f_k(x)", false},
        {"\\sum_{k=0}^{n} a_k x^k", "\\sum_{j=0}^{n} a_j x^j", true},
    };
    BOTH_ORDERS(pairs);
}

static void test_products_whose_order_matters(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"\\vec u\\times\\vec v", "\\vec v\\times\\vec u", false},
        {"\\vec u\\cdot\\vec v", "\\vec v\\cdot\\vec u", true},
        {"\\mathbf{u}\\times\\mathbf{v}", "\\mathbf{v}\\times\\mathbf{u}", false},
        {"\\mathbf{u}\\times\\mathbf{v}", "\\mathbf{u}\\cdot\\mathbf{v}", false},
        {"\\overrightarrow{AB}\\times\\overrightarrow{AC}", "\\overrightarrow{AC}\\times\\overrightarrow{AB}", false},
        {"(\\vec u+\\vec v)\\times\\vec w", "\\vec w\\times(\\vec u+\\vec v)", false},
        {"\\hat i\\times\\hat j", "\\hat j\\times\\hat i", false},
        {"f\\circ g", "g\\circ f", false},
        {"(f\\circ g)(x)", "f(g(x))", true},
        {"(f\\circ g)(x)", "g(f(x))", false},
        {"90\\circ", "90^\\circ", true},
        {"2\\times 3", "3\\times 2", true},
        {"\\begin{pmatrix}1\\\\0\\\\0\\end{pmatrix}\\times\\begin{pmatrix}0\\\\1\\\\0\\end{pmatrix}",
         "\\begin{pmatrix}0\\\\0\\\\1\\end{pmatrix}", true},
        {"\\begin{pmatrix}0\\\\1\\\\0\\end{pmatrix}\\times\\begin{pmatrix}1\\\\0\\\\0\\end{pmatrix}",
         "\\begin{pmatrix}0\\\\0\\\\1\\end{pmatrix}", false},
        {"\\begin{pmatrix}1\\\\2\\\\3\\end{pmatrix}\\cdot\\begin{pmatrix}4\\\\5\\\\6\\end{pmatrix}", "32", true},
        {"\\angle PQR", "\\angle RQP", true},
        {"\\angle PQR", "\\angle QPR", false},
    };
    BOTH_ORDERS(pairs);
}

static void test_conditions_count(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"8p \\text{ (for all odd primes } p)", "8p \\text{ (for all even primes } p)", false},
        {"8p \\text{ (for all odd primes } p)", "8p \\text{ for odd primes } p", true},
        {"8p \\text{ (for all odd primes } p)", "8q \\text{ for odd primes } q", true},
        {"n^3 \\text{ for } n\\ge 3", "n^3 \\text{ for } n\\le 3", false},
        {"n^3 \\text{ for } n\\ge 3", "n^3, n\\ge 3", true},
        {"x^3, x>0", "x^3, x<0", false},
        {"x^3, x>0", "x^3 \\quad (x>0)", true},
        {"x^3, x>0", "x^3 \\text{ where } x>0", true},
        {"x^3, x>0", "x^3 \\text{ if } x>1", false},
        {"f(x)=2x+3 \\ (x\\ge 0)", "f(x)=2x+3 \\ (x\\le 0)", false},
        {"f(x)=x", "f(x)=x \\text{ for all real } x", true},
        {"f(x)=x", "f(x)=3x \\text{ for all real } x", false},
        {"f(x)=kx", "f(x)=kx \\text{ for some constant } k", true},
        {"f(x)=cx", "f(x)=cx, \\text{ where } c \\text{ is a constant}", true},
        {"x^2+y^2=1 (y\\ne 0)", "x^2+y^2=1, x\\ne 0", false},
        {"x^2+y^2=1 (y\\ne 0)", "x^2+y^2=1, y\\ne 0", true},
        {"7 (a=1), 9 (a=2)", "7 (a=2), 9 (a=1)", false},
        {"7 (a=1), 9 (a=2)", "9 (a=2), 7 (a=1)", true},
        {"$a^2-a+1$ ($a\\ge 2$)\n0 ($a=1$)", "$a^2-a-1$ ($a\\ge 2$)\n0 ($a=1$)", false},
        {"$a^2-a+1$ ($a\\ge 2$)\n0 ($a=1$)", "0 ($a=1$)\n$a^2-a+1$ ($a\\ge 2$)", true},
        {"x=1, y>0", "x=1, y<0", false},
    };
    BOTH_ORDERS(pairs);
}

static void test_families_with_a_parameter(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"3k+1, k \\in \\mathbb{Z}", "3m-2, m \\in \\mathbb{Z}", true},
        {"3k+1, k \\in \\mathbb{Z}", "3m+2, m \\in \\mathbb{Z}", false},
        {"3k+1, k \\in \\mathbb{Z}", "1-3k (k\\in\\mathbb{Z})", true},
        {"3k+1, k \\in \\mathbb{Z}", "3k+1, k \\in \\mathbb{N}", false},
        {"3k+1, k \\in \\mathbb{Z}", "6k+1, k \\in \\mathbb{Z}", false},
        {"3k+1, k \\in \\mathbb{Z}", "6k+1, 6k+4, k \\in \\mathbb{Z}", true},
        {"n=5k", "n=5k, k\\in\\mathbb{Z}", true},
        {"n=5k", "n=5k \\text{ for integer } k", true},
        {"n=5k", "5", false},
        {"x=\\frac{\\pi}{3}+k\\pi", "x=\\frac{\\pi}{3}+n\\pi", true},
        {"x=\\frac{\\pi}{3}+k\\pi", "x=\\frac{\\pi}{3}+2n\\pi", false},
        {"x=\\frac{\\pi}{3}+k\\pi, k\\in\\mathbb{Z}", "x=-\\frac{2\\pi}{3}+n\\pi (n\\in\\mathbb{Z})", true},
        {"x=\\pm\\frac{\\pi}{3}+2k\\pi, k\\in\\mathbb{Z}",
         "x=\\frac{\\pi}{3}+2n\\pi \\text{ or } x=\\frac{5\\pi}{3}+2n\\pi, n\\in\\mathbb{Z}", true},
        {"x=k\\pi, k\\in\\mathbb{Z}", "x=2k\\pi \\text{ or } x=\\pi+2k\\pi, k\\in\\mathbb{Z}", true},
        {"x=k\\pi, k\\in\\mathbb{Z}", "y=k\\pi, k\\in\\mathbb{Z}", false},
        {"[2k\\pi, 2k\\pi+\\pi], k\\in\\mathbb{Z}", "[2n\\pi, \\pi+2n\\pi] (n\\in\\mathbb{Z})", true},
        {"[2k\\pi, 2k\\pi+\\pi], k\\in\\mathbb{Z}", "(2n\\pi, \\pi+2n\\pi) (n\\in\\mathbb{Z})", false},
        {"\\{x : x = 4k, k\\in\\mathbb{Z}\\}", "\\{4k : k\\in\\mathbb{Z}\\}", true},
        {"\\{x : x = 4k, k\\in\\mathbb{Z}\\}", "\\{4m \\mid m\\in\\mathbb{Z}\\}", true},
        {"\\{x : x = 4k, k\\in\\mathbb{Z}\\}", "\\{x : x = 4k+1, k\\in\\mathbb{Z}\\}", false},
        {"\\{4k : k\\in\\mathbb{Z}\\}", "\\{4k : k\\in\\mathbb{R}\\}", false},
        {"\\{x^2 \\mid x\\in\\mathbb{Z}\\}", "\\{y^2 \\mid y\\in\\mathbb{Z}\\}", true},
        {"x=k, y=2k, k\\in\\mathbb{Z}", "x=m, y=2m, m\\in\\mathbb{Z}", true},
    };
    BOTH_ORDERS(pairs);
    static const pair open[] = {
        {"3^k", "n=3^k \\text{ for } k\\ge 1", true},
        {"3^k", "n=3^k \\text{ where } k \\text{ is a positive integer}", true},
        {"3^k", "n=3^k \\text{ for } k\\ge 5", false},
        {"3^k, k\\ge 1", "3^k", false},
        {"3^k, k\\ge 1", "3^k, k\\ge 0", false},
        {"3^k, k\\ge 1", "3^m \\text{ where } m \\text{ is a positive integer}", true},
    };
    GOLD_DRIVEN(open);
}

static void test_functions_by_cases(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"\\begin{cases} x^3 & x<0\\\\ x & x\\ge 0\\end{cases}", "\\begin{cases} x & x<0\\\\ x^3 & x\\ge 0\\end{cases}",
         false},
        {"\\begin{cases} x^3, & x<0\\\\ x, & x\\ge 0\\end{cases}", "\\begin{cases} x & x\\ge 0\\\\ x^3 & x<0\\end{cases}",
         true},
        {"\\begin{cases} x^3 & x<0\\\\ x & x\\ge 0\\end{cases}", "\\begin{cases} x^3 & x\\le 0\\\\ x & x>0\\end{cases}",
         true},
        {"\\begin{cases} x^3 & x<0\\\\ x & x\\ge 0\\end{cases}", "\\begin{cases} x^3 & x<2\\\\ x & x\\ge 2\\end{cases}",
         false},
        {"\\begin{cases} 5 & x<0\\\\ 7 & x\\ge 0\\end{cases}", "\\begin{cases} 5 & x\\le 0\\\\ 7 & x>0\\end{cases}", false},
        {"\\begin{cases} x & x\\ge 0\\\\ -x & x<0\\end{cases}", "|x|", true},
        {"\\begin{cases} x & x\\ge 0\\\\ -x & x<0\\end{cases}", "x", false},
        {"\\begin{cases} x-3 & x\\ge 3\\\\ 3-x & x<3\\end{cases}", "|x-3|", true},
        {"\\begin{cases} 3-x & x\\ge 3\\\\ x-3 & x<3\\end{cases}", "|x-3|", false},
        {"\\begin{cases} x & \\text{if } x\\ge 0\\\\ -x & \\text{otherwise}\\end{cases}",
         "\\begin{cases} x & x\\ge 0\\\\ -x & x<0\\end{cases}", true},
        {"\\begin{cases} \\frac n2 & n \\text{ even}\\\\ 3n+1 & n \\text{ odd}\\end{cases}",
         "\\begin{cases} 3n+1 & n \\text{ even}\\\\ \\frac n2 & n \\text{ odd}\\end{cases}", false},
        {"\\begin{cases} \\frac n2 & n \\text{ even}\\\\ 3n+1 & n \\text{ odd}\\end{cases}",
         "\\begin{cases} 3n+1 & \\text{if } n \\text{ is odd}\\\\ \\frac n2 & \\text{otherwise}\\end{cases}", true},
        {"f(x)=\\begin{cases} x & x\\ge 0\\\\ -x & x<0\\end{cases}",
         "f(x)=\\begin{cases} -x & x\\ge 0\\\\ x & x<0\\end{cases}", false},
        {"\\left\\{\\begin{array}{ll} x, & x\\ge 0 \\\\ -x, & x<0\\end{array}\\right.",
         "\\begin{cases} x & x\\ge 0\\\\ -x & x<0\\end{cases}", true},
        {"\\left\\{\\begin{array}{rll}6p & \\text{ if } & 1 \\leq p \\leq 5 \\\\ 5p & \\text{ if } & p \\geq "
         "6\\end{array}\\right.",
         "\\begin{cases}6p & 1\\le p\\le 5\\\\ 5p & p\\ge 6\\end{cases}", true},
        {"n+1 \\text{ if } n \\text{ even}, n \\text{ if } n\\text{ odd}",
         "n \\text{ if } n \\text{ even}, n+1 \\text{ if } n\\text{ odd}", false},
        {"\\begin{cases} 0 & n=1\\\\ 1 & n>1\\end{cases}", "\\begin{cases} 1 & n>1\\\\ 0 & n=1\\end{cases}", true},
        {"\\begin{cases} 0 & n=1\\\\ 1 & n>1\\end{cases}", "\\begin{cases} 1 & n=1\\\\ 0 & n>1\\end{cases}", false},
    };
    BOTH_ORDERS(pairs);
}

static void test_sets_of_numbers(void **state) {
    (void)state;
    static const pair pairs[] = {
        {"\\mathbb{R}", "\\text{all real numbers}", true},
        {"\\mathbb{R}", "\\text{all reals}", true},
        {"\\mathbb{R}", "\\text{all integers}", false},
        {"\\mathbb{Z}", "\\text{all integers}", true},
        {"\\text{all positive integers}", "\\text{all integers}", false},
        {"\\mathbb{Z}^+", "\\text{all positive integers}", true},
        {"\\mathbb{Z}_{\\ge 0}", "\\text{all nonnegative integers}", true},
        {"\\mathbb{Z}_{\\ge 0}", "\\mathbb{Z}_{>0}", false},
        {"\\mathbb{R}^+", "(0,\\infty)", true},
        {"\\mathbb{R}^+", "[0,\\infty)", false},
        {"\\mathbb{R}_{\\ge 0}", "[0,\\infty)", true},
        {"\\mathbb{R}^-", "(-\\infty,0)", true},
        {"\\mathbb{R}^*", "\\mathbb{R}\\setminus\\{0\\}", true},
        {"\\mathbb{R}^2", "\\mathbb{R}", false},
        {"(-\\infty,4)\\cup(4,\\infty)", "\\mathbb{R}-\\{4\\}", true},
        {"(-\\infty,4)\\cup(4,\\infty)", "\\mathbb{R}-\\{5\\}", false},
        {"(-\\infty,4)\\cup(4,\\infty)", "\\text{all real numbers } x \\neq 4", true},
        {"(-\\infty,4)\\cup(4,\\infty)", "\\text{all real numbers except } 4", true},
        {"(-\\infty,4)\\cup(4,\\infty)", "\\text{all reals other than } x=4", true},
        {"(-\\infty,4)\\cup(4,\\infty)", "\\text{all real numbers}", false},
        {"(-\\infty,-1)\\cup(-1,1)\\cup(1,\\infty)", "\\text{all real numbers except } -1 \\text{ and } 1", true},
        {"[3,3]", "\\{3\\}", true},
        {"(3,3)", "\\{3\\}", false},
    };
    BOTH_ORDERS(pairs);
}

/* tests/verify/variations.txt: "= gold || answer" means the same, "! gold || answer" does not, in both orders. */
static void test_variations(void **state) {
    (void)state;
    char line[1024];
    FILE *file = fopen(source_path("tests/verify/variations.txt"), "r");
    assert_non_null(file);
    size_t count = 0, wrong = 0;
    rp_arena *arena = rp_arena_create("test", 0);
    while (fgets(line, sizeof line, file)) {
        char *bars = strstr(line, " || ");
        if ((line[0] != '=' && line[0] != '!') || !bars) continue;
        line[strcspn(line, "\n")] = '\0';
        *bars = '\0';
        const pair both = {line + 2, bars + 4, line[0] == '='};
        wrong += count_wrong(arena, &both, true);
        count++;
    }
    (void)fclose(file);
    rp_arena_destroy(arena);
    assert_true(count > 150);
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relations_keep_their_direction),
        cmocka_unit_test(test_equations_and_inequalities),
        cmocka_unit_test(test_chains_hold_link_by_link),
        cmocka_unit_test(test_connectives_count),
        cmocka_unit_test(test_names_must_agree),
        cmocka_unit_test(test_functions_are_no_products),
        cmocka_unit_test(test_several_formulas_all_count),
        cmocka_unit_test(test_backslashes_escaped_twice),
        cmocka_unit_test(test_bounds_of_sums),
        cmocka_unit_test(test_products_whose_order_matters),
        cmocka_unit_test(test_conditions_count),
        cmocka_unit_test(test_families_with_a_parameter),
        cmocka_unit_test(test_functions_by_cases),
        cmocka_unit_test(test_sets_of_numbers),
        cmocka_unit_test(test_variations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
