/* SPDX-License-Identifier: MIT
 *
 * generate.c — many prompts to many answers: who is in the batch, whose pages are whose, when a sequence ends.
 *
 * Requests enter in order, as many as the batch and the pool of pages allow, and leave when they are finished, each on its
 * own; a waiting one takes the place in the next step. Neighbours with equal prompts form a group. The group reads all of
 * the prompt but its last token once; each member then starts by feeding that last token itself, so starting and continuing
 * are the same thing. Members share the prompt's full pages and copy the page that the prompt fills only partly.
 *
 * A member's pages are reserved when it enters, for its prompt and all it may generate, so that no sequence ever has to
 * be thrown out half-way.
 */
#include "decode.h"

#include <string.h>

enum { PREFILL_ROWS = 256, MOST_BATCH = 256 };

typedef struct group { /* adjacent requests with the same prompt */
    size_t first, count, admitted;
    size_t prefix, done; /* positions to read, and read so far */
    uint32_t *pages;     /* of the prefix; owned until the last member is admitted and the prefix is read */
    real *prompt_logp;
    bool reading, finished; /* pages are taken; prefix is read */
} group;

typedef struct member { /* a sequence in the batch */
    size_t request, group;
    uint32_t *pages; /* (table) the prefix's full pages, then its own */
    size_t own_first, page_count;
    size_t position; /* of the token to feed next */
    int32_t next;
    bool started;
    rp_rng rng;
    choice choice;
    real entropy; /* of the distribution that the choice was made from, when asked for */
} member;

typedef struct job {
    const rp_decoder *decoder;
    const rp_generate_options *options;
    const rp_generate_request *requests;
    rp_generate_result *results; /* private until all is done */
    size_t count, finished, next_request;
    group *groups;
    size_t group_count, *group_of;
    size_t oldest; /* groups before this one are read and released */
    member *members;
    size_t batch, active;
    decode_run *runs;
    size_t *run_member; /* run → member, for the runs that decode */
    decode_state state;
} job;

/* ---- What a request needs
 * -------------------------------------------------------------------------------------------------- */

static size_t new_tokens(const job *j, size_t r) {
    const size_t room = (size_t)j->decoder->config.context - j->requests[r].prompt_length;
    return j->requests[r].max_new < room ? j->requests[r].max_new : room;
}

/* Positions whose keys and values are stored: all but the last token. */
static size_t positions_of(const job *j, size_t r) {
    return j->requests[r].prompt_length - 1 + new_tokens(j, r);
}

static size_t prefix_of(const job *j, size_t r) {
    return j->requests[r].prompt_length - 1;
}

static size_t own_pages(const job *j, size_t r) {
    return pages_for(positions_of(j, r)) - prefix_of(j, r) / RP_PAGE;
}

static rp_status check_request(const job *j, size_t r) {
    const rp_generate_request *request = &j->requests[r];
    const rp_model_config *config = &j->decoder->config;
    if (request->prompt_length == 0) return rp_fail(RP_ERR_ARGUMENT, "the prompt of request %zu is empty", r);
    if (request->prompt_length + (request->max_new > 0) > (size_t)config->context)
        return rp_fail(RP_ERR_LIMIT,
                       "the prompt of request %zu has %zu tokens; the model's context of %d leaves no room for an answer",
                       r, request->prompt_length, config->context);
    for (size_t i = 0; i < request->prompt_length; i++)
        if (request->prompt[i] < 0 || request->prompt[i] >= config->vocab)
            return rp_fail(RP_ERR_SHAPE, "token id %d in the prompt of request %zu is outside the vocabulary of %d",
                           (int)request->prompt[i], r, config->vocab);
    return RP_OK;
}

static bool same_prompt(const rp_generate_request *a, const rp_generate_request *b) {
    return a->prompt_length == b->prompt_length && memcmp(a->prompt, b->prompt, a->prompt_length * sizeof *a->prompt) == 0;
}

static rp_status make_groups(rp_arena *arena, job *j) {
    j->groups = rp_alloc_zero(arena, group, j->count);
    RP_TRY_ALLOC(j->groups);
    j->group_of = rp_alloc(arena, size_t, j->count);
    RP_TRY_ALLOC(j->group_of);
    for (size_t r = 0; r < j->count; r++) {
        if (r == 0 || !same_prompt(&j->requests[r - 1], &j->requests[r]))
            j->groups[j->group_count++] = (group){.first = r, .prefix = prefix_of(j, r)};
        j->groups[j->group_count - 1].count++;
        j->group_of[r] = j->group_count - 1;
    }
    for (size_t g = 0; g < j->group_count; g++) {
        j->groups[g].pages = rp_alloc(arena, uint32_t, pages_for(j->groups[g].prefix));
        RP_TRY_ALLOC(j->groups[g].pages);
    }
    return RP_OK;
}

