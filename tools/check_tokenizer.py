#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares `rephrase tokenize` with Hugging Face's `tokenizers` on strings and corpora that nobody chose by hand.

    python tools/check_tokenizer.py [--rephrase build/rephrase] [--strings 10000] [--seed 1] [--bench]

1  Training: four splitting rules and several settings on three corpora; vocabulary and merges must be equal.
2  Encoding and decoding: for each splitting rule, with the tokenizer the project trained, random strings of many kinds; ids and
   decoded text must be equal. For Qwen2's rule that includes normalisation (NFC).
3  Normalisation alone: every code point, and random runs of marks behind letters.
4  Added tokens with lstrip, rstrip, single_word and normalized in every mixture.
5  With --also: the same for a published tokenizer.json.
6  With --bench: speed of both on the same text in the same run, one thread each, in processor time.

The corpora are the standard library of the Python that runs this, synthetic words, and sentences in several scripts.
Needs: tokenizers==0.23.3.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import sysconfig
import tempfile
import time
import unicodedata

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("RAYON_NUM_THREADS", "1")
import tokenizers  # noqa: E402
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers  # noqa: E402

CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d"
REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = {"qwen2": rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}" + REST,
            "llama3": rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}" + REST}
SPLITTERS = ("gpt2", "smollm", "qwen2", "llama3")
SCRIPTS = ["Die Brücke über den Fluß ist älter als das Haus.", "L'été dernier, le garçon a mangé des crêpes.",
           "Сколько яблок осталось у девочки?", "小明有三个苹果，妈妈又给了他五个。", "リンゴが八個あります。残りはいくつですか。",
           "किसान के पास दस गायें हैं। उसने तीन बेच दीं।", "كم عدد التفاح الذي بقي؟", "เด็กหญิงมีแอปเปิ้ลสิบลูก", "농부는 달걀 마흔여덟 개를 팔았다.",
           "👩‍👩‍👧 2 🐶 🏳️‍🌈 🇩🇪 ½ ²³ ①②③ Ⅳ"]


def corpora(rng):
    library = sorted(pathlib.Path(sysconfig.get_path("stdlib")).glob("*.py"))
    python = [p.read_text(encoding="utf-8", errors="ignore") for p in library[:80]]
    words = ["".join(rng.choice("ab" if rng.random() < .5 else "abc") for _ in range(rng.randint(1, 12))) for _ in range(3000)]
    synthetic = [" ".join(rng.choice(words) for _ in range(200)) for _ in range(60)]
    scripts = [" ".join(rng.choice(SCRIPTS) for _ in range(20)) for _ in range(60)] + python[:5]
    return {"python": python, "synthetic": synthetic, "scripts": scripts}


def reference(splitter):
    bare = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    full = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t = Tokenizer(models.BPE())
    t.decoder = decoders.ByteLevel()
    if splitter == "gpt2":
        t.pre_tokenizer = full
    elif splitter == "smollm":
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), full])
    else:
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PATTERNS[splitter]), "isolated"), bare])
    if splitter == "qwen2":
        t.normalizer = normalizers.NFC()
    return t


def write_lines(path, key, values):
    path.write_text("".join(json.dumps({key: v}) + "\n" for v in values))
    return str(path)


class Rephrase:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def run(self, *arguments):
        r = subprocess.run([self.program, "tokenize", *arguments], capture_output=True, text=True)
        if r.returncode:
            sys.exit(f"rephrase tokenize {' '.join(arguments)}: {r.stderr}")
        return [json.loads(line) for line in r.stdout.split("\n")[:-1]]

    def encode(self, tokenizer, texts):
        return [o["ids"] for o in self.run("--tokenizer", tokenizer, "--jsonl", write_lines(self.folder / "in.jsonl", "text", texts))]

    def decode(self, tokenizer, ids):
        return [o["text"] for o in
                self.run("--tokenizer", tokenizer, "--decode", "--jsonl", write_lines(self.folder / "in.jsonl", "ids", ids))]

    def train(self, name, texts, splitter, vocab, frequency, longest, whole, specials):
        out = str(self.folder / f"{name}.json")
        flags = [f for s in specials for f in ("--special", s)]
        self.run("--train", write_lines(self.folder / "corpus.jsonl", "text", texts), "--splitter", splitter, "--vocab-size", str(vocab),
                 "--min-frequency", str(frequency), "--max-token-length", str(longest),
                 "--whole-alphabet" if whole else "--no-whole-alphabet", *flags, "--save", out)
        return out


