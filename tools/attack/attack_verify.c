/* SPDX-License-Identifier: MIT
 *
 * attack_verify.c — searches for answers that equal two golds which differ from each other.
 *
 *     attack-verify [--golds FILE] [--seconds S] [--answers N] [--seed K] [--finds M] [--against G] [--verbose]
 *
 * Equality with a gold means something only if it is an equivalence. Nobody can list the answers that a policy may find, but
 * one kind of mistake shows itself without knowing any truth: an answer that equals two golds that differ. So answers are
 * grown (grow.c) and each is asked against a sample of golds of every kind and the golds it was made of. What gets further
 * (a budget, a weak certificate, an equality) is kept and grown on. Half of the answers are made of two golds, the second a
 * near miss of the first or of its kind, in one of many forms ("%1 or %2", nested boxes, a chain): that must not be worth both.
 *
 * A find is cut down to its smallest form and printed as a JSON line {gold, gold2, pred | response, certificate}; the exit code
 * is then 1. Everything but the clock follows from the seed.
 */
#include "attack.h"

#include <rephrase/json.h>

#include <stdlib.h>
#include <string.h>

enum { AGAINST_MAX = 256, FORMS_MAX = 256, FINDS_MAX = 1000 };
static const double SOMEWHERE = 4; /* progress() of a budget */

typedef struct attack {
    pool pool;
    garden garden;
    tally tally;
    asked asked;
    rp_arena *arena, *kept; /* one answer's texts; what lives on */
    rp_rng rng;
    double form_score[FORMS_MAX]; /* how far the answers of a form got, fading */
    uint64_t forms_found[FORMS_MAX];
    uint64_t found[FINDS_MAX]; /* hashes of the finds so far */
    size_t finds;
    /* settings */
    const char *golds;
    double seconds;
    long answers, against, most_finds, seed;
    bool verbose;
} attack;

/* ---- A find ------------------------------------------------------------------------------------------------------- */

static bool holds(attack *k, rp_str first, rp_str second, rp_str text, bool is_response) {
    return text.length > 0 && is_equal(&k->asked, first, text, is_response) &&
           is_equal(&k->asked, second, text, is_response) &&
           is_fault(&k->asked, k->arena, first, second, text, is_response);
}

/* Pieces are taken away, long ones first, as long as the rest still equals both golds. */
static rp_str minimal(attack *k, rp_str first, rp_str second, rp_str text, bool is_response) {
    for (size_t piece = text.length / 2; piece >= 1; piece = piece == 1 ? 0 : piece / 2)
        for (size_t at = 0; at + piece <= text.length;) {
            rp_buffer shorter = rp_buffer_in(k->arena);
            rp_buffer_append(&shorter, text.data, at);
            rp_buffer_append(&shorter, text.data + at + piece, text.length - at - piece);
            const rp_str rest = {shorter.data, shorter.length};
            if (rp_utf8_valid_prefix(rest.data, rest.length) == rest.length && holds(k, first, second, rest, is_response))
                text = rest;
            else
                at += piece;
        }
    return text;
}

static void print_find(attack *k, rp_str first, rp_str second, rp_str text, bool is_response) {
    rp_buffer out = rp_buffer_in(k->arena);
    rp_json_writer w = rp_json_write_to(&out);
    const char *const names[] = {"gold", "gold2", is_response ? "response" : "pred"};
    const rp_str values[] = {first, second, text};
    rp_json_begin_object(&w);
    for (int i = 0; i < 3; i++) {
        rp_json_put_key(&w, names[i]);
        rp_json_put_string(&w, values[i].data, values[i].length);
    }
    for (int i = 0; i < 2; i++) {
        const rp_verdict v = ask(&k->asked, values[i], text, is_response);
        char certificate[32];
        rp_certificate_text(&v, certificate);
        rp_json_put_key(&w, i ? "reason2" : "reason");
        rp_json_put_text(&w, rp_reason_name(v.reason));
        rp_json_put_key(&w, i ? "certificate2" : "certificate");
        rp_json_put_text(&w, certificate);
    }
    rp_json_end_object(&w);
    printf("%.*s\n", (int)out.length, out.data);
    (void)fflush(stdout);
}