/* Arrays of the results, which outlive the job. */
static rp_status make_results(rp_arena *arena, job *j) {
    j->results = rp_alloc_zero(arena, rp_generate_result, j->count);
    RP_TRY_ALLOC(j->results);
    for (size_t r = 0; r < j->count; r++) {
        rp_generate_result *result = &j->results[r];
        const size_t n = new_tokens(j, r);
        result->ids = rp_alloc(arena, int32_t, n);
        RP_TRY_ALLOC(result->ids);
        result->logp = rp_alloc(arena, real, n);
        RP_TRY_ALLOC(result->logp);
        result->logp_1 = rp_alloc(arena, real, n);
        RP_TRY_ALLOC(result->logp_1);
        if (j->options->entropy) {
            result->entropy = rp_alloc(arena, real, n);
            RP_TRY_ALLOC(result->entropy);
        }
        if (j->options->top) {
            result->top_ids = rp_alloc(arena, int32_t, n * j->options->top);
            RP_TRY_ALLOC(result->top_ids);
            result->top_logp = rp_alloc(arena, real, n * j->options->top);
            RP_TRY_ALLOC(result->top_logp);
        }
        if (!j->options->prompt_logp) continue;
        const bool shared = r > 0 && same_prompt(&j->requests[r - 1], &j->requests[r]);
        result->prompt_logp = shared ? j->results[r - 1].prompt_logp : rp_alloc(arena, real, prefix_of(j, r));
        RP_TRY_ALLOC(result->prompt_logp);
    }
    return RP_OK;
}

/* Pages: what the memory allows, but not more than all requests need together nor less than the hungriest one. */
static size_t pool_pages(const job *j) {
    const size_t memory = j->options->memory ? j->options->memory : (size_t)1 << 30;
    const size_t allowed = memory / rp_page_bytes(&j->decoder->sizes);
    size_t all = 0, hungriest = 0;
    for (size_t r = 0; r < j->count; r++) {
        const size_t shared = pages_for(prefix_of(j, r)), own = own_pages(j, r);
        all += own + (j->groups[j->group_of[r]].first == r ? shared : 0);
        hungriest = hungriest > own + shared ? hungriest : own + shared;
    }
    const size_t pages = allowed < all ? allowed : all;
    return pages > hungriest ? pages : hungriest;
}

static rp_status make_batch(rp_arena *arena, job *j) {
    size_t longest = 1;
    for (size_t r = 0; r < j->count; r++) longest = positions_of(j, r) > longest ? positions_of(j, r) : longest;
    j->batch = j->options->batch ? j->options->batch : MOST_BATCH;
    if (j->batch > j->count) j->batch = j->count;
    const size_t most_runs = j->batch + j->group_count;
    j->members = rp_alloc_zero(arena, member, j->batch);
    RP_TRY_ALLOC(j->members);
    j->runs = rp_alloc(arena, decode_run, most_runs);
    RP_TRY_ALLOC(j->runs);
    j->run_member = rp_alloc(arena, size_t, most_runs);
    RP_TRY_ALLOC(j->run_member);
    for (size_t i = 0; i < j->batch; i++) {
        j->members[i].pages = rp_alloc(arena, uint32_t, pages_for(longest));
        RP_TRY_ALLOC(j->members[i].pages);
    }
    const size_t outputs = j->batch + (j->options->prompt_logp ? PREFILL_ROWS : 0);
    return rp_decode_state_create(arena, j->decoder, j->batch + PREFILL_ROWS, outputs, longest, pool_pages(j), &j->state);
}

/* ---- Entering
 * ------------------------------------------------------------------------------------------------------------------ */

/* The prefix is read: full pages become the member's too, the partly filled one is copied. */
static void start(job *j, member *m) {
    const group *g = &j->groups[m->group];
    const size_t full = g->prefix / RP_PAGE;
    for (size_t i = 0; i < full; i++) {
        m->pages[i] = g->pages[i];
        rp_pool_share(&j->state.pool, g->pages[i]);
    }
    if (g->prefix % RP_PAGE && m->page_count > full) rp_pool_copy(&j->state.pool, m->pages[full], g->pages[full]);
    m->position = g->prefix;
    m->next = j->requests[m->request].prompt[g->prefix];
    m->started = true;
}

/* Nobody will need the group's own hold on its pages any more. */
static void release_if_done(job *j, group *g) {
    if (!g->reading || !g->finished || g->admitted < g->count) return;
    for (size_t i = 0; i < pages_for(g->prefix); i++) rp_pool_drop(&j->state.pool, g->pages[i]);
    g->reading = false;
}

