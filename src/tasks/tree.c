/* SPDX-License-Identifier: MIT
 *
 * Expression trees: parsed from plans, evaluated under the limit, drawn at random, written in the pupil's and in the
 * expert's style. See tree.h for the representation; the one invariant is post-order (children before parents).
 */
#include "tree.h"

/* ---- Plans: sum := product {(+|-) product}; product := factor {(*|/) factor}; factor := digits | slot | ( sum )  */

static int add_node(tree *t, tree_node node) {
    RP_REQUIRE(t->count < TREE_MAX_NODES);
    t->node[t->count] = node;
    return t->count++;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_slot(char c) {
    return (c >= 'a' && c <= 'z') || c == 'N';
}

static int parse_sum(const char **at, tree *t, int depth);

static int parse_factor(const char **at, tree *t, int depth) {
    const char c = **at;
    if (c == '(') {
        RP_REQUIRE(depth < TREE_MAX_OPERATIONS);
        ++*at;
        const int inner = parse_sum(at, t, depth + 1);
        RP_REQUIRE(**at == ')');
        ++*at;
        return inner;
    }
    if (is_slot(c)) {
        ++*at;
        return add_node(t, (tree_node){.slot = c});
    }
    RP_REQUIRE(is_digit(c));
    int64_t value = 0;
    while (is_digit(**at)) value = value * 10 + (*(*at)++ - '0');
    return add_node(t, (tree_node){.value = value});
}

static int parse_product(const char **at, tree *t, int depth) {
    int left = parse_factor(at, t, depth);
    while (**at == '*' || **at == '/') {
        const char op = *(*at)++;
        const int right = parse_factor(at, t, depth);
        left = add_node(t, (tree_node){.op = op, .left = left, .right = right});
    }
    return left;
}

static int parse_sum(const char **at, tree *t, int depth) {
    int left = parse_product(at, t, depth);
    while (**at == '+' || **at == '-') {
        const char op = *(*at)++;
        const int right = parse_product(at, t, depth);
        left = add_node(t, (tree_node){.op = op, .left = left, .right = right});
    }
    return left;
}

const char *rp_tree_parse(const char *text, tree *t) {
    t->count = 0;
    const char *at = text;
    parse_sum(&at, t, 0);
    RP_REQUIRE(*at == '\0' || *at == ' ' || *at == '.');
    return at;
}

/* ---- Values ---------------------------------------------------------------------------------------------------- */

static int64_t leaf_value(const tree_node *node, const int64_t slot[TREE_SLOTS], int64_t limit) {
    if (node->slot == 'N') return limit;
    return node->slot ? slot[node->slot - 'a'] : node->value;
}

/* false when the result is not an integer in 0..limit. */
static bool apply(char op, int64_t a, int64_t b, int64_t limit, int64_t *result) {
    if (op == '/' && (b == 0 || a % b != 0)) return false;
    *result = op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
    return *result >= 0 && *result <= limit;
}

bool rp_tree_evaluate(tree *t, const int64_t slot[TREE_SLOTS], int64_t limit) {
    for (int i = 0; i < t->count; i++) {
        tree_node *node = &t->node[i];
        if (!node->op) {
            node->value = leaf_value(node, slot, limit);
            if (node->value < 0 || node->value > limit) return false;
        } else if (!apply(node->op, t->node[node->left].value, t->node[node->right].value, limit, &node->value)) {
            return false;
        }
    }
    return true;
}

int64_t rp_tree_floor(tree *t, const int64_t slot[TREE_SLOTS], int64_t limit) {
    for (int i = 0; i < t->count; i++) {
        tree_node *node = &t->node[i];
        if (!node->op) {
            node->value = leaf_value(node, slot, limit);
            continue;
        }
        const int64_t a = t->node[node->left].value, b = t->node[node->right].value;
        RP_REQUIRE(node->op != '/' || (a >= 0 && b > 0));
        node->value = node->op == '+' ? a + b : node->op == '-' ? a - b : node->op == '*' ? a * b : a / b;
    }
    return rp_tree_value(t);
}

int64_t rp_tree_value(const tree *t) {
    return t->node[t->count - 1].value;
}

/* ---- Random trees -------------------------------------------------------------------------------------------------
 *
 * The operation is chosen first and the operands are redrawn until it is valid, so that products and exact divisions are
 * not crowded out by sums. A divisor is a leaf of 2..12 in three of four cases, for the same reason, and never 1. Redrawing
 * gives up after some tries and the caller begins again; every subtree is valid by construction.
 */
enum { DRAWS = 24 };

static int64_t draw_leaf(int64_t limit, rp_rng *rng) {
    const int64_t small = limit < 9 ? limit : 9;
    if (limit < 10 || rp_rng_below(rng, 10) < 6) return rp_rng_range(rng, 1, small);
    return rp_rng_range(rng, 10, limit);
}

static bool draw_tree(tree *t, int operations, int64_t limit, rp_rng *rng) {
    if (operations == 0) {
        add_node(t, (tree_node){.value = draw_leaf(limit, rng)});
        return true;
    }
    const char op = "+-*/"[rp_rng_below(rng, 4)];
    const int start = t->count;
    const bool divisor_is_leaf = op == '/' && (operations == 1 || rp_rng_below(rng, 4) > 0);
    for (int draw = 0; draw < DRAWS; draw++) {
        t->count = start;
        const uint32_t choices = (uint32_t)operations - (op == '/' && !divisor_is_leaf ? 1 : 0);
        const int in_left = divisor_is_leaf ? operations - 1 : (int)rp_rng_below(rng, choices);
        if (!draw_tree(t, in_left, limit, rng)) continue;
        const int left = t->count - 1;
        if (divisor_is_leaf) {
            add_node(t, (tree_node){.value = rp_rng_range(rng, 2, 12)});
        } else if (!draw_tree(t, operations - 1 - in_left, limit, rng)) {
            continue;
        }
        const int right = t->count - 1;
        int64_t value = 0;
        if (op == '/' && t->node[right].value == 1) continue;
        if (!apply(op, t->node[left].value, t->node[right].value, limit, &value)) continue;
        add_node(t, (tree_node){.op = op, .left = left, .right = right, .value = value});
        return true;
    }
    return false;
}

void rp_tree_random(tree *t, int operations, int64_t limit, rp_rng *rng) {
    RP_REQUIRE(operations >= 0 && operations <= TREE_MAX_OPERATIONS && limit >= 12);
    do {
        t->count = 0;
    } while (!draw_tree(t, operations, limit, rng));
}

/* ---- Styles ---------------------------------------------------------------------------------------------------- */

typedef struct style {
    const char *plus, *minus, *times; /* division is " / " in plain text and \frac{}{} in LaTeX */
    bool latex;
} style;
static const style plain = {" + ", " - ", " * ", false};
static const style latex = {"+", "-", "\\cdot", true};

static int precedence(char op) {
    return op == '+' || op == '-' ? 1 : 2;
}

/* `number` marks the operations that are already computed and are written as their value. */
static void write_node(const tree *t, int i, const bool *number, const style *s, rp_buffer *out);

static void write_operand(const tree *t, int i, char parent, bool is_right, const bool *number, const style *s,
                          rp_buffer *out) {
    const char op = t->node[i].op;
    const bool atom = !op || number[i] || (s->latex && op == '/');
    const bool wrap = !atom && (precedence(op) < precedence(parent) || (is_right && precedence(op) == precedence(parent)));
    if (wrap) rp_buffer_char(out, '(');
    write_node(t, i, number, s, out);
    if (wrap) rp_buffer_char(out, ')');
}

static void write_node(const tree *t, int i, const bool *number, const style *s, rp_buffer *out) {
    const tree_node *node = &t->node[i];
    if (!node->op || number[i]) {
        rp_buffer_format(out, "%lld", (long long)node->value);
    } else if (s->latex && node->op == '/') {
        rp_buffer_text(out, "\\frac{");
        write_node(t, node->left, number, s, out);
        rp_buffer_text(out, "}{");
        write_node(t, node->right, number, s, out);
        rp_buffer_char(out, '}');
    } else {
        const char *sign = node->op == '+' ? s->plus : node->op == '-' ? s->minus : node->op == '*' ? s->times : " / ";
        write_operand(t, node->left, node->op, false, number, s, out);
        rp_buffer_text(out, sign);
        write_operand(t, node->right, node->op, true, number, s, out);
    }
}

void rp_tree_infix(const tree *t, rp_buffer *out) {
    const bool number[TREE_MAX_NODES] = {false};
    write_node(t, t->count - 1, number, &plain, out);
}

void rp_tree_own(const tree *t, rp_buffer *out) {
    int step = 0;
    for (int i = 0; i < t->count; i++) {
        const tree_node *node = &t->node[i];
        if (!node->op) continue;
        rp_buffer_format(out, "Step %d: %lld %c %lld = %lld\n", ++step, (long long)t->node[node->left].value, node->op,
                         (long long)t->node[node->right].value, (long long)node->value);
    }
    rp_buffer_format(out, "#### %lld", (long long)rp_tree_value(t));
}

/* One round: marks every operation whose two operands are numbers. They are found before any is marked, so that one = is
 * one round of simultaneous evaluation. */
static void evaluate_round(const tree *t, bool *number) {
    bool ready[TREE_MAX_NODES] = {false};
    for (int i = 0; i < t->count; i++) {
        const tree_node *node = &t->node[i];
        ready[i] = node->op && number[node->left] && number[node->right];
    }
    for (int i = 0; i < t->count; i++) number[i] = number[i] || ready[i];
}

void rp_tree_expert(const tree *t, bool chain, rp_buffer *out) {
    bool number[TREE_MAX_NODES] = {false};
    const int root = t->count - 1;
    for (int i = 0; i < t->count; i++) number[i] = !t->node[i].op;
    rp_buffer_char(out, '$');
    while (!number[root]) {
        write_node(t, root, number, &latex, out);
        rp_buffer_char(out, '=');
        do {
            evaluate_round(t, number);
        } while (!chain && !number[root]);
    }
    rp_buffer_format(out, "\\boxed{%lld}$", (long long)rp_tree_value(t));
}
