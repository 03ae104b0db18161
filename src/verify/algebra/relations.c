/* SPDX-License-Identifier: MIT
 *
 * relations.c — the signs between the members of a chain, and how each one reads from the other side.
 *
 * a < b says b > a, and A \subseteq B says B \supseteq A; "=" and "parallel" read the same from both sides. Everything that
 * compares relations asks this table, so that no directed sign can be taken for a symmetric one.
 */
#include "algebra/tree.h"

typedef struct row {
    char op, turned, negated; /* 0: there is none */
    const char *text;
} row;

static const row rows[] = {
    {RP_REL_EQ, RP_REL_EQ, RP_REL_NE, "="},
    {RP_REL_NE, RP_REL_NE, RP_REL_EQ, "!="},
    {RP_REL_LT, RP_REL_GT, RP_REL_GE, "<"},
    {RP_REL_GT, RP_REL_LT, RP_REL_LE, ">"},
    {RP_REL_LE, RP_REL_GE, RP_REL_GT, "<="},
    {RP_REL_GE, RP_REL_LE, RP_REL_LT, ">="},
    {RP_REL_IN, RP_REL_NI, RP_REL_NOT_IN, "in"},
    {RP_REL_NI, RP_REL_IN, 0, "contains"},
    {RP_REL_NOT_IN, 0, RP_REL_IN, "not in"},
    {RP_REL_APPROX, RP_REL_APPROX, 0, "~"},
    {RP_REL_EQUIV, RP_REL_EQUIV, RP_REL_NOT_EQUIV, "=="},
    {RP_REL_NOT_EQUIV, RP_REL_NOT_EQUIV, RP_REL_EQUIV, "!=="},
    {RP_REL_SUBSET, RP_REL_SUPERSET, RP_REL_NOT_SUBSET, "subset"},
    {RP_REL_SUPERSET, RP_REL_SUBSET, RP_REL_NOT_SUPERSET, "superset"},
    {RP_REL_PROPER_SUBSET, RP_REL_PROPER_SUPERSET, 0, "proper subset"},
    {RP_REL_PROPER_SUPERSET, RP_REL_PROPER_SUBSET, 0, "proper superset"},
    {RP_REL_NOT_SUBSET, RP_REL_NOT_SUPERSET, RP_REL_SUBSET, "not subset"},
    {RP_REL_NOT_SUPERSET, RP_REL_NOT_SUBSET, RP_REL_SUPERSET, "not superset"},
    {RP_REL_TO, RP_REL_FROM, 0, "->"},
    {RP_REL_FROM, RP_REL_TO, 0, "<-"},
    {RP_REL_MAPS_TO, 0, 0, "|->"},
    {RP_REL_IMPLIES, RP_REL_IMPLIED_BY, RP_REL_NOT_IMPLIES, "=>"},
    {RP_REL_IMPLIED_BY, RP_REL_IMPLIES, 0, "<="},
    {RP_REL_NOT_IMPLIES, 0, RP_REL_IMPLIES, "not =>"},
    {RP_REL_IFF, RP_REL_IFF, 0, "<=>"},
    {RP_REL_MUCH_LESS, RP_REL_MUCH_GREATER, 0, "<<"},
    {RP_REL_MUCH_GREATER, RP_REL_MUCH_LESS, 0, ">>"},
    {RP_REL_PRECEDES, RP_REL_SUCCEEDS, 0, "precedes"},
    {RP_REL_SUCCEEDS, RP_REL_PRECEDES, 0, "succeeds"},
    {RP_REL_PRECEDES_EQ, RP_REL_SUCCEEDS_EQ, 0, "precedes or is"},
    {RP_REL_SUCCEEDS_EQ, RP_REL_PRECEDES_EQ, 0, "succeeds or is"},
    {RP_REL_DIVIDES, 0, RP_REL_NOT_DIVIDES, "divides"},
    {RP_REL_NOT_DIVIDES, 0, RP_REL_DIVIDES, "does not divide"},
    {RP_REL_PARALLEL, RP_REL_PARALLEL, RP_REL_NOT_PARALLEL, "parallel"},
    {RP_REL_NOT_PARALLEL, RP_REL_NOT_PARALLEL, RP_REL_PARALLEL, "not parallel"},
    {RP_REL_PERPENDICULAR, RP_REL_PERPENDICULAR, 0, "perpendicular"},
    {RP_REL_SIMILAR, RP_REL_SIMILAR, 0, "similar"},
    {RP_REL_PROPORTIONAL, RP_REL_PROPORTIONAL, 0, "proportional"},
    {RP_REL_PROVES, 0, 0, "proves"},
};

static const row *find(rp_relation op) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].op == (char)op) return &rows[i];
    return NULL;
}

rp_relation rp_relation_at(const rp_node *chain, uint32_t gap) {
    return (rp_relation)chain->name.data[gap];
}

bool rp_relation_all(const rp_node *chain, rp_relation which) {
    for (uint32_t i = 0; i + 1 < chain->count; i++)
        if (rp_relation_at(chain, i) != which) return false;
    return true;
}

bool rp_relation_turned(rp_relation op, rp_relation *turned) {
    const row *r = find(op);
    if (r && r->turned) *turned = (rp_relation)r->turned;
    return r && r->turned;
}

bool rp_relation_negated(rp_relation op, rp_relation *negated) {
    const row *r = find(op);
    if (r && r->negated) *negated = (rp_relation)r->negated;
    return r && r->negated;
}

const char *rp_relation_text(rp_relation op) {
    const row *r = find(op);
    return r ? r->text : "?";
}
