/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a gold and an answer: the first byte chooses the options and the entry, the rest is the gold up to the first
 * newline and behind it the answer or response. What must hold: the verdict is the same the second time and when it is
 * explained; memory stays within the arena's limit; an answer that is understood equals itself; undefined equals nothing;
 * only EQUAL and DIFFERENT carry certificates. The calculations that the answer writes down are checked too: their counts add up
 * and each points into the text.
 */
#include <rephrase/verify.h>

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_verdict(const rp_verdict *v) {
    const bool decided = v->kind == RP_VERDICT_EQUAL || v->kind == RP_VERDICT_DIFFERENT;
    RP_REQUIRE(v->reason < RP_REASON_COUNT);
    RP_REQUIRE(decided || v->certificate == (v->reason == RP_REASON_UNPROVED ? RP_CERT_NUMERIC : RP_CERT_NONE));
    RP_REQUIRE((v->kind == RP_VERDICT_EQUAL) == (v->reason <= RP_REASON_APPROX));
    RP_REQUIRE((v->kind == RP_VERDICT_BUDGET) == (v->reason >= RP_REASON_INPUT));
}

static bool same(const rp_verdict *a, const rp_verdict *b) {
    return a->kind == b->kind && a->reason == b->reason && a->certificate == b->certificate && a->bits == b->bits &&
           rp_str_equal(a->gold, b->gold) && rp_str_equal(a->answer, b->answer) && rp_str_equal(a->span, b->span);
}

static void check_steps(rp_arena *arena, rp_str text) {
    const rp_steps steps = rp_verify_steps(arena, text);
    RP_REQUIRE(steps.count == steps.true_steps + steps.false_steps + steps.unreadable);
    for (size_t i = 0; i < steps.count; i++) {
        const rp_str step = steps.items[i].text;
        RP_REQUIRE(step.data >= text.data && step.data + step.length <= text.data + text.length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static rp_arena *arena;
    if (!arena) arena = rp_arena_create("fuzz", (size_t)32 << 20);
    RP_REQUIRE(arena);
    rp_arena_release(arena);
    if (size == 0) return 0;
    const uint8_t bits = data[0];
    const rp_verify_options options = {.lenient = bits & 1,
                                       .rounded = bits & 2,
                                       .percent_fraction = bits & 4,
                                       .units_optional = bits & 8,
                                       .open_box = bits & 16,
                                       .numeric = bits & 64};
    const char *text = (const char *)data + 1, *newline = memchr(text, '\n', size - 1);
    const size_t length = newline ? (size_t)(newline - text) : size - 1;
    const rp_str gold = {text, length};
    const rp_str answer = newline ? (rp_str){newline + 1, size - 2 - length} : (rp_str){text, 0};
    rp_verdict first, second;
    if (bits & 32) {
        first = rp_verify_response(arena, gold, answer, &options);
        second = rp_verify_response(arena, gold, answer, &options);
    } else {
        first = rp_verify_answer(arena, gold, answer, &options);
        second = rp_verify_answer(arena, gold, answer, &options);
    }
    check_verdict(&first);
    RP_REQUIRE(first.kind == RP_VERDICT_BUDGET || same(&first, &second)); /* the arena's limit is a budget too */
    rp_verdict told;
    (void)rp_verify_explain(arena, gold, answer, bits & 32, &options, &told);
    RP_REQUIRE(first.kind == RP_VERDICT_BUDGET || told.kind == RP_VERDICT_BUDGET || same(&first, &told));
    check_steps(arena, answer);
    const rp_verdict self = rp_verify_answer(arena, gold, gold, &options);
    check_verdict(&self);
    const bool bare = length < 40 && !options.lenient; /* a long gold may be a worked solution */
    RP_REQUIRE(!bare || self.kind != RP_VERDICT_DIFFERENT || self.reason == RP_REASON_UNDEFINED);
    return 0;
}
