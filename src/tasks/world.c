/* SPDX-License-Identifier: MIT
 *
 * The school-maths micro-world: problems drawn from the family tables (families.h).
 *
 * A draw picks a template, gives values to its slots, evaluates the plan, and writes the question. Whatever breaks a rule
 * (a value outside 0..limit, an inexact division, a question of another split) is thrown away and everything is drawn
 * again, so problems are uniform over what is allowed. Which split a problem belongs to is a function of its question
 * alone: nothing that trains on one split can meet a question of another, whatever the seeds.
 */
#include <string.h>

#include "families.h"
#include "tree.h"

enum { SPLIT_BUCKETS = 8, TRIES = 400000, LIMIT_LOW = 20, LIMIT_HIGH = 9999, STANDARD_OPERATIONS = 3 };

/* ---- Families -------------------------------------------------------------------------------------------------- */

size_t rp_world_family_count(void) {
    return rp_families_known_count + rp_families_new_count;
}

static const family_row *row_at(size_t index) {
    RP_REQUIRE(index < rp_world_family_count());
    return index < rp_families_known_count ? &rp_families_known[index] : &rp_families_new[index - rp_families_known_count];
}

const rp_world_family *rp_world_family_at(size_t index) {
    return &row_at(index)->head;
}

const char *const rp_tiers[RP_TIERS] = {"easy", "medium", "near", "hard", "general"};
enum { MAX_FAMILIES = 64 };

int rp_tier_of(rp_str name) {
    for (int i = 0; i < RP_TIERS; i++)
        if (rp_str_is(name, rp_tiers[i])) return i;
    return -1;
}

static bool same(const char *name, const char *text, size_t n) {
    return strlen(name) == n && memcmp(name, text, n) == 0;
}

/* Names of families and, behind them, of tiers and "all". */
static size_t list_names(const char *names[MAX_FAMILIES + RP_TIERS + 1], bool with_tiers) {
    size_t count = 0;
    RP_REQUIRE(rp_world_family_count() <= MAX_FAMILIES);
    for (size_t i = 0; i < rp_world_family_count(); i++) names[count++] = rp_world_family_at(i)->name;
    for (size_t i = 0; with_tiers && i < RP_TIERS; i++) names[count++] = rp_tiers[i];
    if (with_tiers) names[count++] = "all";
    return count;
}

static rp_status fail_unknown(const char *name, bool with_tiers) {
    const char *names[MAX_FAMILIES + RP_TIERS + 1];
    const char *nearest = rp_nearest_name(name, names, list_names(names, with_tiers));
    const char *what = with_tiers ? "family or tier" : "family";
    if (nearest) return rp_fail(RP_ERR_ARGUMENT, "unknown %s '%s'; did you mean '%s'?", what, name, nearest);
    return rp_fail(RP_ERR_ARGUMENT, "unknown %s '%s'; 'rephrase task --list' names them all", what, name);
}

int rp_world_family_find(const char *name) {
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        if (strcmp(rp_world_family_at(i)->name, name) == 0) return (int)i;
    }
    (void)fail_unknown(name, false);
    return -1;
}

static uint64_t families_named(const char *name, size_t n) {
    uint64_t families = 0;
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        const rp_world_family *family = rp_world_family_at(i);
        if (same(family->name, name, n) || same(family->tier, name, n) || same("all", name, n))
            families |= UINT64_C(1) << i;
    }
    return families;
}

rp_status rp_world_select(const char *list, uint64_t *families) {
    uint64_t chosen = 0;
    for (const char *at = list; *at;) {
        const char *name = at + strspn(at, ", \n");
        const bool minus = *name == '-';
        name += minus;
        const size_t n = strcspn(name, ", \n");
        at = name + n;
        if (n == 0 && !minus) continue;
        const uint64_t named = families_named(name, n);
        if (!named) {
            char copy[64];
            snprintf(copy, sizeof copy, "%.*s", (int)(n < 60 ? n : 60), name);
            return fail_unknown(copy, true);
        }
        chosen = minus ? chosen & ~named : chosen | named;
    }
    if (!chosen) return rp_fail(RP_ERR_ARGUMENT, "the list of families '%s' chooses none", list);
    *families = chosen;
    return RP_OK;
}

bool rp_world_has(const rp_world *world, size_t family) {
    return world->families == 0 || (world->families >> family & 1) != 0;
}

/* ---- Splits ---------------------------------------------------------------------------------------------------- */

