/* SPDX-License-Identifier: MIT
 *
 * algorithms.h — one descriptor per algorithm, and the table of all.
 */
#ifndef REPHRASE_ALGORITHMS_H
#define REPHRASE_ALGORITHMS_H

#include <rephrase/options.h>
#include <rephrase/policy.h>

#include <string.h>

/* What an algorithm needs besides logp, mask and (unless it is supervised) reward and group. The trainer provides it or
 * refuses the recipe with a sentence. A row names the arrays its loss reads; the bits about rows (expert, rephrase,
 * no-rollout) follow from its plan. */
typedef enum rp_needs {
    RP_NEEDS_REWARD = 1 << 0,
    RP_NEEDS_OLD = 1 << 1,       /* logp_old */
    RP_NEEDS_BEHAVIOR = 1 << 2,  /* logp_behavior */
    RP_NEEDS_REFERENCE = 1 << 3, /* logp_ref */
    RP_NEEDS_VALUE = 1 << 4,     /* a value head */
    RP_NEEDS_ENTROPY = 1 << 5,
    RP_NEEDS_TOPK = 1 << 6,
    RP_NEEDS_ON_POLICY = 1 << 7,   /* exactly one update per rollout batch */
    RP_NEEDS_EXPERT = 1 << 8,      /* rows from an expert's solution in the batch */
    RP_NEEDS_REPHRASE = 1 << 9,    /* rephrased rows: the trainer runs RePO's gate */
    RP_NEEDS_NO_ROLLOUT = 1 << 10, /* purely supervised: only expert rows */
    RP_NEEDS_WHOLE_STEP = 1 << 11, /* statistics of all rows of the step: the loss may not be computed part by part */
    RP_NEEDS_PREFIX = 1 << 12      /* sampled rows that continue the beginning of a demonstration */
} rp_needs;

struct rp_algorithm;
enum { RP_SETTINGS_BYTES = 256, RP_MAX_SETTINGS = 64 };
/* The settings of one algorithm: a struct of its own, which only its file knows, kept as bytes so that anybody may hold and copy
 * it. Others reach a setting by its name. */
typedef struct rp_settings {
    const struct rp_algorithm *of;
    uint64_t given; /* bit k: setting k was set by name; a convention does not change it */
    unsigned char bytes[RP_SETTINGS_BYTES];
} rp_settings;

typedef struct rp_convention { /* a named set of values that reproduces one implementation */
    const char *name, *help;   /* "paper", "trl", "verl", "release" */
    struct {
        const char *setting, *value;
    } set[16]; /* ends with setting NULL */
} rp_convention;

/* ---- Plans ---------------------------------------------------------------------------------------------------- */

enum { RP_MAX_DEMONSTRATIONS = 8 };
typedef struct rp_demonstration { /* a row of a group that begins with the question's solution */
    bool whole;                   /* the solution and nothing else */
    double share;                 /* otherwise: the policy continues behind this share of the solution's tokens */
} rp_demonstration;

typedef enum rp_conditioning { /* the prompt under which an injected row's log-probabilities are taken */
                               RP_UNDER_QUESTION,
                               RP_BEHAVIOR_UNDER_KNOWLEDGE, /* only logp_behavior under P(q, k) */
                               RP_UNDER_KNOWLEDGE           /* everything under P(q, k) */
} rp_conditioning;

typedef struct rp_gate { /* RePO: which groups are rephrased, by what, and what may go in */
    bool wanted;
    bool always;       /* every group; otherwise those whose share of failures reaches rho */
    bool raw;          /* the solution itself in place of a rephrasing of it */
    bool verify;       /* what goes in has a reward of at least delta and above the lowest of its group */
    double rho, delta; /* an answer fails when its reward is below delta */
    size_t rephrases;  /* sampled per question */
    rp_conditioning conditioning;
} rp_gate;

/* Everything that an algorithm wants of one training step. The trainer interprets it and never asks for a setting by name. */
typedef struct rp_plan {
    rp_settings settings; /* what the loss is given: schedules have their value of this step */
    unsigned needs; /* bits of rp_needs with these settings: among them the frozen model that reads the rows (log π_ref) */
    bool rollouts;  /* groups are filled with sampled answers; otherwise they hold demonstrations alone */
    rp_demonstration demonstration[RP_MAX_DEMONSTRATIONS]; /* the last rows of each group */
    size_t demonstrations;
    size_t candidates; /* likeliest tokens recorded at every sampled one; 0 = none */
    size_t batches; /* batches of questions asked at most, until the answers of every group disagree; 1 = no further ones */
    size_t failures; /* unsolved questions that together make one supervised update; 0 = they are not collected */
    rp_gate gate;
} rp_plan;

typedef struct rp_algorithm {
    const char *name, *title;
    const char *citation;             /* key of docs/bibliography.md */
    const char *equations;            /* "grpo.3, grpo.21" */
    const char *summary;              /* one sentence */
    const rp_option *settings;        /* of the algorithm's struct */
    const rp_convention *conventions; /* ends with name NULL; the first is the default and has no entries */
    /* The arrays that the loss reads with these settings (bits of rp_needs). */
    unsigned (*needs)(const rp_settings *settings);
    /* Where this algorithm departs from the default plan, which *plan holds: its settings as they are, rollouts and nothing
     * else. A function of (settings, step) alone; steps count from 0. NULL = it never departs. */
    void (*plan)(const rp_settings *settings, int64_t step, rp_plan *plan);
    /* The loss and its partials. Scratch from `arena` (rewound by the caller). The batch was checked; needed arrays exist. */
    rp_status (*loss)(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *loss);
} rp_algorithm;

