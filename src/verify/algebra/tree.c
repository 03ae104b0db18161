/* SPDX-License-Identifier: MIT
 *
 * tree.c — nodes: building, hashing, comparing, substituting.
 */
#include "algebra/tree.h"

#include <string.h>

const rp_node RP_NODE_NONE = {.kind = RP_UNDEFINED, .hash = 0x756e646566696e65u};

/* ---- Building ---------------------------------------------------------------------------------------------------- */

static uint64_t hash_of(const rp_node *n) {
    const uint64_t head[3] = {n->kind, (uint64_t)(int64_t)n->op, n->kind == RP_NUMBER ? rp_q_hash(n->q) : n->count};
    uint64_t h = rp_hash64(head, sizeof head, 0);
    if (n->kind == RP_TUPLE) h = rp_hash64(&n->flags, 1, h);
    if (n->name.length) h = rp_hash64(n->name.data, n->name.length, h);
    for (uint32_t i = 0; i < n->count; i++) h = rp_hash64(&n->kids[i]->hash, sizeof(uint64_t), h);
    return h;
}

static rp_node *new_node(rp_work *work, rp_kind kind) {
    if (work->failed) return NULL;
    if (--work->nodes < 0) {
        rp_work_fail(work, RP_REASON_NODES);
        return NULL;
    }
    rp_node *node = rp_work_new(work, rp_node, 1);
    if (node) *node = (rp_node){.kind = (uint8_t)kind, .depth = 1, .weight = 1};
    return node;
}

const rp_node *rp_tree_number(rp_work *work, rp_q q) {
    rp_node *node = new_node(work, RP_NUMBER);
    if (!node) return &RP_NODE_NONE;
    node->q = q;
    node->hash = hash_of(node);
    return node;
}

const rp_node *rp_tree_ratio(rp_work *work, int64_t num, int64_t den) {
    return rp_tree_number(work, rp_q_ratio(work, num, den));
}

const rp_node *rp_tree_int(rp_work *work, int64_t value) {
    return rp_tree_number(work, rp_q_int(value));
}

/* NULL when a budget is exhausted. */
static rp_node *make(rp_work *work, rp_kind kind, int op, unsigned flags, rp_str name, const rp_node *const *kids,
                     size_t count) {
    rp_node *node = new_node(work, kind);
    if (!node) return NULL;
    unsigned depth = 0;
    uint64_t weight = 1;
    for (size_t i = 0; i < count; i++) {
        weight += kids[i]->weight;
        if (kids[i]->depth > depth) depth = kids[i]->depth;
    }
    if (depth + 1 >= RP_LIMIT_DEPTH || weight > RP_LIMIT_NODES) {
        rp_work_fail(work, weight > RP_LIMIT_NODES ? RP_REASON_NODES : RP_REASON_DEPTH);
        return NULL;
    }
    if (count) {
        const rp_node **copy = rp_work_new(work, const rp_node *, count);
        if (!copy) return NULL;
        memcpy(copy, kids, count * sizeof *copy);
        node->kids = copy;
    }
    node->depth = (uint8_t)(depth + 1);
    node->weight = (uint32_t)weight;
    node->op = op;
    node->flags = (uint8_t)flags;
    node->name = name;
    node->count = (uint32_t)count;
    node->hash = hash_of(node);
    return node;
}

const rp_node *rp_tree_make(rp_work *work, rp_kind kind, int op, unsigned flags, rp_str name, const rp_node *const *kids,
                            size_t count) {
    const rp_node *node = make(work, kind, op, flags, name, kids, count);
    return node ? node : &RP_NODE_NONE;
}

static const rp_node *with_unit(rp_node *node, const struct rp_unit *unit) {
    if (!node) return &RP_NODE_NONE;
    node->unit = unit;
    return node;
}

const rp_node *rp_tree_with_kids(rp_work *work, const rp_node *a, const rp_node *const *kids) {
    return with_unit(make(work, (rp_kind)a->kind, a->op, a->flags, a->name, kids, a->count), a->unit);
}

const rp_node *rp_tree_quantity(rp_work *work, const rp_node *value, const struct rp_unit *unit, rp_str text) {
    return with_unit(make(work, RP_QUANTITY, 0, 0, text, &value, 1), unit);
}

const rp_node *rp_tree_symbol(rp_work *work, rp_str name, unsigned flags) {
    return rp_tree_make(work, RP_SYMBOL, 0, flags, name, NULL, 0);
}

const rp_node *rp_tree_constant(rp_work *work, rp_constant which) {
    return rp_tree_make(work, RP_CONSTANT, (int)which, 0, (rp_str){NULL, 0}, NULL, 0);
}

const rp_node *rp_tree_1(rp_work *work, rp_kind kind, int op, const rp_node *a) {
    return rp_tree_make(work, kind, op, 0, (rp_str){NULL, 0}, &a, 1);
}

const rp_node *rp_tree_2(rp_work *work, rp_kind kind, int op, const rp_node *a, const rp_node *b) {
    const rp_node *kids[2] = {a, b};
    return rp_tree_make(work, kind, op, 0, (rp_str){NULL, 0}, kids, 2);
}

