# SPDX-License-Identifier: MIT
"""The hand-written parts of docs/algorithms/*.md: (what happens, pitfalls, exercises) of every algorithm."""

TEXTS = {
    "sft": (
        "Every demonstrated token is made more likely with the same force, whether the model found it easy or impossible. There is no "
        "reward: the advantage column of the oracle is 1 everywhere. The derivative at log π is -W for each counted token, so the size of "
        "the step depends on the denominator alone.",
        "A mean of micro-batch means is not the mean over all tokens: short micro-batches would weigh more. Give `total_tokens` when a "
        "step is split. Check that the end-of-sequence token is counted and the prompt is not.",
        "Two rows of 1 and 9 tokens go through the optimiser as two micro-batches. By which factor is a token of the first row stronger "
        "under a mean of means?"),
    "reinforce": (
        "An answer with A > 0 becomes more likely as a whole, token by token with equal force; with A < 0 less likely. Nothing stops it: "
        "without a ratio there is nothing to clip, so one batch is good for one update.",
        "Without a baseline every rewarded answer is pushed up, also below-average ones; the gradient is right on average and noisy. The "
        "loss value is no progress measure: it moves with log π.",
        "Show with the batch below that adding 1 to every reward changes the gradient without a baseline, and does not with "
        "`baseline=group-mean`."),
    "rloo": (
        "Each answer is compared with the mean of the others, which is independent of it: the gradient is unbiased, where the plain group "
        "mean shrinks it by (G-1)/G. `tests/algorithms/test_enumeration.c` sums over all groups of two and three answers of a small world "
        "and finds equality to 1e-9.",
        "TRL's form has one ratio per answer, a product over tokens: with 1000 tokens a mean change of 0.1 % per token is already a factor "
        "of 2.7, and the clip ends the answer's gradient. A group of one has no others: the advantage is 0 here.",
        "Prove that leave-one-out equals G/(G-1) times the mean-centred reward. Why does the clip of TRL's form act on the whole answer?"),
    "opo": (
        "Long answers have larger gradients, so they decide more about the variance; the baseline is the mean reward weighted by length. "
        "A short wrong answer hardly moves it.",
        "Under a mean over tokens the coefficients of ∇log π sum to zero in every group. The method is exactly on-policy: a second update "
        "on the same batch has no ratio to correct it.",
        "Take lengths 2, 4, 1, 1 and rewards 1, 0, 1, 0. Compute b by hand (0.375) and check that Σ L A = 0."),
    "ppo": (
        "For A > 0 a token is pushed up until its ratio passes 1 + epsilon_high, for A < 0 down until 1 - epsilon; a token on its way back "
        "always keeps its gradient. With a critic each token has its own advantage from GAE; without one the whole row shares the group's.",
        "Returns are computed before whitening. Truncation is not termination: the value behind a cut answer is not 0 (`after` of the "
        "oracle's gae); the loss takes 0 there, as verl does. Masked tokens are stepped over, so a tool's output neither earns nor pays. In this program's trainer the critic is "
        "linear, V_t = w · h_t + b on the policy's last normalised hidden state, with its own learning rate (`critic_learning_rate`); the "
        "value loss stops there and does not shape the transformer. The oracle's `dvalue` is exact all the same: a trainer with a critic "
        "of its own continues from it. TRL and verl train a second whole model as critic, and their curves are not those of a linear one.",
        "Work out GAE for rewards 0, 0, 1 and values .2, .5, .6 with λ = 1, .95 and 0. (A = .8 .5 .4; .756 .48 .4; .3 .1 .4.)"),
    "grpo": (
        "The group replaces the critic: an answer is good when it is better than its siblings. Dividing by the deviation gives questions "
        "that are nearly all right or all wrong a larger voice; dividing by the row's length gives each answer the same say.",
        "On-policy the loss is zero up to rounding, yet the gradient is not: a loss of 0 is no bug (TRL #2995 was about a loss that was "
        "not 0). A group of equal rewards gives exactly 0, but still counts in the denominator. Rewards that differ by 1e-9 are divided "
        "by a deviation of 1e-9: set `std_epsilon` when rewards carry tiny terms.",
        "One right answer in a group of eight: show A = 2.646 and -0.378 with the population's deviation, 2.475 and -0.354 with Bessel's."),
    "dr_grpo": (
        "No division by the row's length and none by the deviation: a token's weight does not depend on what was sampled. Summed over all "
        "groups of a small world, the on-policy gradient is a multiple of the true one; GRPO's is not (test_enumeration.c).",
        "`loss_scale_factor` is the generation limit, not the longest row of this batch: with the padded width the step size changes from batch "
        "to batch (verl's default). The program refuses to guess it.",
        "Compare the gradient of the first row's second token under loss_scale_factor 4 and 3 in the differences page."),
    "dapo": (
        "Raising the upper bound to 1.28 lets rare tokens grow: from probability .01 a ratio of 1.2 reaches only .012. The mean over all "
        "tokens of the step makes long answers count by their length. Groups without contrast are replaced by the trainer "
        "(`dynamic_sampling`), and answers that run too long lose up to 1 reward.",
        "The denominator is the whole step's token count, not the micro-batch's. verl's overlong term is not floored at -1.",
        "Lmax 10, Lc 4: the punishment of lengths 6, 7, 8, 10, 11 is 0, -.25, -.5, -1, -1. Which of them differ in verl?"),
    "bnpo": (
        "The deviation is replaced by a Beta density fitted to the spread of the questions' success rates. With all rates equal it is "
        "plain centring, with α = β = 3/2 it is π/8 times GRPO; in between it adapts. Several rewards are normalised one by one and "
        "averaged.",
        "TRL's loss_type=\"bnpo\" is a token mean and has nothing to do with this. The statistics need every question of the step in one "
        "call. The released code gives NaN when all rates are equal and fails when all groups have one row; here α = β = 1.",
        "For rates 1/4, 1/2, 3/4: m = 1/2, v = 1/16, a = b = 3/2, α = β = 3/2. Find f(1/4) = 1.1026578."),
    "gspo": (
        "All tokens of a row share one ratio, the geometric mean. When it leaves the band the whole answer loses its gradient; single "
        "tokens may move as they like.",
        "The bounds are 3e-4 and 4e-4, not .2: a mean of logarithms barely moves. With a token-mean aggregation the row's loss is counted "
        "once per token, which weights rows by length.",
        "Why has GSPO-token, sg[s] π/sg[π], the same gradient while the advantage is one number per row?"),
    "cispo": (
        "The weight is capped, the gradient never removed: a token whose ratio is 5 still learns with weight 5, where PPO would drop it.",
        "The loss value estimates nothing; compare gradients. epsilon_high is an absolute cap in TRL and 1 + ε in verl: the same number "
        "means two things. The weight is a constant: letting the gradient through it is one of the known mistakes.",
        "At which ratio do PPO and CISPO part for A > 0, and for A < 0?"),
    "dppo": (
        "A token is masked when its distribution has moved further than δ from the sampler's and the advantage pushes it further. Rare "
        "tokens may have ratios of 100 and move nothing; common tokens are stopped at ratios PPO finds harmless.",
        "μ is what the sampler reported, with its own precision and kernels; recomputing it hides the difference that the method is "
        "about. The mask compares strictly with δ. A partition of the vocabulary never overestimates the divergence. For the top-K forms the "
        "decoder records its `candidates` likeliest tokens at every step, and each update asks the current policy for the same tokens; the "
        "divergence is a constant of the loss, so no gradient flows through them.",
        "μ = .99 → π = .80 and μ = 1e-4 → π = 1e-2: compute ratio and binary TV of both. Which one does PPO clip, which one DPPO?"),
    "minpro": (
        "An exact correction multiplies the ratios of all tokens so far and explodes. The smallest earlier ratio stands for that product: "
        "one unlikely step early on damps everything behind it.",
        "1 is not part of the minimum, so the prefix may exceed 1; the token itself is not part of it either. Masked tokens are "
        "transparent. Multiply in logarithms.",
        "Ratios 1.4, .5, 1.04: prefix minima 1, 1.4, .5; weights 1.4, .7, .52. What is the exact product at the third token?"),
    "bapo": (
        "The upper bound rises until tokens with positive advantage carry their share of the loss; then the lower bound rises, which "
        "takes the gradient of the strongest negative tokens. Bounds are found anew for every batch and are constants of the loss.",
        "Paper and released code differ in statistic, order, steps and target. Raising c_low makes the literal statistic smaller, not "
        "larger: see the file's head. Count steps in integers.",
        "On the batch below with A = .5, -1.5 the share is .387 at (.6, 1.2). After how many raises of c_high is it above .4?"),
    "rec": (
        "The one-side mask with weight r has PPO's gradient exactly; without the weight it behaves almost the same. Read as REINFORCE, "
        "the clip is a mask and the importance weight an ornament.",
        "For A < 0 the one-side mask does not stop large ratios: with importance weights they are unbounded, as in PPO without a dual "
        "clip. The mask's name is `rec_mask`, because `mask` is the batch's.",
        "Which tokens of the batch below survive each mask? Check with the oracle's `weight`."),
    "red_drop": (
        "Where failures outnumber successes, surplus failures are drawn and dropped: their advantage is 0 and the mean is taken over the "
        "rest. A question with one success in eight becomes a pair.",
        "Dropped rows still count in the denominator. The draw depends on the seed, the group's number and the order of rows. Equal "
        "rewards are all successes: nothing is dropped.",
        "Rewards 1, 0, 0, 0: show that the kept pair has A = .5 and -.5."),
    "red_weight": (
        "Good answers weigh exp(A/T), bad ones exp(-|A|/T): failures are still pushed down, but with less force.",
        "Scale rewards before: exp of an unscaled reward overflows, so the exponent is held to ±20. Code and secondary notes differ in "
        "the baseline: `weighted_baseline`.",
        "With R = 1, 0 and T = 1 find the weighted baseline .7310586 and the coefficients ±.4434094."),
    "opmd": (
        "The spring pulls the answer's log-probability back to where it was sampled: the further a policy has run, the stronger. It "
        "needs no clip.",
        "The paper squares the answer's log ratio, the code each token's: for long answers two very different springs. With equal rewards "
        "the advantage is 0, but the spring is not.",
        "Where is the minimum of -A x + τ x²/2, and what does that say about the optimal policy?"),
    "asymre": (
        "The baseline stands below the mean, so a mediocre answer is still pushed up. Off-policy that is safer than the mean: failures of "
        "an old policy tell little about the new one.",
        "With equal rewards everything sampled is pushed up by c. Too large a c turns it into imitation of its own samples.",
        "Show that -c log π is the same as lowering the baseline by c."),
    "sppo": (
        "The same gradient as REC without importance weights; the value is 0 on-policy and tells how far the policy has moved along the "
        "advantages.",
        "It shares its letters with two other methods. Masked tokens contribute neither value nor gradient.",
        "Why does subtracting A log π_old leave the gradient alone?"),
    "spo": (
        "The sum of β (log π - log π_ref) over the answer is its soft value; it is regressed onto the reward. Whoever wrote the answer, the "
        "target is right, so stale, human and policy data mix without weights.",
        "Unlike GRPO, equal rewards give a gradient unless Q0 equals them. Q0 belongs to the question; a wrong constant shifts every "
        "answer. For the cross-entropy form rewards are probabilities.",
        "At π* ∝ π_ref exp(R/β) the residual is 0 for every answer (test_enumeration.c). Derive Q0 from that."),
    "luffy": (
        "A teacher's answer joins the group. Its tokens are weighted by γp/(p+γ)², largest at p = γ = 0.1: neither what the policy already "
        "says nor what is hopeless, but also never more than 1/4.",
        "The release divides by the constant 8192 and not by tokens or rows. The teacher's row changes the baseline of all others. A "
        "teacher that fails the verifier has a negative advantage.",
        "Compute f(p) and its weight at p = .01, .1, .5 and compare with the unshaped p and with SFT's 1."),
    "rl_sft": (
        "Two losses side by side: the rollouts compete with each other, the demonstration is imitated whatever they did.",
        "Each term has its own denominator: in the release 8192 for one and the tokens of the demonstration for the other, which decides "
        "the mixture more than the coefficient. The demonstration must not enter the baseline.",
        "By which factor does the release's supervised term outweigh the policy term for answers of 500 tokens?"),
    "relift": (
        "Questions nobody solved go into a buffer with their demonstrations; when it is full, one supervised step follows. Elsewhere it "
        "is plain policy gradient.",
        "After every step it collapses, every eighth step is too seldom (secondary notes): the buffer decides by difficulty. The entropy "
        "bonus belongs to the supervised term.",
        "Which rows does the batch below need so that both terms are at work?"),
    "chord": (
        "A share μ of imitation that shrinks on a schedule, or a constant share with the weight p(1-p) per token: certain and hopeless "
        "tokens are left alone.",
        "The weight is a constant of the loss. Under a schedule the trainer sets `mu` at every step.",
        "Where is p(1-p) largest, and where LUFFY's γp/(p+γ)²? What does each assume about what can be learned?"),
    "hpt": (
        "A question is trained by reinforcement when more than `gate` of its answers are right, else by its demonstration, never both.",
        "The supervised denominator counts only the demonstrations that take part, so the step cannot be split. With gate 0 one right "
        "answer in eight switches imitation off.",
        "What happens to a question at the gate when the policy improves and then forgets it?"),
    "prefix_rft": (
        "A rollout starts with a piece of the demonstration and goes on by itself. The prefix is credited with what the whole gained over "
        "the pure rollouts; the continuation competes with other continuations.",
        "Only the prefix tokens of highest entropy keep their advantage. With a single hybrid the continuation has nothing to compare with. "
        "The ratio is taken under the plain question.",
        "What does the method become when the prefix is the whole demonstration, and when it is empty?"),
    "repo": (
        "Where a group fails, its worst answer gives way to a solution that the policy restated after reading the knowledge. All rows are "
        "then treated alike: the group's mean and deviation contain the new row, and its ratio is taken as if it had answered the plain "
        "question (reading A).",
        "Log-probabilities are taken after the replacement, never before. A row that keeps the sampler's log-probabilities under (q, k) has "
        "a ratio near 0 and is silently ignored: reading B shows it. Two normalisations side by side would re-weight the sources.",
        "An all-fail group has no gradient. Inject one success into a group of eight and compute all advantages."),
}
