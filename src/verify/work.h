/* SPDX-License-Identifier: MIT
 *
 * work.h — one verification in progress: its arena, its budgets, its first failure.
 *
 * Every loop whose length depends on the input pays steps here, every integer is measured before it is computed. The first
 * budget that is passed is remembered and stays: later calls do nothing useful and cost nothing, so callers may check once,
 * at the end of a stage. Counts, never clocks: the same bytes give the same verdict on every machine.
 */
#ifndef REPHRASE_VERIFY_WORK_H
#define REPHRASE_VERIFY_WORK_H

#include <rephrase/verify.h>

enum {
    RP_LIMIT_RESPONSE = 4 << 20, /* bytes of a response that extraction will scan */
    RP_LIMIT_ANSWER = 64 << 10,  /* bytes of one answer */
    RP_LIMIT_TOKENS = 8192,      /* tokens of one answer */
    RP_LIMIT_NODES = 1 << 17,    /* tree nodes of one comparison: both answers and what rewriting makes of them */
    RP_LIMIT_DEPTH = 256,        /* nesting of brackets and of the tree */
    RP_LIMIT_BITS = 1 << 17,     /* bits of one exact integer, about 39,000 decimal digits */
    RP_LIMIT_ITEMS = 1024,       /* items of a set, list or tuple */
    RP_LIMIT_STEPS = 1200000,    /* elementary steps of one comparison */
    RP_LIMIT_PRECISION = 1 << 15 /* bits of an enclosure, reached only when a zero bound asks for them */
};

typedef struct rp_work {
    rp_arena *arena;
    const rp_verify_options *options;
    struct rp_exact_scratch *scratch; /* big-number temporaries of exact.c */
    rp_buffer *explain;               /* where --explain wants the steps; NULL = nobody listens */
    int explain_depth;                /* how deep the comparison being told is */
    long steps;                       /* left */
    long nodes;                       /* left */
    bool decimal_log;                 /* \log without a base is to base 10 in this reading */
    bool failed;
    rp_verify_reason failure;
} rp_work;

/* Remembers the first failure; returns false so that callers can write `return rp_work_fail(...)`. */
static inline bool rp_work_fail(rp_work *work, rp_verify_reason reason) {
    if (!work->failed) work->failure = reason;
    work->failed = true;
    return false;
}

/* Pays `count` steps; false when the budget is gone. */
static inline bool rp_work_pay(rp_work *work, long count) {
    if (work->failed) return false;
    work->steps -= count;
    return work->steps >= 0 || rp_work_fail(work, RP_REASON_STEPS);
}

/* Arena memory for one verification; NULL (and a STEPS failure) when the arena is full. */
static inline void *rp_work_alloc(rp_work *work, size_t count, size_t size) {
    void *memory = rp_alloc_bytes(work->arena, count, size);
    if (!memory) rp_work_fail(work, RP_REASON_STEPS);
    return memory;
}
#define rp_work_new(work, type, count) ((type *)rp_work_alloc((work), (count), sizeof(type)))

#endif
