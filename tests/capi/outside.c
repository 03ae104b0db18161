/* SPDX-License-Identifier: MIT
 *
 * outside.c — a program that knows only the installed header; tests/capi/installed compiles it outside the tree.
 */
#include <rephrase/capi.h>

#include <stdio.h>

int main(void) {
    const char json[] = "{\"logp\": [[-1.0, -2.0], [-0.5]], \"logp_old\": [[-1.0, -2.0], [-0.5]], \"reward\": [1, 0]}";
    rephrase *oracle = rephrase_open();
    const char *loss = rephrase_oracle(oracle, "loss", "grpo", NULL, NULL, json, sizeof json - 1);
    printf("%s\n", loss ? loss : rephrase_error(oracle));
    rephrase_verifier *verifier = rephrase_verifier_open();
    rephrase_verdict verdict;
    const int failed = rephrase_verify(verifier, "1/2", 3, "0.5", 3, NULL, &verdict);
    printf("%s: %s\n", verdict.verdict, verdict.sentence);
    rephrase_verifier_close(verifier);
    rephrase_close(oracle);
    return failed || !loss || !verdict.equal;
}
