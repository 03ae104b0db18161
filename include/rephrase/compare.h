/* SPDX-License-Identifier: MIT
 *
 * compare.h — many runs: what is compared, the cells, the table, and whether they came out as before.
 *
 * One recipe, several rows (an algorithm and the settings in which it departs from the recipe), several seeds. A cell is one
 * row with one pair of seeds: a run in a directory of its own.
 */
#ifndef REPHRASE_COMPARE_H
#define REPHRASE_COMPARE_H

#include <rephrase/run.h>

enum { RP_MAX_COMPARED = 64, RP_MAX_SEEDS = 16, RP_MAX_OVERRIDES = 16 };

typedef struct rp_compared { /* a row */
    const char *name, *about;
    const char *algorithm_name;
    const rp_algorithm *algorithm; /* NULL: the base, untouched */
    const char *key[RP_MAX_OVERRIDES], *value[RP_MAX_OVERRIDES];
    size_t overrides;
    bool sweep; /* takes part in the learning-rate sweep */
} rp_compared;

typedef struct rp_comparison {
    rp_recipe recipe;
    const char *cache;                                   /* directory of pretrained bases, shared by comparisons */
    const char *seed_list, *rl_seed_list, *rate_list;    /* as written */
    int64_t seeds[RP_MAX_SEEDS], rl_seeds[RP_MAX_SEEDS]; /* of pretraining; of reinforcement learning on each base */
    size_t seed_count, rl_seed_count;
    const char *rates[RP_MAX_SEEDS]; /* learning rates of the sweep, as written */
    size_t rate_count;
    int64_t sweep_steps;
    rp_compared rows[RP_MAX_COMPARED];
    size_t row_count;
} rp_comparison;

extern const rp_option rp_comparison_keys[]; /* of rp_comparison: section [compare] */
extern const rp_option rp_compared_keys[];   /* of rp_compared: sections [row NAME], beside the keys of a recipe */

/* Reads [compare], [row NAME]… and the recipe around them. The row "base" is always there and first. */
rp_status rp_comparison_load(rp_arena *arena, const char *path, rp_comparison *comparison) RP_MUST_CHECK;

typedef struct rp_compare_options {
    const char *rows, *seeds; /* only these, separated by commas; NULL or empty = all */
    bool resume, sweep;
    const char *commit;  /* written beside the results; NULL = unknown */
    const char *against; /* a compare.json that was kept: are the cells the same to the bit? NULL = not asked */
} rp_compare_options;
/* Runs every cell that has no result yet, then writes compare.json, table.md and table.csv from the results that exist. A cell
 * that fails is named in the table and the others go on; the status is then that of the last failure.
 *   against when everything is written, says of each cell that both hold whether it is the same to the bit: RP_ERR_NUMERIC if
 *           one is not, RP_ERR_ARGUMENT if they share no cell. Not asked of a sweep.
 *   sweep   runs each swept row at each rate for sweep_steps on the first pretraining seed and scores it on the validation
 *           split by the mean of the tiers' accuracies; writes sweep.json and sweep.md. The test split is not touched. */
rp_status rp_compare_run(const rp_comparison *comparison, const rp_compare_options *options, rp_event_function *on_event,
                         void *context) RP_MUST_CHECK;
/* The Markdown tables of a compare.json, or its rows as CSV. */
rp_status rp_compare_render(rp_arena *arena, const char *path, bool csv, rp_buffer *out) RP_MUST_CHECK;

#endif
