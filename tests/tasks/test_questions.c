/* SPDX-License-Identifier: MIT
 *
 * Is the gold answer the answer to the question? Each family is solved here from the words and numbers of the question, in
 * a way that owes nothing to the plan: by counting up, by trying all values, by simulation.
 */
#include "check.h"

#include <rephrase/tasks.h>

#include <stdlib.h>
#include <string.h>

static rp_arena *arena;
static char q[512]; /* the question */
static long n[16];  /* its numbers, in order */
static int numbers;

static int setup(void **state) {
    (void)state;
    arena = rp_arena_create("test", 0);
    return arena ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

static bool says(const char *part) {
    return strstr(q, part) != NULL;
}

/* ---- Solvers --------------------------------------------------------------------------------------------------- */

static long times(long a, long b) { /* repeated addition */
    long sum = 0;
    for (long i = 0; i < a; i++) sum += b;
    return sum;
}
static long split(long a, long b) { /* the share of each when a are dealt out evenly to b */
    for (long x = 0; x <= a; x++) {
        if (times(b, x) == a) return x;
    }
    return -1;
}
static long calc1(void) {
    return says(" + ") ? n[0] + n[1] : says(" - ") ? n[0] - n[1] : says(" * ") ? times(n[0], n[1]) : split(n[0], n[1]);
}
static long word1(void) {
    return says("gets") ? n[0] + n[1] : says("gives") ? n[0] - n[1] : says("boxes") ? times(n[0], n[1]) : split(n[0], n[1]);
}
static long more1(void) {
    return n[0] - n[1];
}
static long price1(void) {
    return says("cost") ? split(n[1], n[0]) : times(n[0], n[1]);
}

/* "What is 10 + 34 + (7 + 3)?" by recursive descent over doubles. */
static const char *at;
static double sum_of(void);
static double atom(void) {
    while (*at == ' ') at++;
    if (*at == '(') {
        at++;
        const double v = sum_of();
        at++;
        return v;
    }
    char *end;
    const double v = (double)strtol(at, &end, 10);
    at = end;
    return v;
}
static double product_of(void) {
    double v = atom();
    while (strncmp(at, " * ", 3) == 0 || strncmp(at, " / ", 3) == 0) {
        const bool multiply = at[1] == '*';
        at += 3;
        const double w = atom();
        v = multiply ? v * w : v / w;
    }
    return v;
}
static double sum_of(void) {
    double v = product_of();
    while (strncmp(at, " + ", 3) == 0 || strncmp(at, " - ", 3) == 0) {
        const bool add = at[1] == '+';
        at += 3;
        const double w = product_of();
        v = add ? v + w : v - w;
    }
    return v;
}
static long calc3(void) {
    at = q + strlen("What is ");
    const double v = sum_of();
    assert_string_equal(at, "?");
    assert_near(v, (double)(long)(v + 0.5), 1e-9, 0);
    return (long)(v + 0.5);
}
static long word2(void) {
    if (says("among")) return split(n[0] + n[1], n[2]);
    if (says("then")) return n[0] - n[1] - n[2];
    return says("boxes with") && says("bags") ? times(n[0], n[1]) + times(n[2], n[3]) : times(n[0], n[1]) - n[2];
}
static long days2(void) {
    if (says("walks")) return times(n[1], n[0]) + n[2];
    long day = 0;
    for (long pages = 0; pages < n[1]; pages += n[0]) day++;
    return day + n[2];
}
static long pair2(void) {
    return n[0] + (says("times") ? times(n[1], n[0]) : says("more") ? n[0] + n[1] : n[0] - n[1]);
}
static long eq1(void) {
    for (long x = 0; x < 10000; x++) {
        if (says("x + ")   ? x + n[0] == n[1]
            : says("x - ") ? x - n[0] == n[1]
            : says("* x")  ? n[0] * x == n[1]
                           : x == n[1] * n[0])
            return x;
    }
    return -1;
}
static long eq2(void) {
    for (long x = 0; x < 10000; x++) {
        if (n[0] * x + (says("+") ? n[1] : -n[1]) == n[2]) return x;
    }
    return -1;
}
static long subst(void) {
    return n[1] * n[0] + (says("+") ? n[2] : -n[2]);
}
static long nextn(void) {
    assert_int_equal(n[1] - n[0], n[2] - n[1]);
    return 2 * n[2] - n[1];
}
static long extreme(void) {
    long best = n[0];
    for (int i = 1; i < numbers; i++) best = says("larger") == (n[i] > best) ? n[i] : best;
    return best;
}
static long rem_(void) {
    return n[0] % n[1];
}
static long digs(void) {
    return n[0] / 10 + n[0] % 10 + n[1] / 10 + n[1] % 10;
}
static long count(void) {
    long c = 0;
    for (long i = n[0]; i <= n[1]; i++) c++;
    return c;
}
static long fracof(void) {
    return split(n[2] * n[0], n[1]);
}
static long pct(void) {
    return split(n[0] * n[1], 100) + n[2];
}
static long fracadd(void) {
    assert_int_equal(n[1], n[3]);
    return says("+") ? n[0] + n[2] : n[0] - n[2];
}
static long perim(void) {
    return n[0] + n[1] + n[0] + n[1];
}
static long side(void) {
    for (long x = 0; x < 10000; x++) {
        if (x + n[1] + x + n[1] == n[0]) return x;
    }
    return -1;
}
static long sumdiff(void) {
    for (long first = 0; first <= n[0]; first++) {
        const long second = n[0] - first;
        if (first - second == n[1]) return says("first") ? first : second;
    }
    return -1;
}
static long chase(void) { /* hour by hour */
    long hours = 0;
    for (long gap = n[2]; gap > 0; gap += n[1] - n[0]) hours++;
    return hours;
}
static long posts(void) {
    long c = 0;
    for (long metre = 0; metre <= n[0]; metre += n[1]) c++;
    return c;
}
static long unit(void) {
    return split(n[1] * n[2], n[0]);
}
static long mean3(void) {
    return split(n[0] + n[1] + n[2], 3);
}
static long third(void) {
    for (long x = 0; x < 10000; x++) {
        if (x + n[1] + n[2] == 3 * n[0]) return x;
    }
    return -1;
}
static long nth(void) {
    long term = n[0];
    for (long i = 1; i < n[2]; i++) term += n[1];
    return term;
}
static long trap(void) {
    return split((n[0] + n[1]) * n[2], 2);
}
static long change(void) {
    return n[0] - times(n[1], n[2]) - times(n[3], n[4]);
}
static long legs(void) {
    long legs = 0;
    for (long i = 0; i < n[0]; i++) legs += 4;
    for (long i = 0; i < n[1]; i++) legs += 2;
    return legs;
}
static long heads(void) {
    for (long four = 0; four <= n[0]; four++) {
        if (4 * four + 2 * (n[0] - four) == n[1]) return four;
    }
    return -1;
}
static long meet(void) {
    long first = 0, second = 0;
    while (first + second < n[0]) {
        first += n[1];
        second += n[2];
    }
    return first + second == n[0] ? first : -1;
}
static long pool(void) {
    long hours = 0;
    for (long water = n[1]; water < n[0]; water += n[2] - n[3]) hours++;
    return hours;
}
static long wmean(void) {
    return split(n[0] * n[1] + n[2] * n[3], n[0] + n[2]);
}
static long ages(void) {
    for (long young = 0; young <= n[1]; young++) {
        if (young + young + n[0] == n[1]) return young + n[2];
    }
    return -1;
}
static long sale(void) {
    return n[2] - split(n[0] * (100 - n[1]), 100);
}
static long fracleft(void) {
    return split(n[2] * (n[1] - n[0]), n[1]);
}

static const struct {
    const char *name;
    long (*solve)(void);
} solvers[] = {
    {"calc1", calc1},     {"word1", word1},   {"more1", more1}, {"price1", price1},   {"calc2", calc3},
    {"calc3", calc3},     {"word2", word2},   {"days2", days2}, {"pair2", pair2},     {"eq1", eq1},
    {"eq2", eq2},         {"subst", subst},   {"nextn", nextn}, {"larger", extreme},  {"least", extreme},
    {"rem", rem_},        {"digs", digs},     {"count", count}, {"fracof", fracof},   {"pct", pct},
    {"fracadd", fracadd}, {"perim", perim},   {"side", side},   {"sumdiff", sumdiff}, {"chase", chase},
    {"posts", posts},     {"unit", unit},     {"mean3", mean3}, {"third", third},     {"nth", nth},
    {"trap", trap},       {"change", change}, {"legs", legs},   {"heads", heads},     {"meet", meet},
    {"pool", pool},       {"wmean", wmean},   {"ages", ages},   {"sale", sale},       {"fracleft", fracleft},
};

static void read_question(rp_str question) {
    assert_true(question.length < sizeof q);
    memcpy(q, question.data, question.length);
    q[question.length] = '\0';
    numbers = 0;
    for (const char *c = q; *c;) {
        char *end = NULL;
        if (*c < '0' || *c > '9') {
            c++;
            continue;
        }
        n[numbers++] = strtol(c, &end, 10);
        c = end;
    }
}

static void test_gold_answers_answer_the_question(void **state) {
    (void)state;
    static const int limits[] = {50, 200};
    assert_int_equal(sizeof solvers / sizeof solvers[0], rp_world_family_count());
    for (size_t s = 0; s < sizeof solvers / sizeof solvers[0]; s++) {
        const int family = rp_world_family_find(solvers[s].name);
        assert_true(family >= 0);
        for (int i = 0; i < 400; i++) {
            const rp_arena_mark mark = rp_arena_get_mark(arena);
            const rp_world world = {.limit = limits[i % 2]};
            rp_rng rng = rp_rng_stream(21, RP_RNG_TEST, (uint32_t)i, (uint32_t)family, 0);
            rp_problem p;
            assert_ok(rp_world_problem(&world, family, (rp_split)(i % 3), &rng, arena, &p));
            read_question(p.question);
            const long expected = solvers[s].solve(), gold = strtol(p.answer.data, NULL, 10);
            if (gold != expected) fail_msg("%s \"%s\": gold %ld, solved %ld", solvers[s].name, q, gold, expected);
            for (int k = 0; k < numbers; k++) assert_true(n[k] <= world.limit);
            assert_null(strpbrk(q, "{}|"));
            rp_arena_rewind(arena, mark);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gold_answers_answer_the_question),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