/* A find of the same smallest text, or of the same pair, is printed once. */
static void report(attack *k, rp_str first, rp_str second, rp_str text, bool is_response) {
    const rp_str small = minimal(k, first, second, text, is_response);
    const uint64_t hash = rp_hash64(small.data, small.length, 0);
    for (size_t i = 0; i < k->finds; i++)
        if (k->found[i] == hash) return;
    if (k->finds < FINDS_MAX) k->found[k->finds++] = hash;
    print_find(k, first, second, small, is_response);
}

/* ---- One answer --------------------------------------------------------------------------------------------------- */

/* Equality should not depend on which side is the gold. Where it does, a policy of the gold must be the reason, so this is
 * counted and shown, and is no find. */
static void look_from_the_other_side(attack *k, rp_str gold, rp_str text) {
    const rp_verdict itself = ask(&k->asked, text, text, false);
    if (itself.kind != RP_VERDICT_EQUAL || is_equal(&k->asked, text, gold, false)) return;
    k->tally.asymmetric++;
    if (k->verbose) fprintf(stderr, "one-sided: %.*s | %.*s\n", (int)gold.length, gold.data, (int)text.length, text.data);
}

static void consider(attack *k, rp_str text, bool is_response) {
    rp_str equal[AGAINST_MAX + 1];
    size_t count = 0;
    double score = 0;
    k->tally.answers++;
    for (long i = 0; i < k->against; i++) {
        const rp_str gold = pool_pick(&k->pool, &k->rng);
        const rp_verdict v = ask(&k->asked, gold, text, is_response);
        const double p = progress(&v);
        if (p > score) score = p;
        if (v.kind == RP_VERDICT_EQUAL && count < AGAINST_MAX) equal[count++] = gold;
        if (score < SOMEWHERE && i + 1 == (score == 0 ? 4 : k->against / 4)) break; /* it gets nowhere: the next one */
    }
    if (count > 0 && !is_response) look_from_the_other_side(k, equal[0], text);
    for (size_t i = 1; i < count; i++)
        if (is_fault(&k->asked, k->arena, equal[0], equal[i], text, is_response)) {
            report(k, equal[0], equal[i], text, is_response);
            break;
        }
    if (!is_response && score >= 2)
        garden_keep(&k->garden, &k->rng, text, score + 4.0 * (double)count / (double)k->against);
}

static void grown_answer(attack *k) {
    const rp_str answer = grow_answer(k->arena, &k->garden, &k->pool, &k->rng);
    bool is_response;
    const rp_str text = grow_response(k->arena, answer, &k->rng, &is_response);
    consider(k, text, is_response);
}

/* The form is chosen by how far its answers got: half of the time the better of two. */
static size_t choose_form(attack *k) {
    const size_t a = rp_rng_below(&k->rng, (uint32_t)pair_form_count), b = rp_rng_below(&k->rng, (uint32_t)pair_form_count);
    return rp_rng_below(&k->rng, 2) && k->form_score[b] > k->form_score[a] ? b : a;
}

static void paired_answer(attack *k) {
    const size_t f = choose_form(k);
    const bool is_response = pair_forms[f].is_response;
    const rp_str first = pool_pick(&k->pool, &k->rng), second = pool_neighbour(k->arena, &k->pool, first, &k->rng);
    const rp_str text = fill_pair(k->arena, pair_forms[f].text, first, second);
    k->tally.answers++;
    const rp_verdict v = ask(&k->asked, first, text, is_response), w = ask(&k->asked, second, text, is_response);
    const double score = progress(&v) + progress(&w);
    k->form_score[f] = 0.99 * k->form_score[f] + 0.01 * score;
    if (v.kind == RP_VERDICT_EQUAL && w.kind == RP_VERDICT_EQUAL && k->forms_found[f] < 5 &&
        is_fault(&k->asked, k->arena, first, second, text, is_response)) {
        k->forms_found[f]++;
        report(k, first, second, text, is_response);
    }
    if (!is_response && score > 4) garden_keep(&k->garden, &k->rng, text, score / 2);
}

