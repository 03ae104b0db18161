/* SPDX-License-Identifier: MIT
 *
 * reward.c — a response's reward: the verifier's verdict, the strict rule, a format and a length term, each its own column.
 *
 * Strict: a response earns nothing when it writes a false equation, even if its final answer is right. Without this rule a
 * policy that is shown solutions learns to put the right answer under wrong steps (docs/world.md, "why strict").
 */
#include <rephrase/learn.h>

rp_reward rp_reward_of(const rp_recipe *recipe, rp_arena *scratch, const rp_problem *problem, rp_str response,
                       size_t tokens, bool stopped) {
    const rp_verdict verdict = rp_verify_response(scratch, problem->answer, response, &rp_verify_defaults);
    const rp_soundness soundness = rp_world_soundness(response);
    const bool equal = verdict.kind == RP_VERDICT_EQUAL;
    const bool answered = stopped && verdict.span.length > 0;
    rp_reward reward = {.verdict = verdict.kind,
                        .reason = verdict.reason,
                        .steps = soundness.steps,
                        .false_steps = soundness.false_steps,
                        .expert_style = soundness.expert_style};
    reward.correct = equal && !(recipe->strict && soundness.false_steps > 0) ? 1.0 : 0.0;
    reward.format = answered ? 1.0 : 0.0;
    reward.length = -(double)tokens / (double)recipe->max_completion_length;
    reward.total = reward.correct + recipe->reward_format * reward.format + recipe->reward_length * reward.length;
    return reward;
}