SETTINGS = [("gpt2", 1000, 0, 0, True, ["<|endoftext|>"]), ("smollm", 3000, 2, 0, False, ["<|endoftext|>", "<|im_start|>"]),
            ("qwen2", 2000, 0, 8, True, ["<a>"]), ("llama3", 1500, 0, 0, False, []),
            ("smollm", 600, 0, 5, True, ["ab", "the", "<x>"]), ("gpt2", 5000, 0, 16, True, [])]


def check_training(rephrase, texts):
    failures = 0
    for name, corpus in texts.items():
        for splitter, vocab, frequency, longest, whole, specials in SETTINGS:
            mine = json.loads(pathlib.Path(rephrase.train("t", corpus, splitter, vocab, frequency, longest, whole, specials)).read_text())
            t = reference(splitter)
            t.train_from_iterator(corpus, trainers.BpeTrainer(
                vocab_size=vocab, min_frequency=frequency, max_token_length=longest or None, special_tokens=specials,
                initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if whole else [], show_progress=False))
            theirs = json.loads(t.to_str())
            equal = all(mine["model"][k] == theirs["model"][k] for k in ("vocab", "merges"))
            failures += not equal
            print(f"training {name:10} {splitter:7} {len(mine['model']['vocab']):5} tokens {len(mine['model']['merges']):5} merges: "
                  f"{'equal' if equal else 'DIFFERENT'}")
    return failures


BLOCKS = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x600), (0x600, 0x900), (0x900, 0xE80), (0x1100, 0x1200), (0x1DC0, 0x1E00),
          (0x2000, 0x2200), (0x2460, 0x2500), (0x3000, 0x3100), (0x4E00, 0x4F00), (0xA640, 0xA6A0), (0xAC00, 0xAD00), (0xF900, 0xFB00),
          (0xFE20, 0xFE30), (0x10000, 0x11F00), (0x16A00, 0x16FFF), (0x1D100, 0x1D800), (0x1E000, 0x1EA00), (0x1F300, 0x1F700)]
SPECIAL = list(" \n\r\t'\u00a0\u3000\u0301\u0323\u0308sStTmMdDlLvVeErR0123456789²½!?.,-<>|\u017f\u180e\u200b\u0085\x1c\x00")


def random_string(rng, texts):
    kind = rng.randrange(6)
    length = rng.randint(1, 60)
    if kind == 0:
        text = rng.choice(texts)
        at = rng.randrange(len(text))
        return text[at:at + 4 * length]
    if kind == 1:
        return "".join(rng.choice(SPECIAL) for _ in range(length))
    if kind == 2:
        block = rng.choice(BLOCKS)
        return "".join(chr(rng.randrange(*block)) for _ in range(length))
    if kind == 3:
        return "".join(rng.choice(" \n\t\r\u00a0\u2003") if rng.random() < .7 else rng.choice("aZ1!é") for _ in range(length))
    if kind == 4:
        points = (rng.randrange(0x110000) for _ in range(length))
        return "".join(chr(c) for c in points if not 0xD800 <= c < 0xE000)
    return "".join(rng.choice(SPECIAL) if rng.random() < .4 else chr(rng.randrange(*rng.choice(BLOCKS))) for _ in range(length))


def compare(what, rephrase, path, strings):
    t = Tokenizer.from_file(path)
    expected = [t.encode(s).ids for s in strings]
    got = rephrase.encode(path, strings)
    wrong = [s for s, a, b in zip(strings, expected, got) if a != b]
    texts = [t.decode(i, skip_special_tokens=False) for i in expected]
    undone = sum(a != b for a, b in zip(texts, rephrase.decode(path, expected)))
    print(f"{what}: {len(strings)} strings, {len(wrong)} other ids, {undone} other texts", ascii(wrong[:3]) if wrong else "")
    return len(wrong) + undone


def marks_strings(rng, count):
    marks = [chr(c) for c in range(0x110000) if unicodedata.combining(chr(c))]
    bases = [chr(c) for c in range(0x110000) if unicodedata.decomposition(chr(c)) and not unicodedata.decomposition(chr(c)).startswith("<")]
    bases += list("aeiouAEIOUqxыигक") + [chr(c) for c in range(0x1100, 0x1113)] + [chr(c) for c in range(0x1161, 0x1176)]
    return ["".join(rng.choice(bases) + "".join(rng.choice(marks) for _ in range(rng.randint(0, 4))) for _ in range(3)) for _ in range(count)]


