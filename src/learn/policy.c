/* SPDX-License-Identifier: MIT
 *
 * policy.c — how a question becomes a prompt: the micro-world's plain form, a template, or a chat.
 *
 * The rephrase prompt P(q, k) goes through the same chat format and system message as the ordinary prompt, so that what the
 * policy writes under it can stand behind the question unchanged.
 */
#include <rephrase/learn.h>

#include <string.h>

/* Our wording; the paper's is not published. It asks for understanding first, then for a solution of the reader's own. */
static const char chat_prompt[] = "{question}\n\nWork it out step by step. End with a line of the form\n#### answer";
static const char chat_rephrase_prompt[] =
    "{question}\n\nStudy notes, for your eyes only:\n{solution}\n\nFirst go through the notes until each step makes sense "
    "to "
    "you. Then put them away and solve the problem yourself, the way you would normally write a solution, deriving every "
    "step. Write only that solution; do not quote or mention the notes. End with a line of the form\n#### answer";

/* Replaces {question} and {solution}; other braces stay. */
static rp_status fill(rp_arena *arena, const char *template, rp_str question, const rp_str *solution, rp_str *out) {
    rp_buffer buffer = rp_buffer_in(arena);
    for (const char *at = template; *at;) {
        if (strncmp(at, "{question}", 10) == 0) {
            rp_buffer_append(&buffer, question.data, question.length);
            at += 10;
        } else if (solution && strncmp(at, "{solution}", 10) == 0) {
            rp_buffer_append(&buffer, solution->data, solution->length);
            at += 10;
        } else {
            rp_buffer_char(&buffer, *at++);
        }
    }
    RP_TRY(rp_buffer_status(&buffer));
    *out = (rp_str){buffer.data, buffer.length};
    return RP_OK;
}

rp_status rp_policy_prompt(const rp_policy *policy, rp_arena *arena, rp_str question, const rp_str *reference,
                           rp_encoding *ids) {
    const char *template = reference ? policy->rephrase_prompt : policy->prompt;
    rp_str text;
    if (!policy->chat && !*template) { /* the micro-world's own prompts */
        text = reference ? rp_world_rephrase_prompt(arena, question, *reference) : rp_world_solve_prompt(arena, question);
        if (!text.data) return RP_ERR_MEMORY;
    } else {
        if (!*template) template = reference ? chat_rephrase_prompt : chat_prompt;
        RP_TRY(fill(arena, template, question, reference, &text));
    }
    if (!policy->chat) {
        const rp_encode_options options = {.plain = true, .add_special = true};
        return rp_encode(policy->tokenizer, arena, text, &options, ids);
    }
    rp_chat_message messages[2];
    size_t count = 0;
    if (*policy->system) messages[count++] = (rp_chat_message){rp_str_of("system"), rp_str_of(policy->system)};
    messages[count++] = (rp_chat_message){rp_str_of("user"), text};
    return rp_chat_encode(policy->chat, policy->tokenizer, arena, messages, count, true, ids);
}

rp_status rp_policy_response(const rp_policy *policy, rp_arena *arena, rp_str text, rp_encoding *ids) {
    const rp_encode_options options = {.plain = true};
    rp_encoding body;
    RP_TRY(rp_encode(policy->tokenizer, arena, text, &options, &body));
    int32_t *whole = rp_alloc(arena, int32_t, body.length + 1);
    RP_TRY_ALLOC(whole);
    if (body.length) memcpy(whole, body.ids, body.length * sizeof *whole);
    whole[body.length] = policy->end;
    *ids = (rp_encoding){.ids = whole, .length = body.length + 1};
    return RP_OK;
}

rp_status rp_policy_text(const rp_policy *policy, rp_arena *arena, const int32_t *ids, size_t n, rp_str *text) {
    return rp_decode(policy->tokenizer, arena, ids, n, true, text);
}

