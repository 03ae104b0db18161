/* SPDX-License-Identifier: MIT
 *
 * verifier.c — the public face of librephrase-verify: options by name, a verdict as texts.
 *
 * Everything of one call lives in the verifier's arena and is given back by the next call. MPFR keeps constants for each
 * thread; they are given back before a call returns, because the library cannot know when the caller's thread ends.
 */
#include <rephrase/capi.h>

#include <rephrase/verify.h>

#include <string.h>

/* The verifier's own budgets end far below this; the limit only stops what they did not foresee. */
#define ARENA_LIMIT ((size_t)256 << 20)
/* What an exceptional answer left behind is returned to the system; an ordinary one keeps its memory for the next. */
#define ARENA_KEPT ((size_t)4 << 20)

struct rephrase_verifier {
    rp_arena *own;  /* holds the verifier itself */
    rp_arena *work; /* emptied at each call */
    char error[512];
};

rephrase_verifier *rephrase_verifier_open(void) {
    rp_arena *own = rp_arena_create("verifier", ARENA_LIMIT), *work = rp_arena_create("verification", ARENA_LIMIT);
    rephrase_verifier *verifier = own && work ? rp_alloc_zero(own, rephrase_verifier, 1) : NULL;
    if (!verifier) {
        rp_arena_destroy(own);
        rp_arena_destroy(work);
        return NULL;
    }
    verifier->own = own;
    verifier->work = work;
    return verifier;
}

void rephrase_verifier_close(rephrase_verifier *verifier) {
    if (!verifier) return;
    rp_arena_destroy(verifier->work);
    rp_arena_destroy(verifier->own);
}

const char *rephrase_verifier_error(const rephrase_verifier *verifier) {
    return verifier->error;
}

typedef struct request {
    rp_verify_options options;
    bool response;
} request;

static rp_status read_option(const char *text, request *asked) {
    const struct {
        const char *name;
        bool *target;
    } known[] = {{"response", &asked->response},
                 {"lenient", &asked->options.lenient},
                 {"rounded", &asked->options.rounded},
                 {"percent_fraction", &asked->options.percent_fraction},
                 {"units_optional", &asked->options.units_optional},
                 {"open_box", &asked->options.open_box},
                 {"numeric", &asked->options.numeric}};
    const char *equals = strchr(text, '=');
    const bool on = equals && strcmp(equals, "=on") == 0;
    if (!on && (!equals || strcmp(equals, "=off") != 0))
        return rp_fail(RP_ERR_ARGUMENT, "an option of the verifier is written name=on or name=off, not \"%s\"", text);
    const size_t length = (size_t)(equals - text);
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        if (strlen(known[k].name) != length || memcmp(known[k].name, text, length) != 0) continue;
        *known[k].target = on;
        return RP_OK;
    }
    return rp_fail(
        RP_ERR_ARGUMENT,
        "the verifier has the options response, lenient, rounded, percent_fraction, units_optional, open_box and "
        "numeric, not \"%.*s\"",
        (int)length, text);
}

static rp_status copy(rp_arena *arena, rp_str text, const char **to) {
    *to = text.length ? rp_strndup(arena, text.data, text.length) : "";
    return *to ? RP_OK : RP_ERR_MEMORY;
}

static rp_status verify(rp_arena *arena, rp_str gold, rp_str answer, const char *const *options, rephrase_verdict *out) {
    request asked = {.options = rp_verify_defaults};
    for (; options && *options; options++) RP_TRY(read_option(*options, &asked));
    const rp_verdict found = asked.response ? rp_verify_response(arena, gold, answer, &asked.options)
                                            : rp_verify_answer(arena, gold, answer, &asked.options);
    char certificate[32];
    rp_certificate_text(&found, certificate);
    rephrase_verdict made = {.equal = found.kind == RP_VERDICT_EQUAL,
                             .verdict = rp_verdict_name(found.kind),
                             .reason = rp_reason_name(found.reason),
                             .sentence = rp_reason_sentence(found.reason),
                             .offset = found.reason == RP_REASON_SYNTAX ? found.offset : 0};
    RP_TRY(copy(arena, rp_str_of(certificate), &made.certificate));
    RP_TRY(copy(arena, found.gold, &made.gold));
    RP_TRY(copy(arena, found.answer, &made.answer));
    RP_TRY(copy(arena, found.span, &made.span));
    *out = made;
    return RP_OK;
}

int rephrase_verify(rephrase_verifier *verifier, const char *gold, size_t gold_length, const char *answer,
                    size_t answer_length, const char *const *options, rephrase_verdict *verdict) {
    if (rp_arena_reserved(verifier->work) > ARENA_KEPT)
        rp_arena_release(verifier->work);
    else
        rp_arena_rewind(verifier->work, (rp_arena_mark){0});
    const rp_status status =
        verify(verifier->work, (rp_str){gold, gold_length}, (rp_str){answer, answer_length}, options, verdict);
    rp_verify_forget();
    if (status == RP_OK) return 0;
    (void)snprintf(verifier->error, sizeof verifier->error, "%s", rp_last_error());
    return -1;
}
