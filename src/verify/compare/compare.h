/* SPDX-License-Identifier: MIT
 *
 * compare.h — comparisons of whole answers, kind by kind.
 */
#ifndef REPHRASE_VERIFY_COMPARE_H
#define REPHRASE_VERIFY_COMPARE_H

#include "decide/equal.h"
#include "read/units.h"

/* Two parsed answers. Trees are as parsed; expressions are simplified inside. */
rp_finding rp_compare_answers(rp_work *work, const rp_node *gold, const rp_node *answer);

/* ---- Between the comparing files --------------------------------------------------------------------------------- */

rp_finding rp_compare_nodes(rp_work *work, const rp_node *gold, const rp_node *answer);
rp_finding rp_compare_collections(rp_work *work, const rp_node *gold, const rp_node *answer);
rp_finding rp_compare_in_order(rp_work *work, const rp_node *const *gold, const rp_node *const *answer, size_t count,
                               rp_verify_reason reason);
rp_finding rp_compare_relations(rp_work *work, const rp_node *gold, const rp_node *answer);
rp_finding rp_compare_quantities(rp_work *work, const rp_node *gold, const rp_node *answer);
bool rp_spelled_units_agree(rp_work *work, const rp_node *gold, const rp_node *answer);

/* x = 5, f(x) = 5, (a chain) x = 2 + 3 = 5: the named side and the value. False for everything else. */
bool rp_is_assignment(rp_work *work, const rp_node *a, const rp_node **name, const rp_node **value);
bool rp_is_name(const rp_node *a);
uint32_t rp_equal_names(const rp_node *a); /* x = y = 4: how many names; else 0 */
bool rp_is_definition(const rp_node *name); /* f(x), g(s, t): a name applied to letters */
/* Every choice of signs of an answer with ±: a list. Without ± the answer itself. */
const rp_node *rp_expand_signs(rp_work *work, const rp_node *a);

/* Sorted disjoint intervals of the real line; the variable they constrain, when there is one. (region.c) */
typedef struct rp_interval {
    const rp_node *lo, *hi; /* NULL: unbounded */
    bool lo_open, hi_open;
} rp_interval;
enum { RP_REGION_MAX = 64 };
typedef struct rp_region {
    rp_interval parts[RP_REGION_MAX];
    size_t count;
    const rp_node *variable; /* NULL when the answer names none */
    bool stated;             /* it comes from relations, not from a set */
} rp_region;
bool rp_region_of(rp_work *work, const rp_node *a, rp_region *out);
bool rp_region_unite(rp_work *work, rp_region *a, const rp_region *b); /* into a; false when they cannot be ordered */
bool rp_region_intersect(rp_work *work, rp_region *a, const rp_region *b);
bool rp_region_complement(rp_work *work, rp_region *a);
/* f = slope u + offset, shown as an identity; both are free of u. */
bool rp_linear_parts(rp_work *work, const rp_node *f, const rp_node *unknown, const rp_node **slope,
                     const rp_node **offset);

/* Answers under conditions (conditioned.c), as families with an integer parameter (family.c), by cases (piecewise.c). */
rp_finding rp_compare_conditioned(rp_work *work, const rp_node *gold, const rp_node *answer);
bool rp_has_open_parameter(const rp_node *a); /* x = π/2 + kπ: an integer by convention */
bool rp_same_families(rp_work *work, const rp_node *gold, const rp_node *answer, const rp_node *parameter);
rp_finding rp_compare_cases(rp_work *work, const rp_node *gold, const rp_node *answer);
const rp_node *rp_as_cases(rp_work *work,
                           const rp_node *a); /* a function by cases, also from a list; NULL when it is none */

rp_finding rp_compare_regions(rp_work *work, const rp_region *gold, const rp_region *answer, rp_verify_reason reason);

static inline rp_finding rp_differs(rp_verify_reason reason) {
    return rp_found(RP_DIFFERENT, reason, RP_CERT_NONE, 0);
}

#endif
