/* SPDX-License-Identifier: MIT
 *
 * cmd_train.c — `rephrase train`: a recipe from nothing, or from a pretrained model, to trained weights and a table.
 */
#include "commands.h"
#include "progress.h"
#include "recipe_flags.h"

#include <rephrase/kernels.h>

#include <stdlib.h>
#include <string.h>

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
static rp_status explain_keys(rp_arena *arena) {
    const char *section = "";
    for (const rp_option *key = rp_recipe_keys; key->name; key++) {
        rp_buffer standard = rp_buffer_in(arena);
        char peers[160];
        rp_option_write_default(key, &standard);
        rp_option_peers(key, peers);
        RP_TRY(rp_buffer_status(&standard));
        if (strcmp(section, key->section) != 0)
            printf("\n## [%s]\n\n| key | default | meaning |\n|---|---|---|\n", key->section);
        section = key->section;
        const char *tick = standard.length ? "`" : "";
        printf("| `%s` | %s%s%s | %s", key->name, tick, standard.length ? standard.data : "", tick, key->help);
        for (size_t c = 0; key->choices && key->choices[c]; c++) printf("%s`%s`", c ? ", " : ": ", key->choices[c]);
        printf("%s |\n", peers);
    }
    return RP_OK;
}

/* A run that was stopped anywhere behind its beginning can go on from its last checkpoint. */
static rp_status say_resume(rp_arena *arena, const rp_recipe *recipe, rp_status status) {
    if (status != RP_ERR_INTERRUPTED || strstr(rp_last_error(), "--resume")) return status;
    const char *path = rp_path_join(arena, recipe->out, "recipe.ini"), *sentence = rp_strdup(arena, rp_last_error());
    if (!path || !sentence || !rp_file_exists(path)) return status;
    return rp_fail(status, "%s; --resume continues", sentence);
}

typedef struct arguments {
    bool resume, explain_metrics, explain_keys;
    int64_t show_groups;
} arguments;

static const rp_option options[] = {
    RP_OPTION_BOOL(arguments, resume, "resume", false, "continue the run in --out from its last checkpoint"),
    RP_OPTION_INT(arguments, show_groups, "show_groups", 0, 0, 1e9,
                  "every N steps print a group: question, answers, rewards, what replaced what; 0 = never"),
    RP_OPTION_BOOL(arguments, explain_metrics, "explain_metrics", false, "print what every metric means and leave"),
    RP_OPTION_BOOL(arguments, explain_keys, "explain_keys", false, "print every key of a recipe as Markdown and leave"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const arguments *chosen = call->arguments;
    if (chosen->explain_metrics) explain_metrics();
    if (chosen->explain_keys) return explain_keys(call->arena);
    if (chosen->explain_metrics) return RP_OK;
    rp_recipe *recipe = rp_alloc(call->arena, rp_recipe, 1);
    RP_TRY_ALLOC(recipe);
    RP_TRY(rp_recipe_from_flags(call, recipe));
    warn_of_slow_products();
    rp_progress progress = rp_progress_begin(chosen->show_groups);
    return say_resume(call->arena, recipe, rp_job_run(recipe, chosen->resume, rp_progress_event, &progress));
}

const rp_command rp_command_train = {
    .name = "train",
    .summary = "train a policy: pretrain, SFT, GRPO, RePO and the others, from one recipe",
    .usage = "rephrase train [--recipe FILE] [--KEY VALUE]...",
    .about =
        "Trains a policy. Without --model, a small transformer and its tokenizer are first trained from nothing on the "
        "micro-world; then each algorithm runs from that same base, and a table shows the accuracy before and after. "
        "Everything is written to --out; a run that was stopped continues with --resume, bit for bit. Every key of a "
        "recipe is also a flag; --set reaches the settings of algorithms (`rephrase oracle list` shows them).",
    .examples =
        "  rephrase train --recipe data/recipes/micro-world.ini\n"
        "  rephrase train --recipe data/recipes/gsm8k-smollm2.ini --model SmolLM2.gguf --data train.jsonl\n"
        "  rephrase train --recipe data/recipes/micro-world.ini --algorithms repo --set repo.rho=0.5 --out runs/rho-half\n",
    .arguments = sizeof(arguments),
    .options = options,
    .recipe = true,
    .run = run,
};