rp_split rp_world_split_of(rp_str question) {
    const uint64_t bucket = rp_hash64(question.data, question.length, 0) % SPLIT_BUCKETS;
    return bucket == 0 ? RP_SPLIT_TEST : bucket == 1 ? RP_SPLIT_VALIDATION : RP_SPLIT_TRAIN;
}

const char *rp_split_name(rp_split split) {
    return split == RP_SPLIT_TRAIN ? "train" : split == RP_SPLIT_VALIDATION ? "validation" : "test";
}

/* ---- Values of the slots --------------------------------------------------------------------------------------- */

/* One try; false when a value is outside 0..limit. */
static bool draw_slots(const char *at, int64_t limit, rp_rng *rng, int64_t slot[TREE_SLOTS]) {
    tree t;
    while (*at) {
        if (*at == ' ') {
            at++;
        } else if (*at == '?') {
            at = rp_tree_parse(at + 1, &t);
            if (!rp_tree_evaluate(&t, slot, limit)) return false;
        } else if (at[1] == '=') {
            int64_t *value = &slot[at[0] - 'a'];
            at = rp_tree_parse(at + 2, &t);
            if (!rp_tree_evaluate(&t, slot, limit)) return false;
            *value = rp_tree_value(&t);
        } else {
            int64_t *value = &slot[at[0] - 'a'];
            RP_REQUIRE(at[1] == ':');
            at = rp_tree_parse(at + 2, &t);
            const int64_t lo = rp_tree_floor(&t, slot, limit);
            RP_REQUIRE(at[0] == '.' && at[1] == '.');
            at = rp_tree_parse(at + 2, &t);
            const int64_t end = rp_tree_floor(&t, slot, limit), hi = end < limit ? end : limit;
            if (lo < 0 || lo > hi) return false;
            *value = rp_rng_range(rng, lo, hi);
        }
    }
    return true;
}

/* ---- Words ----------------------------------------------------------------------------------------------------- */

static const char *const names[] = {"Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Ida"};
static const char *const things[] = {"pens", "cards", "shells", "coins", "stamps", "beads", "marbles", "apples"};
enum { NAMES = sizeof names / sizeof names[0], THINGS = sizeof things / sizeof things[0] };

typedef struct wording { /* drawn once per question, so that repeated places agree */
    uint32_t name, other, thing;
} wording;

static wording draw_wording(rp_rng *rng) {
    wording w;
    w.name = rp_rng_below(rng, NAMES);
    w.other = (w.name + 1 + rp_rng_below(rng, NAMES - 1)) % NAMES;
    w.thing = rp_rng_below(rng, THINGS);
    return w;
}

/* One of the words of "x|y|z", which ends at '}'. */
static void write_choice(const char *words, rp_rng *rng, rp_buffer *out) {
    uint32_t count = 1;
    for (const char *c = words; *c != '}'; c++) count += *c == '|';
    for (uint32_t skip = rp_rng_below(rng, count); skip > 0; skip--) words = strchr(words, '|') + 1;
    rp_buffer_append(out, words, strcspn(words, "|}"));
}

static void write_question(const family_template *template, const int64_t slot[TREE_SLOTS], const tree *t, rp_rng *rng,
                           rp_buffer *out) {
    const wording w = draw_wording(rng);
    for (const char *at = template->question; *at; at++) {
        if (*at != '{') {
            rp_buffer_char(out, *at);
            continue;
        }
        const char key = at[2] == '}' ? at[1] : '|';
        if (key == 'N') {
            rp_buffer_text(out, names[w.name]);
        } else if (key == 'M') {
            rp_buffer_text(out, names[w.other]);
        } else if (key == 'T') {
            rp_buffer_text(out, things[w.thing]);
        } else if (key == '=') {
            rp_tree_infix(t, out);
        } else if (key == '|') {
            write_choice(at + 1, rng, out);
        } else {
            rp_buffer_format(out, "%lld", (long long)slot[key - 'a']);
        }
        at = strchr(at, '}');
    }
}

void rp_world_word(const rp_world *world, rp_rng *rng, rp_buffer *out) {
    for (;;) {
        const size_t index = rp_rng_below(rng, (uint32_t)rp_world_family_count());
        if (!rp_world_has(world, index)) continue;
        const family_row *row = row_at(index);
        uint32_t templates = 0, words = 1;
        while (row->templates[templates].question) templates++;
        const char *at = row->templates[rp_rng_below(rng, templates)].question;
        for (const char *c = at; *c; c++) words += *c == ' ';
        for (uint32_t skip = rp_rng_below(rng, words); skip > 0; skip--) at = strchr(at, ' ') + 1;
        if (*at == '{' && at[2] != '}') {
            write_choice(at + 1, rng, out);
            return;
        }
        const size_t letters = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        if (letters == 0) continue;
        rp_buffer_append(out, at, letters);
        return;
    }
}

