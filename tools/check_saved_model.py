#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does transformers load what the program saved, and does it compute the same?

    python tools/check_saved_model.py DIRECTORY --like OTHER          logits on random ids against another checkpoint
    python tools/check_saved_model.py DIRECTORY --reference FILE      against lines of {ids, logprob_next, logsumexp}

Prints the largest difference and fails above --tolerance. Needs: torch, transformers.
"""
import argparse
import json
import sys

import torch
import transformers


def load(path):
    model, report = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, output_loading_info=True)
    wrong = {k: v for k, v in report.items() if v}
    if wrong:
        sys.exit(f"{path}: {wrong}")
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--like")
    parser.add_argument("--reference")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    a = parser.parse_args()
    model, worst = load(a.directory), 0.0
    with torch.no_grad():
        if a.like:
            ids = torch.randint(0, model.config.vocab_size, (1, 20), generator=torch.Generator().manual_seed(0))
            worst = float((model(ids).logits - load(a.like)(ids).logits).abs().max())
        for line in open(a.reference) if a.reference else []:
            r = json.loads(line)
            logits = model(torch.tensor([r["ids"]])).logits[0]
            sums = logits.logsumexp(-1)
            chosen = (logits[:-1].gather(1, torch.tensor(r["ids"][1:])[:, None])[:, 0] - sums[:-1]) if len(r["ids"]) > 1 else sums[:0]
            worst = max(worst, float((sums - torch.tensor(r["logsumexp"])).abs().max()),
                        float((chosen - torch.tensor(r["logprob_next"])).abs().max()) if len(chosen) else 0.0)
    print(f"{a.directory}: {type(model).__name__}, largest difference {worst:.2e}")
    sys.exit(worst > a.tolerance)


if __name__ == "__main__":
    main()
