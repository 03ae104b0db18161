#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does transformers load what the program saved, and does it compute the same?

    python tools/check_saved_model.py DIRECTORY --like OTHER          logits on random ids against another checkpoint
    python tools/check_saved_model.py DIRECTORY --reference FILE      against lines of {ids, logprob_next, logsumexp}
    python tools/check_saved_model.py CHECKPOINT --round-trip build/rephrase-f64
        CHECKPOINT (a .gguf, say) is converted by the program to F32 and to BF16; transformers loads both folders. Its
        log-probabilities must be the program's, the program's of the folder those of the checkpoint, and the ids of texts and
        conversations those of AutoTokenizer. --reference is then also checked on the F32 folder.

Prints the largest difference and fails above --tolerance. Needs: torch, transformers.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
import transformers

transformers.utils.logging.disable_progress_bar()
TEXTS = ["A farmer sold 12 eggs in the morning and three times as many after lunch. How many eggs did she sell in all? Let us count: "
         "in the morning she sold 12, after lunch 3 * 12 = 36, so together 12 + 36 = 48. The answer is 48.", "def f(x):\n    return x  # été\n", "日本 1234 it's\t \n\n x", "<|im_end|>"]
CHAT = [{"role": "user", "content": "How many eggs?"}, {"role": "assistant", "content": "12."}, {"role": "user", "content": "And now?"}]


def load(path):
    model, report = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, output_loading_info=True)
    wrong = {k: v for k, v in report.items() if v}
    if wrong:
        sys.exit(f"{path}: {wrong}")
    return model.eval()


def against_reference(model, path):
    worst = 0.0
    for line in open(path):
        r = json.loads(line)
        logits = model(torch.tensor([r["ids"]])).logits[0]
        sums = logits.logsumexp(-1)
        chosen = (logits[:-1].gather(1, torch.tensor(r["ids"][1:])[:, None])[:, 0] - sums[:-1]) if len(r["ids"]) > 1 else sums[:0]
        worst = max(worst, float((sums - torch.tensor(r["logsumexp"])).abs().max()),
                    float((chosen - torch.tensor(r["logprob_next"])).abs().max()) if len(chosen) else 0.0)
    return worst


def run(*command, lines=()):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def program_logprobs(program, path, prompts):
    """The program's log-probabilities of each prompt's ids, the first left out, and of one greedy token."""
    out = run(program, "sample", "--model", path, "--greedy", "--max-completion-length", "1", "--ignore-end", "--jsonl", "-", lines=[{"ids": p} for p in prompts])
    answers = [json.loads(line) for line in out.splitlines()]
    return [(a["prompt_ids"] + a["ids"], a["prompt_logprobs"] + a["logprobs"]) for a in answers]


def differences(model, answers):
    worst = 0.0
    for ids, ours in answers:
        log_p = model(torch.tensor([ids])).logits[0].log_softmax(-1)
        theirs = log_p[:-1].gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
        worst = max(worst, float((theirs - torch.tensor(ours)).abs().max()))
    return worst


def same_text(program, folder, path):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for source in (path, folder):
        for text in TEXTS:
            ours = json.loads(run(program, "tokenize", "--tokenizer", source, "--jsonl", "-", lines=[{"text": text}]))["ids"]
            assert ours == tokenizer.encode(text), (text, ours)
        if tokenizer.chat_template:
            out = run(program, "sample", "--model", source, "--max-completion-length", "1", "--jsonl", "-", lines=[{"messages": CHAT}])
            theirs = tokenizer.apply_chat_template(CHAT, add_generation_prompt=True, return_dict=False)
            assert json.loads(out)["prompt_ids"] == list(theirs), theirs
    return len(TEXTS), bool(tokenizer.chat_template)


def round_trip(program, path, reference):
    worst, items = 0.0, [{"text": text} for text in TEXTS]
    prompts = [json.loads(line)["ids"] for line in run(program, "tokenize", "--tokenizer", path, "--jsonl", "-", lines=items).splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("F32", "BF16"):
            out = str(pathlib.Path(folder) / kind)
            run(program, "convert", path, "--out", out, "--type", kind)
            model = load(out)
            saved = program_logprobs(program, out, prompts)
            if kind == "F32":
                print("texts and conversations with equal ids:", same_text(program, out, path))
            found = {"log-probabilities": differences(model, saved)}
            if kind == "F32":
                pairs = zip(saved, program_logprobs(program, path, prompts))
                found["the checkpoint itself"] = max(abs(x - y) for a, b in pairs for x, y in zip(a[1], b[1]))
            if reference and kind == "F32":
                found["reference"] = against_reference(model, reference)
            print(f"{path} as {kind}: {type(model).__name__},", ", ".join(f"{k} within {v:.1e}" for k, v in found.items()))
            worst = max(worst, *found.values())
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path")
    parser.add_argument("--like")
    parser.add_argument("--reference")
    parser.add_argument("--round-trip", metavar="PROGRAM")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    a = parser.parse_args()
    with torch.no_grad():
        if a.round_trip:
            sys.exit(round_trip(a.round_trip, a.path, a.reference) > a.tolerance)
        model, worst = load(a.path), 0.0
        if a.like:
            ids = torch.randint(0, model.config.vocab_size, (1, 20), generator=torch.Generator().manual_seed(0))
            worst = float((model(ids).logits - load(a.like)(ids).logits).abs().max())
        if a.reference:
            worst = max(worst, against_reference(model, a.reference))
    print(f"{a.path}: {type(model).__name__}, largest difference {worst:.2e}")
    sys.exit(worst > a.tolerance)


if __name__ == "__main__":
    main()