/* ---- Problems -------------------------------------------------------------------------------------------------- */

rp_status rp_world_check(const rp_world *world) {
    if (world->limit < LIMIT_LOW || world->limit > LIMIT_HIGH) {
        return rp_fail(RP_ERR_ARGUMENT, "the world's limit must be %d to %d, not %d", LIMIT_LOW, LIMIT_HIGH, world->limit);
    }
    if (world->operations < 0 || world->operations > TREE_MAX_OPERATIONS) {
        return rp_fail(RP_ERR_ARGUMENT, "the world's operations must be 0 (standard) to %d, not %d", TREE_MAX_OPERATIONS,
                       world->operations);
    }
    return RP_OK;
}

/* Operations of a random plan ("@", "@2"). */
static int random_operations(const rp_world *world, const char *plan) {
    const int operations = plan[1] ? plan[1] - '0' : world->operations;
    return operations ? operations : STANDARD_OPERATIONS;
}

static int plan_operations(const rp_world *world, const char *plan) {
    int operations = 0;
    if (plan[0] == '@') return random_operations(world, plan);
    for (const char *c = plan; *c; c++) operations += *c == '+' || *c == '-' || *c == '*' || *c == '/';
    return operations;
}

int rp_world_longest_plan(const rp_world *world) {
    int longest = 1;
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        if (!rp_world_has(world, i)) continue;
        for (const family_template *t = row_at(i)->templates; t->question; t++) {
            const int operations = plan_operations(world, t->plan);
            if (operations > longest) longest = operations;
        }
    }
    return longest;
}

/* One try: fills the tree and appends the question. */
static bool try_problem(const rp_world *world, const family_row *row, rp_rng *rng, tree *t, rp_buffer *question) {
    uint32_t templates = 0;
    while (row->templates[templates].question) templates++;
    const family_template *template = &row->templates[rp_rng_below(rng, templates)];
    int64_t slot[TREE_SLOTS] = {0};
    if (!draw_slots(template->slots, world->limit, rng, slot)) return false;
    if (template->plan[0] == '@') {
        rp_tree_random(t, random_operations(world, template->plan), world->limit, rng);
    } else {
        rp_tree_parse(template->plan, t);
        if (!rp_tree_evaluate(t, slot, world->limit)) return false;
    }
    write_question(template, slot, t, rng, question);
    return true;
}

static rp_str str_of_buffer(const rp_buffer *buffer) {
    return (rp_str){buffer->data, buffer->length};
}

static rp_status finish_problem(const rp_world *world, const family_row *row, const tree *t, rp_str question,
                                rp_arena *arena, rp_problem *problem) {
    rp_buffer own = rp_buffer_in(arena), solution = rp_buffer_in(arena);
    rp_tree_own(t, &own);
    RP_TRY(rp_buffer_status(&own));
    rp_tree_expert(t, world->expert_style == RP_EXPERT_CHAIN, &solution);
    RP_TRY(rp_buffer_status(&solution));
    char *answer = rp_sprintf(arena, "%lld", (long long)rp_tree_value(t));
    RP_TRY_ALLOC(answer);
    const uint64_t hash = rp_hash64(question.data, question.length, 0);
    char *id = rp_sprintf(arena, "%s-%016llx", row->head.name, (unsigned long long)hash);
    RP_TRY_ALLOC(id);
    *problem = (rp_problem){.id = rp_str_of(id),
                            .question = question,
                            .answer = rp_str_of(answer),
                            .solution = str_of_buffer(&solution),
                            .own = str_of_buffer(&own),
                            .family = rp_str_of(row->head.name),
                            .tier = rp_str_of(row->head.tier)};
    return RP_OK;
}

rp_status rp_world_problem(const rp_world *world, int family, rp_split split, rp_rng *rng, rp_arena *arena,
                           rp_problem *problem) {
    RP_TRY(rp_world_check(world));
    RP_REQUIRE(family >= 0 && (size_t)family < rp_world_family_count());
    const family_row *row = row_at((size_t)family);
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    for (int i = 0; i < TRIES; i++) {
        tree t;
        rp_buffer question = rp_buffer_in(arena);
        if (!try_problem(world, row, rng, &t, &question)) continue;
        RP_TRY(rp_buffer_status(&question));
        if (rp_world_split_of(str_of_buffer(&question)) == split) {
            return finish_problem(world, row, &t, str_of_buffer(&question), arena, problem);
        }
        rp_arena_rewind(arena, mark);
    }
    return rp_fail(RP_ERR_LIMIT, "family '%s' has no %s problem with all numbers in 0..%d (%d draws)", row->head.name,
                   rp_split_name(split), world->limit, TRIES);
}