static void finish_reading(job *j, size_t which) {
    group *g = &j->groups[which];
    g->finished = true;
    for (size_t i = 0; i < j->active; i++)
        if (j->members[i].group == which && !j->members[i].started) start(j, &j->members[i]);
    release_if_done(j, g);
}

/* False when there is no room for the next request now. */
static bool admit(job *j) {
    if (j->next_request == j->count || j->active == j->batch) return false;
    const size_t r = j->next_request, which = j->group_of[r];
    group *g = &j->groups[which];
    const bool first = g->first == r;
    const size_t own = own_pages(j, r), shared = first ? pages_for(g->prefix) : 0;
    if (own + shared > j->state.pool.free) return false;
    for (size_t i = 0; i < shared; i++) g->pages[i] = rp_pool_take(&j->state.pool);
    g->reading |= first;
    member *m = &j->members[j->active++];
    *m = (member){.request = r,
                  .group = which,
                  .pages = m->pages,
                  .own_first = g->prefix / RP_PAGE,
                  .page_count = pages_for(positions_of(j, r)),
                  .rng = j->requests[r].rng};
    for (size_t i = m->own_first; i < m->page_count; i++) m->pages[i] = rp_pool_take(&j->state.pool);
    j->next_request++;
    g->admitted++;
    if (first && g->prefix == 0)
        finish_reading(j, which);
    else if (g->finished) {
        start(j, m);
        release_if_done(j, g);
    }
    return true;
}

/* ---- Leaving
 * --------------------------------------------------------------------------------------------------------------------- */

static void leave(job *j, size_t i) {
    member *m = &j->members[i];
    for (size_t p = 0; p < m->page_count; p++) rp_pool_drop(&j->state.pool, m->pages[p]);
    uint32_t *pages = m->pages;
    *m = j->members[--j->active]; /* the order of the batch means nothing */
    j->members[j->active].pages = pages;
    j->finished++;
}

static bool is_stop(const rp_generate_options *options, int32_t id) {
    for (size_t i = 0; i < options->stop_count; i++)
        if (options->stop[i] == id) return true;
    return false;
}

/* Records the member's choice; true when the sequence has ended. */
static bool accept(job *j, member *m) {
    const rp_generate_options *options = j->options;
    rp_generate_result *result = &j->results[m->request];
    const size_t at = result->length++;
    result->ids[at] = m->choice.id;
    result->logp[at] = m->choice.logp;
    result->logp_1[at] = m->choice.logp_1;
    if (options->entropy) result->entropy[at] = m->entropy;
    m->next = m->choice.id;
    m->position++;
    result->stopped = is_stop(options, m->choice.id);
    if (options->on_token && options->on_token(options->context, m->request, m->choice.id, m->choice.logp_1))
        result->stopped = true;
    return result->stopped || result->length == new_tokens(j, m->request);
}

/* ---- A step
 * ------------------------------------------------------------------------------------------------------------------------
 */

/* Runs: one position for each started member, then pieces of the prompts that are being read. Returns the first number. */
static size_t plan(job *j, size_t *runs) {
    size_t n = 0, room = PREFILL_ROWS;
    for (size_t i = 0; i < j->active; i++) {
        member *m = &j->members[i];
        if (!m->started) continue;
        j->run_member[n] = i;
        j->runs[n++] = (decode_run){m->pages, &m->next, m->position, 1, true};
    }
    const size_t decoding = n;
    for (size_t g = j->oldest; g < j->group_count && room > 0; g++) {
        const group *reading = &j->groups[g];
        if (reading->admitted == 0) break; /* nor is any later one */
        if (reading->finished) continue;
        const size_t left = reading->prefix - reading->done, piece = left < room ? left : room;
        j->run_member[n] = g; /* of these runs: the group */
        j->runs[n++] = (decode_run){reading->pages, j->requests[reading->first].prompt + reading->done, reading->done,
                                    piece, j->options->prompt_logp};
        room -= piece;
    }
    *runs = n;
    return decoding;
}

/* The log-probabilities of the prompt's own tokens, from the logits of a run that read a piece of it. */
static void score_prompt(const job *j, const group *g, size_t count, const real *logits) {
    const rp_generate_request *request = &j->requests[g->first];
    const size_t V = j->decoder->sizes.V;
    real *logp = j->results[g->first].prompt_logp + g->done;
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < count; i++) {
        rp_logit_row row;
        rp_logprob_forward(logp + i, &row, logits + i * V, V, request->prompt + g->done + 1 + i, 1, V, 1);
    }
}