def check_encoding(rephrase, texts, count, rng):
    failures = 0
    paths = {}
    everything = [t for corpus in texts.values() for t in corpus]
    for splitter in SPLITTERS:
        paths[splitter] = rephrase.train(splitter, everything, splitter, 4000, 0, 0, splitter != "smollm", ["<|endoftext|>", "<|im_end|>"])
        strings = [random_string(rng, everything) for _ in range(count)]
        failures += compare(f"random strings, {splitter}", rephrase, paths[splitter], strings)
        failures += compare(f"whole texts, {splitter}", rephrase, paths[splitter], everything)
    points = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    chunks = ["\n".join(points[i:i + 512]) for i in range(0, len(points), 512)]
    for splitter in SPLITTERS:
        failures += compare(f"every code point, {splitter}", rephrase, paths[splitter], chunks)
    failures += compare("letters and marks, qwen2", rephrase, paths["qwen2"], marks_strings(rng, count))
    return failures


ADDED = ["a", "b", " ", "\n", "é", "e\u0301", "<", ">", "x", "1", "_", "\u3000", "\u0301", "ab", "<a>", "Ġ", "日", "'s", "-", "\u0323"]


def check_added(rephrase, path, rounds, rng):
    """Random added tokens with random conditions, found in strings made of the same pieces."""
    count = wrong = 0
    for _ in range(rounds):
        document = json.loads(pathlib.Path(path).read_text())
        document["normalizer"] = {"type": "NFC"} if rng.random() < .3 else None
        if rng.random() < .2:
            steps = [{"type": "Digits", "individual_digits": False},
                     {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": rng.random() < .5}]
            document["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": steps}
        t = Tokenizer.from_str(json.dumps(document))
        for _ in range(rng.randint(1, 6)):
            flags = {f: rng.random() < .3 for f in ("single_word", "lstrip", "rstrip", "normalized")}
            add = t.add_special_tokens if rng.random() < .5 else t.add_tokens
            add([AddedToken("".join(rng.choice(ADDED) for _ in range(rng.randint(1, 3))), **flags)])
        file = str(rephrase.folder / "added.json")
        t.save(file)
        t = Tokenizer.from_file(file)
        strings = ["".join(rng.choice(ADDED) for _ in range(rng.randint(0, 25))) for _ in range(60)]
        got = rephrase.encode(file, strings)
        count += len(strings)
        wrong += sum(t.encode(s).ids != g for s, g in zip(strings, got))
    print(f"added tokens: {rounds} random sets, {count} strings, {wrong} other ids")
    return wrong


def bench(rephrase, texts, given):
    for name in ("python",) if given else ("python", "scripts"):
        text = "\n".join(texts[name])
        file = rephrase.folder / "bench.txt"
        file.write_text(text)
        path = given or str(rephrase.folder / "gpt2.json")
        t = Tokenizer.from_file(path)
        parts = [text[i:i + 100000] for i in range(0, len(text), 100000)]
        best = [1e9, 1e9]
        for _ in range(3):
            start = time.process_time()
            encoded = [t.encode(p, add_special_tokens=False).ids for p in parts]
            middle = time.process_time()
            for ids in encoded:
                t.decode(ids, skip_special_tokens=False)
            best = [min(best[0], middle - start), min(best[1], time.process_time() - middle)]
        size = len(text.encode()) / 1e6
        mine = rephrase.run("--tokenizer", path, "--bench", str(file))[0]
        print(f"speed on {name} ({size:.1f} MB, one thread): encode {mine['encode_mb_per_s']} MB/s, tokenizers {size / best[0]:.1f}; "
              f"decode {mine['decode_mb_per_s']} MB/s, tokenizers {size / best[1]:.1f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rephrase", default="build/rephrase")
    parser.add_argument("--strings", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bench", action="store_true")
    parser.add_argument("--also", action="append", default=[], help="compare on this tokenizer.json too, for example Qwen's")
    parser.add_argument("--tokenizer", help="with --bench: measure this tokenizer.json instead of a trained one")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    print(f"tokenizers {tokenizers.__version__}, seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        rephrase = Rephrase(options.rephrase, pathlib.Path(folder))
        texts = corpora(rng)
        failures = check_training(rephrase, texts) + check_encoding(rephrase, texts, options.strings, rng)
        everything = [t for corpus in texts.values() for t in corpus]
        failures += check_added(rephrase, str(rephrase.folder / "gpt2.json"), options.strings // 50, rng)
        for path in options.also:
            strings = [random_string(rng, everything) for _ in range(options.strings)] + everything
            failures += compare(path, rephrase, path, strings + marks_strings(rng, options.strings // 10))
        if options.bench:
            bench(rephrase, texts, options.tokenizer)
    print("all equal" if failures == 0 else f"{failures} differences")
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
