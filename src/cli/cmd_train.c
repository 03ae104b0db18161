/* SPDX-License-Identifier: MIT
 *
 * cmd_train.c — `rephrase train`: a recipe from nothing, or from a pretrained model, to trained weights and a table.
 */
#include "progress.h"
#include "recipe_flags.h"

#include <rephrase/kernels.h>

#include <stdlib.h>
#include <string.h>

static const rp_command_help help = {
    "rephrase train [--recipe FILE] [--KEY VALUE]...",
    "Trains a policy. Without --model, a small transformer and its tokenizer are first trained from nothing on the "
    "micro-world; then "
    "each algorithm runs from that same base, and a table shows the accuracy before and after. Everything is written to "
    "--out; a run "
    "that was stopped continues with --resume, bit for bit. Every key of a recipe is also a flag; --set reaches the "
    "settings of "
    "algorithms (`rephrase oracle list` shows them).",
    "  rephrase train --recipe data/recipes/micro-world.ini\n"
    "  rephrase train --recipe data/recipes/gsm8k-smollm2.ini --model SmolLM2.gguf --data train.jsonl\n"
    "  rephrase train --recipe data/recipes/micro-world.ini --algorithms repo --set repo.rho=0.5 --out runs/rho-half\n",
};

static void warn_of_slow_products(void) {
    const rp_blas_facts facts = rp_blas_look();
    if (facts.forced)
        rp_log(RP_LOG_WARNING, "OPENBLAS_CORETYPE=%s chooses OpenBLAS's kernel (%s); unset it unless you mean it",
               getenv("OPENBLAS_CORETYPE") ? getenv("OPENBLAS_CORETYPE") : "", facts.core);
    rp_log(RP_LOG_INFO, "products by %s%s%s, %d threads, %d-bit arithmetic", rp_products_name(rp_products_prepare()),
           facts.core ? ", core " : "", facts.core ? facts.core : "", rp_thread_count(), rp_precision());
}

static void explain_metrics(void) {
    for (size_t i = 0; i < rp_metric_count(); i++)
        printf("%-30s%s\n", rp_metric_name(i), rp_metric_meaning(rp_metric_name(i)));
}

/* The table of docs/recipes.md; a test compares the two. */
static void explain_keys(void) {
    const char *section = "";
    for (size_t i = 0; i < rp_recipe_key_count(); i++) {
        const rp_recipe_key *key = rp_recipe_key_at(i);
        if (strcmp(section, key->section) != 0)
            printf("\n## [%s]\n\n| key | default | meaning |\n|---|---|---|\n", key->section);
        section = key->section;
        printf("| `%s` | %s%s%s | %s", key->name, *key->standard ? "`" : "", key->standard, *key->standard ? "`" : "",
               key->help);
        for (size_t c = 0; key->choices[c]; c++) printf("%s`%s`", c ? ", " : ": ", key->choices[c]);
        printf(" |\n");
    }
}

/* A run that was stopped anywhere behind its beginning can go on from its last checkpoint. */
static rp_status say_resume(rp_arena *arena, const rp_recipe *recipe, rp_status status) {
    if (status != RP_ERR_INTERRUPTED || strstr(rp_last_error(), "--resume")) return status;
    const char *path = rp_path_join(arena, recipe->out, "recipe.ini"), *sentence = rp_strdup(arena, rp_last_error());
    if (!path || !sentence || !rp_file_exists(path)) return status;
    return rp_fail(status, "%s; --resume continues", sentence);
}

static rp_status run(rp_arena *arena, int argc, char **argv) {
    bool resume = false, done = false, metrics = false, keys = false;
    int64_t show_groups = 0;
    const rp_flag own[] = {
        {"resume", RP_FLAG_BOOL, &resume, NULL, "continue the run in --out from its last checkpoint"},
        {"show-groups", RP_FLAG_INT, &show_groups, "N",
         "every N steps print a group: question, answers, rewards, what replaced what"},
        {"explain-metrics", RP_FLAG_BOOL, &metrics, NULL, "print what every metric means and leave"},
        {"explain-keys", RP_FLAG_BOOL, &keys, NULL, "print every key of a recipe as Markdown and leave"},
        {NULL, RP_FLAG_BOOL, NULL, NULL, NULL},
    };
    rp_recipe_flag_set set;
    rp_recipe *recipe = rp_alloc(arena, rp_recipe, 1);
    RP_TRY_ALLOC(recipe);
    RP_TRY(rp_recipe_flags(arena, own, &set));
    RP_TRY(rp_flags_parse(set.flags, &help, argc, argv, NULL, &done));
    if (done) return RP_OK;
    if (metrics) explain_metrics();
    if (keys) explain_keys();
    if (metrics || keys) return RP_OK;
    RP_TRY(rp_recipe_from_flags(arena, &set, recipe));
    warn_of_slow_products();
    rp_progress progress = rp_progress_begin(show_groups);
    return say_resume(arena, recipe, rp_job_run(recipe, resume, rp_progress_event, &progress));
}

int rp_cmd_train(int argc, char **argv) {
    rp_arena *arena = rp_arena_create("train", 0);
    const rp_status status = arena ? run(arena, argc, argv) : RP_ERR_MEMORY;
    const int code = status == RP_OK ? 0 : rp_command_failed("train", status);
    rp_arena_destroy(arena);
    return code;
}