static void advance_prompts(job *j, size_t decoding, size_t runs) {
    const real *logits = j->state.logits + decoding * j->decoder->sizes.V;
    for (size_t i = decoding; i < runs; i++) {
        const size_t which = j->run_member[i], count = j->runs[i].count;
        group *g = &j->groups[which];
        if (j->options->prompt_logp) {
            score_prompt(j, g, count, logits);
            logits += count * j->decoder->sizes.V;
        }
        g->done += count;
        if (g->done == g->prefix) finish_reading(j, which);
    }
    while (j->oldest < j->group_count && j->groups[j->oldest].finished) j->oldest++;
}

static void choose_token(const job *j, member *m, const real *logits) {
    const size_t V = j->decoder->sizes.V;
    const double u = j->options->sampling.temperature > 0 ? rp_rng_uniform(&m->rng) : 0; /* greedy draws nothing */
    m->choice = rp_choose(logits, V, &j->options->sampling, u, rp_decode_scratch(&j->state));
    if (j->options->entropy && m->choice.finite) {
        const double tau = j->options->sampling.temperature;
        rp_logit_row row;
        real logp;
        rp_logprob_forward(&logp, &row, logits, V, &m->choice.id, 1, V, tau > 0 ? (real)tau : 1);
        m->entropy = row.entropy;
    }
    const rp_generate_result *result = &j->results[m->request];
    const size_t top = j->options->top, at = result->length * top;
    if (top && m->choice.finite) rp_likeliest(logits, V, &m->choice, top, result->top_ids + at, result->top_logp + at);
}

static rp_status choose_tokens(job *j, size_t decoding) {
    rp_team team = RP_TEAM;
#pragma omp parallel num_threads(j->state.threads)
    {
        rp_worker worker = rp_team_join(&team);
        for (size_t i; rp_team_take(&worker, decoding, &i);)
            choose_token(j, &j->members[j->run_member[i]], j->state.logits + i * j->decoder->sizes.V);
        rp_team_wait(&worker);
    }
    for (size_t i = decoding; i-- > 0;) { /* backwards: leaving moves the last member into the gap */
        member *m = &j->members[j->run_member[i]];
        if (!m->choice.finite)
            return rp_fail(RP_ERR_NUMERIC, "the logits of request %zu hold a NaN or an infinity after %zu tokens",
                           m->request, j->results[m->request].length);
        if (accept(j, m)) leave(j, j->run_member[i]);
    }
    return RP_OK;
}

/* Requests that ask for no token end as soon as their prompt is read. */
static void dismiss_idle(job *j) {
    for (size_t i = j->active; i-- > 0;)
        if (j->members[i].started && new_tokens(j, j->members[i].request) == 0) leave(j, i);
}

static rp_status run_job(job *j) {
    while (j->finished < j->count) {
        if (rp_interrupt_requested()) return rp_fail(RP_ERR_INTERRUPTED, "generation was interrupted");
        while (admit(j)) continue;
        dismiss_idle(j);
        size_t runs;
        const size_t decoding = plan(j, &runs);
        if (runs == 0) continue;
        rp_decode_step(j->decoder, &j->state, j->runs, runs);
        RP_TRY(choose_tokens(j, decoding));
        advance_prompts(j, decoding, runs);
    }
    rp_pool_check(&j->state.pool);
    RP_REQUIRE(j->state.pool.free == j->state.pool.pages); /* every sequence gave its pages back */
    return RP_OK;
}

rp_status rp_generate(rp_decoder *decoder, rp_arena *arena, const rp_generate_options *options,
                      const rp_generate_request *requests, size_t count, rp_generate_result *results) {
    job j = {.decoder = decoder, .options = options, .requests = requests, .count = count};
    RP_TRY(rp_sampling_check(&options->sampling));
    if (options->top > (size_t)decoder->config.vocab)
        return rp_fail(RP_ERR_ARGUMENT, "the %zu likeliest tokens are asked for; the vocabulary has %d", options->top,
                       decoder->config.vocab);
    for (size_t r = 0; r < count; r++) RP_TRY(check_request(&j, r));
    if (count == 0) return RP_OK;
    const rp_arena_mark before = rp_arena_get_mark(arena);
    rp_status status = make_results(arena, &j);
    const rp_arena_mark kept = rp_arena_get_mark(arena);
    if (status == RP_OK) status = make_groups(arena, &j);
    if (status == RP_OK) status = make_batch(arena, &j);
    if (status == RP_OK) status = run_job(&j);
    if (status == RP_OK) memcpy(results, j.results, count * sizeof *results);
    rp_arena_rewind(arena, status == RP_OK ? kept : before);
    return status;
}