rp_status rp_world_from_tier(const rp_world *world, const char *tier, rp_split split, rp_rng *rng, rp_arena *arena,
                             rp_problem *problem) {
    int families[MAX_FAMILIES];
    uint32_t count = 0;
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        if (rp_world_has(world, i) && strcmp(rp_world_family_at(i)->tier, tier) == 0) families[count++] = (int)i;
    }
    if (count == 0) return rp_fail(RP_ERR_ARGUMENT, "no family of tier '%s' takes part", tier);
    return rp_world_problem(world, families[rp_rng_below(rng, count)], split, rng, arena, problem);
}

/* ---- Distinct problems ----------------------------------------------------------------------------------------- */

/* A set of 64-bit hashes with open addressing; 0 marks an empty place. false when the hash was there. */
static bool insert_hash(uint64_t *places, size_t capacity, uint64_t hash) {
    hash += hash == 0;
    for (size_t i = (size_t)(hash % capacity);; i = (i + 1) % capacity) {
        if (places[i] == hash) return false;
        if (places[i] == 0) {
            places[i] = hash;
            return true;
        }
    }
}

static uint32_t name_hash(const char *name) {
    return (uint32_t)rp_hash64(name, strlen(name), 0);
}

rp_status rp_world_distinct(const rp_world *world, int family, rp_split split, uint64_t seed, size_t count, rp_arena *arena,
                            rp_dataset *dataset) {
    if (count == 0 || count > SIZE_MAX / 4 / sizeof(rp_problem)) {
        return rp_fail(RP_ERR_ARGUMENT, "cannot draw %zu distinct problems", count);
    }
    const size_t capacity = 2 * count + 1;
    rp_problem *problems = rp_alloc(arena, rp_problem, count);
    RP_TRY_ALLOC(problems);
    uint64_t *seen = rp_alloc_zero(arena, uint64_t, capacity);
    RP_TRY_ALLOC(seen);
    /* The stream is named by the family's name, not by its place in the table: new rows leave the others' problems alone.
     */
    const uint32_t stream = name_hash(rp_world_family_at((size_t)family)->name);
    rp_rng rng = rp_rng_stream(seed, RP_RNG_TASK, 0, stream, (uint32_t)split);
    size_t found = 0;
    /* A family of n problems of which all but one were seen shows the last one in n draws on average; a run of 20 n misses
     * has probability e^-20. */
    for (size_t misses = 0; found < count && misses < 1000 + 20 * found; misses++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        rp_problem problem;
        RP_TRY(rp_world_problem(world, family, split, &rng, arena, &problem));
        if (insert_hash(seen, capacity, rp_hash64(problem.question.data, problem.question.length, 0))) {
            problems[found++] = problem;
            misses = 0;
        } else {
            rp_arena_rewind(arena, mark);
        }
    }
    *dataset = (rp_dataset){.problems = problems, .count = found};
    return RP_OK;
}

/* ---- Prompts --------------------------------------------------------------------------------------------------- */

/* Prompts end in a newline: a byte-level BPE never joins it with what follows, so the ids of prompt + response are the ids
 * of the prompt and then the ids of the response. */
static rp_str prompt(rp_arena *arena, const char *before, rp_str question, const char *middle, rp_str reference,
                     const char *after) {
    rp_buffer text = rp_buffer_in(arena);
    rp_buffer_text(&text, before);
    rp_buffer_append(&text, question.data, question.length);
    rp_buffer_text(&text, middle);
    rp_buffer_append(&text, reference.data, reference.length);
    rp_buffer_text(&text, after);
    if (rp_buffer_status(&text) != RP_OK) return (rp_str){NULL, 0};
    return str_of_buffer(&text);
}

rp_str rp_world_solve_prompt(rp_arena *arena, rp_str question) {
    return prompt(arena, "Q: ", question, "", (rp_str){"", 0}, "\nA:\n");
}

rp_str rp_world_rephrase_prompt(rp_arena *arena, rp_str question, rp_str reference) {
    return prompt(arena, "Q: ", question, "\nRef: ", reference, "\nRewrite step by step.\nA:\n");
}
