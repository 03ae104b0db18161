/* SPDX-License-Identifier: MIT
 *
 * family.c — solutions with an integer parameter: x = π/6 + 2kπ.
 *
 * One set of numbers has many such descriptions: k may be shifted or turned round, and kπ is 2kπ together with π + 2kπ. So
 * each side becomes a set of residues. With members α_i k + β_i whose slopes have rational ratios, everything is measured in
 * α_0, every member is written out up to the least common multiple M of all slopes, and two offsets are the same residue when
 * their difference is a multiple of M. The sets of residues are equal or the families are different.
 */
#include "compare/compare.h"

enum { MEMBERS_MAX = 32, RESIDUES_MAX = 64 };

typedef struct family {
    const rp_node *slope[MEMBERS_MAX], *offset[MEMBERS_MAX];
    size_t count;
    const rp_node *name; /* of x in x = …; NULL when there is none */
} family;

static bool add_member(rp_work *work, const rp_node *a, const rp_node *parameter, family *f) {
    const rp_node *name = NULL, *value = a;
    if (a->kind == RP_RELATION && !rp_is_assignment(work, a, &name, &value)) return false;
    if (name && f->name && !rp_tree_equal(name, f->name)) return false;
    f->name = name ? name : f->name;
    if (f->count == MEMBERS_MAX || rp_tree_is_answer_kind(value) || value->kind == RP_MATRIX) return false;
    const size_t at = f->count++;
    return rp_linear_parts(work, value, parameter, &f->slope[at], &f->offset[at]) && !rp_tree_is_int(f->slope[at], 0);
}

static bool read_family(rp_work *work, const rp_node *body, const rp_node *parameter, family *f) {
    if (body->kind != RP_LIST) return add_member(work, body, parameter, f);
    for (uint32_t i = 0; i < body->count; i++)
        if (!add_member(work, body->kids[i], parameter, f)) return false;
    return body->count > 0;
}

/* Slopes and offsets in the unit; false when a slope is no rational multiple of it. */
static bool measure(rp_work *work, family *f, const rp_node *unit, rp_q *common) {
    for (size_t i = 0; i < f->count; i++) {
        f->slope[i] = rp_expr_divide(work, f->slope[i], unit);
        f->offset[i] = rp_expr_divide(work, f->offset[i], unit);
        if (f->slope[i]->kind != RP_NUMBER || rp_q_is(f->slope[i]->q, 0)) return false;
        const rp_q size = rp_q_sign(f->slope[i]->q) < 0 ? rp_q_neg(work, f->slope[i]->q) : f->slope[i]->q;
        *common = rp_q_div(work, rp_q_mul(work, *common, size), rp_q_gcd(work, *common, size));
    }
    return !work->failed;
}

typedef struct residues {
    const rp_node *items[RESIDUES_MAX];
    size_t count;
} residues;

static bool write_out(rp_work *work, const family *f, rp_q common, residues *out) {
    for (size_t i = 0; i < f->count; i++) {
        int64_t times;
        if (!rp_q_small(rp_q_div(work, common, f->slope[i]->q), &times)) return false;
        times = times < 0 ? -times : times;
        for (int64_t j = 0; j < times; j++) {
            if (out->count == RESIDUES_MAX) return false;
            const rp_q step = rp_q_mul(work, f->slope[i]->q, rp_q_int(j));
            out->items[out->count++] = rp_expr_add(work, f->offset[i], rp_tree_number(work, step));
        }
    }
    return !work->failed;
}

static bool same_residue(rp_work *work, const rp_node *a, const rp_node *b, rp_q common) {
    const rp_node *d = rp_expr_subtract(work, a, b);
    return d->kind == RP_NUMBER && rp_q_is_int(rp_q_div(work, d->q, common));
}

static bool all_among(rp_work *work, const residues *a, const residues *b, rp_q common) {
    for (size_t i = 0; i < a->count; i++) {
        bool found = false;
        for (size_t j = 0; j < b->count && !found; j++)
            found = same_residue(work, a->items[i], b->items[(i + j) % b->count], common);
        if (!found || !rp_work_pay(work, (long)b->count)) return false;
    }
    return true;
}

bool rp_same_families(rp_work *work, const rp_node *gold, const rp_node *answer, const rp_node *parameter) {
    family *f = rp_work_new(work, family, 2);
    residues *r = rp_work_new(work, residues, 2);
    rp_q common = rp_q_int(1);
    if (!f || !r) return false;
    f[0] = f[1] = (family){.count = 0};
    r[0].count = r[1].count = 0;
    if (!read_family(work, gold, parameter, &f[0]) || !read_family(work, answer, parameter, &f[1])) return false;
    if (f[0].name && f[1].name && !rp_tree_equal(f[0].name, f[1].name)) return false;
    const rp_node *unit = f[0].slope[0];
    if (!measure(work, &f[0], unit, &common) || !measure(work, &f[1], unit, &common)) return false;
    if (!write_out(work, &f[0], common, &r[0]) || !write_out(work, &f[1], common, &r[1])) return false;
    return all_among(work, &r[0], &r[1], common) && all_among(work, &r[1], &r[0], common);
}