/* The name of bit number `bit` of rp_needs, NULL behind the last. */
const char *rp_needs_name(unsigned bit);
size_t rp_algorithm_count(void);
const rp_algorithm *rp_algorithm_at(size_t index);
/* NULL + RP_ERR_ARGUMENT stored, with the nearest name. */
const rp_algorithm *rp_algorithm_find(const char *name);

rp_settings rp_settings_defaults(const rp_algorithm *algorithm);
/* Everything that was not set by name takes the value of `convention` (NULL = none), else its default. */
rp_status rp_settings_apply(const rp_algorithm *algorithm, const char *convention, rp_settings *settings) RP_MUST_CHECK;
/* The same; *name receives the row's own text of the convention's name. */
rp_status rp_settings_convention(const rp_algorithm *algorithm, const char *convention, rp_settings *settings,
                                 const char **name) RP_MUST_CHECK;
rp_status rp_settings_set(const rp_algorithm *algorithm, const char *key, const char *value,
                          rp_settings *settings) RP_MUST_CHECK;
rp_status rp_settings_set_json(const rp_algorithm *algorithm, const char *key, const rp_json *value,
                               rp_settings *settings) RP_MUST_CHECK;
/* The value of a setting the row has (anything else is a bug): a number, 0/1, or the index of a choice. */
double rp_settings_get(const rp_algorithm *algorithm, const rp_settings *settings, const char *key);
const char *rp_settings_choice(const rp_algorithm *algorithm, const rp_settings *settings, const char *key); /* its name */
/* Sets a number, 0/1 or the index of a choice; one that rp_settings_set would refuse is a bug. */
void rp_settings_put(const rp_algorithm *algorithm, rp_settings *settings, const char *key, double value);
/* The whole plan of a training step. */
rp_plan rp_algorithm_plan(const rp_algorithm *algorithm, const rp_settings *settings, int64_t step);
/* What these settings need: the bits of the row's `needs` and those that follow from its plan of step 0. */
unsigned rp_algorithm_needs(const rp_algorithm *algorithm, const rp_settings *settings);
bool rp_settings_has(const rp_algorithm *algorithm, const char *key);

/* For the file of an algorithm NAME, with its struct NAME_settings: defines NAME_of(settings), the typed settings. Settings of
 * another algorithm are a bug and abort. */
#define RP_SETTINGS_OF(name)                                                                                               \
    static name##_settings name##_of(const rp_settings *settings) {                                                        \
        name##_settings s;                                                                                                 \
        _Static_assert(sizeof s <= RP_SETTINGS_BYTES, "RP_SETTINGS_BYTES is too small");                                   \
        RP_REQUIRE(settings->of == &rp_algorithm_##name);                                                                  \
        memcpy(&s, settings->bytes, sizeof s);                                                                             \
        return s;                                                                                                          \
    }

/* Checks the batch and the needs, then computes. A loss that is not finite is RP_ERR_NUMERIC; the arrays then hold what was
 * computed, to look at. */
rp_status rp_algorithm_loss(const rp_algorithm *algorithm, const rp_settings *settings, const rp_batch *batch,
                            rp_arena *arena, rp_loss *loss) RP_MUST_CHECK;

/* ---- Batches as JSON: the oracle's and the golden files' format, docs/golden-format.md (batch_json.c) ---------- */

/* Reads an object with logp (lists of different lengths, one per row) and any of logp_old, logp_behavior, logp_ref,
 * logp_detached, entropy, value, value_old, mask, prefix (all of logp's shape), reward or rewards {component: list}, group
 * (integers or text), source (policy, expert, rephrased), topk {ids, logp_behavior, logp, token_ids}, total_rows,
 * total_tokens, total_expert_rows, total_expert_tokens, and settings {name: value}, which go on top of *settings.
 * Without group all rows answer one question. `algorithm` may be NULL where settings are not wanted.
 *   Fails   any unknown key, wrong shape or number, with its JSON path */
rp_status rp_batch_read(const rp_json *object, const rp_algorithm *algorithm, rp_arena *arena, rp_batch *batch,
                        rp_settings *settings) RP_MUST_CHECK;
/* The settings member of such an object alone. */
rp_status rp_settings_read(const rp_json *object, const rp_algorithm *algorithm, rp_settings *settings) RP_MUST_CHECK;
/* One optional member of logp's shape; *out stays NULL when it is absent. rows and start are those of the batch. */
rp_status rp_ragged_read(const rp_json *object, const char *key, const rp_batch *shape, rp_arena *arena,
                         const real **out) RP_MUST_CHECK;
/* Refuses counted values above 0 (and RP_LOGP_SLACK) of such a member, with their path. */
rp_status rp_logp_check(const rp_json *object, const char *key, const rp_batch *batch, const real *values) RP_MUST_CHECK;
/* Rows and start of a batch from the lists of `key`. */
rp_status rp_shape_read(const rp_json *object, const char *key, rp_arena *arena, rp_batch *batch) RP_MUST_CHECK;
/* A list of `count` numbers; *out stays NULL when the member is absent. */
rp_status rp_list_read(const rp_json *object, const char *key, size_t count, rp_arena *arena,
                       const real **out) RP_MUST_CHECK;
/* The optional members mask, group, reward and rewards. */
rp_status rp_rows_read(const rp_json *object, rp_arena *arena, rp_batch *batch) RP_MUST_CHECK;
/* {loss, advantage, weight, dlogp, dentropy, dvalue, metrics} as one object. */
void rp_loss_write(rp_json_writer *writer, const rp_batch *batch, const rp_loss *loss);
void rp_ragged_write(rp_json_writer *writer, const char *key, const rp_batch *batch, const real *values);

#endif