/* ---- Loading --------------------------------------------------------------------------------------------------- */

/* A model that was taught one layout and is asked in another answers worse and says nothing about it. */
static rp_status check_guess(const rp_recipe *recipe, const rp_policy *policy) {
    const bool other_data = strcmp(recipe->data, "world") != 0 || *recipe->eval_data;
    if (*recipe->prompt) return RP_OK;
    if (rp_chat_is_unknown(policy->tokenizer))
        return rp_fail(RP_ERR_UNSUPPORTED,
                       "the model's chat template is not known: --chat-format names its layout (" RP_CHAT_NAMES
                       ", plain = none), and --prompt the text around {question}");
    if (other_data)
        rp_log(RP_LOG_WARNING, "the model has no chat template: questions are asked in the plain form of the micro-world; "
                               "--chat-format or --prompt names another");
    return RP_OK;
}

static rp_status check_prompts(const rp_recipe *recipe) {
    const struct {
        const char *key, *text, *part, *why;
    } wanted[] = {{"prompt", recipe->prompt, "{question}", "every problem would be asked in the same words"},
                  {"rephrase_prompt", recipe->rephrase_prompt, "{question}", "the problem would not be asked"},
                  {"rephrase_prompt", recipe->rephrase_prompt, "{solution}", "there would be nothing to rephrase"}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (*wanted[i].text && !strstr(wanted[i].text, wanted[i].part))
            return rp_fail(RP_ERR_ARGUMENT, "%s: the text has no %s: %s", wanted[i].key, wanted[i].part, wanted[i].why);
    return RP_OK;
}

static rp_status choose_chat(const rp_recipe *recipe, rp_policy *policy) {
    RP_TRY(check_prompts(recipe));
    if (strcmp(recipe->chat_format, "plain") == 0) return RP_OK;
    if (strcmp(recipe->chat_format, "auto") == 0) {
        policy->chat = rp_chat_of(policy->tokenizer);
        return policy->chat ? RP_OK : check_guess(recipe, policy);
    }
    policy->chat = rp_chat_find(recipe->chat_format);
    return policy->chat ? RP_OK : RP_ERR_ARGUMENT;
}

rp_status rp_policy_finish(const rp_recipe *recipe, rp_policy *policy) {
    policy->system = recipe->system;
    policy->prompt = recipe->prompt;
    policy->rephrase_prompt = recipe->rephrase_prompt;
    RP_TRY(choose_chat(recipe, policy));
    const rp_model_config *c = &policy->model->config;
    policy->stop_count = rp_end_tokens(policy->tokenizer, policy->chat, c->eos, (size_t)c->eos_count, policy->stops);
    if (!policy->stop_count) return rp_fail(RP_ERR_UNSUPPORTED, "the tokenizer names no end-of-text token");
    policy->end = policy->stops[0];
    if (rp_tokenizer_size(policy->tokenizer) > (size_t)policy->model->config.vocab) {
        return rp_fail(RP_ERR_SHAPE, "the tokenizer has %zu ids and the model only %d",
                       rp_tokenizer_size(policy->tokenizer), policy->model->config.vocab);
    }
    return RP_OK;
}

rp_status rp_policy_load(rp_arena *arena, const rp_recipe *recipe, const char *path, rp_policy *policy) {
    rp_policy loaded = {0};
    rp_load_report report;
    RP_TRY(rp_model_load(arena, path, &loaded.model, &report));
    rp_log(RP_LOG_INFO, "%s: %s, %.1f million parameters, stored as %s, loaded in %.2f s", path,
           loaded.model->config.architecture, (double)loaded.model->count * 1e-6, report.types, report.seconds);
    RP_TRY(rp_tokenizer_load(arena, *recipe->tokenizer ? recipe->tokenizer : path, &loaded.tokenizer));
    RP_TRY(rp_policy_finish(recipe, &loaded));
    *policy = loaded;
    return RP_OK;
}