static void run(attack *k) {
    const double start = rp_seconds();
    for (long n = 0; (k->answers == 0 || n < k->answers) && (long)k->finds < k->most_finds; n++) {
        if (k->seconds > 0 && rp_seconds() - start > k->seconds) break;
        if (n % 2)
            paired_answer(k);
        else
            grown_answer(k);
        rp_arena_release(k->arena);
        if (k->verbose && n % 10000 == 0 && n)
            fprintf(stderr, "%ld answers, %llu pairs, %zu finds\n", n, (unsigned long long)k->tally.pairs, k->finds);
    }
    const double took = rp_seconds() - start;
    const tally *t = &k->tally;
    printf("%llu answers against %zu golds of %zu kinds, %llu pairs (%.0f a second): %llu equal, %llu budget, %llu excused "
           "by a "
           "policy, %llu one-sided, %zu universal\n",
           (unsigned long long)t->answers, k->pool.count, k->pool.kinds, (unsigned long long)t->pairs,
           (double)t->pairs / (took > 0 ? took : 1), (unsigned long long)t->equal, (unsigned long long)t->budget,
           (unsigned long long)t->excused, (unsigned long long)t->asymmetric, k->finds);
}

/* ---- The program -------------------------------------------------------------------------------------------------- */

static bool read_arguments(attack *k, int argc, char **argv) {
    const struct {
        const char *name;
        long *value;
    } numbers[] = {
        {"--answers", &k->answers}, {"--against", &k->against}, {"--finds", &k->most_finds}, {"--seed", &k->seed}};
    for (int i = 1; i < argc; i++) {
        int64_t value = 0;
        bool known = strcmp(argv[i], "--verbose") == 0;
        k->verbose |= known;
        if (!known && i + 1 == argc) return false;
        if (!known && strcmp(argv[i], "--golds") == 0) {
            k->golds = argv[++i];
            known = true;
        } else if (!known && strcmp(argv[i], "--seconds") == 0) {
            known = rp_parse_double(argv[++i], &k->seconds);
        } else if (!known && rp_parse_int64(argv[i + 1], &value) && value >= 0) {
            for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
                if (strcmp(argv[i], numbers[n].name) == 0) *numbers[n].value = (long)value, known = true;
            i++;
        }
        if (!known) return false;
    }
    if (k->against > AGAINST_MAX) k->against = AGAINST_MAX;
    return k->against > 0 && pair_form_count <= FORMS_MAX;
}

int main(int argc, char **argv) {
    static attack k = {.golds = "data/attack/golds.jsonl", .seconds = 60, .against = 48, .most_finds = 20};
    if (!read_arguments(&k, argc, argv)) {
        fprintf(stderr,
                "usage: attack-verify [--golds FILE] [--seconds S, 0 = no clock] [--answers N, 0 = no number] [--seed K]\n"
                "                     [--finds M] [--against G] [--verbose]\n");
        return 2;
    }
    k.kept = rp_arena_create("golds", 0);
    k.arena = rp_arena_create("answer", 0);
    k.asked =
        (asked){.scratch = rp_arena_create("scratch", (size_t)32 << 20), .tally = &k.tally, .options = rp_verify_defaults};
    if (!k.kept || !k.arena || !k.asked.scratch) return 1;
    if (pool_load(k.kept, k.asked.scratch, k.golds, &k.pool) != RP_OK) {
        fprintf(stderr, "attack-verify: %s\n", rp_last_error());
        return 2;
    }
    k.rng = rp_rng_stream((uint64_t)k.seed, RP_RNG_TEST, 0, 0, 0);
    run(&k);
    return k.finds ? 1 : 0;
}