bool rp_nodes_push(rp_work *work, rp_nodes *list, const rp_node *node) {
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 8;
        const rp_node **items = rp_work_new(work, const rp_node *, capacity);
        if (!items) return false;
        if (list->count) memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = node;
    return true;
}

/* ---- Questions --------------------------------------------------------------------------------------------------- */

/* Hashes decide almost always; equal ones are confirmed, so that no collision can make two answers equal. */
bool rp_tree_equal(const rp_node *a, const rp_node *b) {
    if (a == b) return true;
    if (a->hash != b->hash || a->kind != b->kind || a->op != b->op || a->count != b->count) return false;
    if (a->kind == RP_NUMBER) return rp_q_equal(a->q, b->q);
    if (a->kind == RP_TUPLE && a->flags != b->flags) return false;
    if (!rp_str_equal(a->name, b->name)) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!rp_tree_equal(a->kids[i], b->kids[i])) return false;
    return true;
}

bool rp_tree_is_int(const rp_node *a, int64_t value) {
    return a->kind == RP_NUMBER && rp_q_is(a->q, value);
}
bool rp_tree_is_constant(const rp_node *a, rp_constant which) {
    return a->kind == RP_CONSTANT && a->op == (int)which;
}
bool rp_tree_is_function(const rp_node *a, rp_function fn) {
    return a->kind == RP_FUNCTION && a->op == (int)fn;
}
bool rp_tree_is_answer_kind(const rp_node *a) {
    return a->kind >= RP_LIST;
}

bool rp_tree_contains(const rp_node *a, rp_kind kind, int op) {
    if (a->kind == kind && (op < 0 || a->op == op)) return true;
    for (uint32_t i = 0; i < a->count; i++)
        if (rp_tree_contains(a->kids[i], kind, op)) return true;
    return false;
}

bool rp_tree_has_symbol(const rp_node *a, rp_str name) {
    if (a->kind == RP_SYMBOL) return rp_str_equal(a->name, name);
    for (uint32_t i = 0; i < a->count; i++)
        if (rp_tree_has_symbol(a->kids[i], name)) return true;
    return false;
}

/* A bound variable (kid 0 of a big operator) hides the name in the body, not in the bounds. */
const rp_node *rp_tree_substitute(rp_work *work, const rp_node *a, rp_str name, const rp_node *by) {
    if (!rp_work_pay(work, 1)) return &RP_NODE_NONE;
    if (a->kind == RP_SYMBOL) return rp_str_equal(a->name, name) ? by : a;
    if (a->count == 0) return a;
    const rp_node **kids = rp_work_new(work, const rp_node *, a->count);
    if (!kids) return &RP_NODE_NONE;
    const bool hides = a->kind == RP_BIG && a->kids[0]->kind == RP_SYMBOL && rp_str_equal(a->kids[0]->name, name);
    bool changed = false;
    for (uint32_t i = 0; i < a->count; i++) {
        const bool keep = hides && (i == 0 || i + 1 == a->count);
        kids[i] = keep ? a->kids[i] : rp_tree_substitute(work, a->kids[i], name, by);
        changed = changed || kids[i] != a->kids[i];
    }
    return changed ? rp_tree_with_kids(work, a, kids) : a;
}

/* ---- Invariants -------------------------------------------------------------------------------------------------- */

static bool has_its_kids(const rp_node *a) {
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
    case RP_SYMBOL:
    case RP_CONSTANT:
    case RP_UNDEFINED:
    case RP_NAMED_SET:
    case RP_TEXT:
    case RP_DOTS:
        return a->count == 0;
    case RP_POWER:
        return a->count == 2;
    case RP_FUNCTION:
        return a->op > RP_FN_NONE && a->op < RP_FN_COUNT && a->count >= 1;
    case RP_BIG:
        return a->count == (a->op == RP_BIG_LIMIT ? 3 : 4) && a->kids[0]->kind == RP_SYMBOL;
    case RP_QUANTITY: /* a congruence has its modulus as well */
        return a->count == 1 || (a->count == 2 && !a->unit);
    case RP_PLUSMINUS:
    case RP_BASED:
        return a->count == 1;
    case RP_MATRIX:
        return a->op >= 1 && a->count % (uint32_t)a->op == 0;
    case RP_RELATION:
        return a->count >= 2 && a->name.length == a->count - 1;
    case RP_SUM:
    case RP_PRODUCT:
    case RP_TUPLE:
    case RP_RATIO:
        return a->count >= 1;
    default:
        return true;
    }
}

bool rp_tree_is_sound(const rp_node *a) {
    unsigned depth = 0;
    uint64_t weight = 1;
    for (uint32_t i = 0; i < a->count; i++) {
        const rp_node *kid = a->kids[i];
        if (!kid || !rp_tree_is_sound(kid)) return false;
        depth = kid->depth > depth ? kid->depth : depth;
        weight += kid->weight;
    }
    if (a == &RP_NODE_NONE) return true; /* what a passed budget leaves has no depth */
    return has_its_kids(a) && a->depth == depth + 1 && a->weight == weight && a->hash == hash_of(a);
}
