#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden data for the text layer: four small tokenizers trained by Hugging Face's `tokenizers`, and what it does with strings.

Each tokenizer is a golden for training (the same corpus and settings must give the same vocabulary and merges), and its cases
are goldens for encoding (ids, byte ranges) and decoding. All strings are our own.

    python tools/make_text_goldens.py          needs: tokenizers==0.23.3
"""
import json
import pathlib
import random
import unicodedata

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import decoders

OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "golden" / "v1" / "text"
CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d"
REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}" + REST
LLAMA3 = rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}" + REST

CORPUS = [
    "The farmer sold 48 eggs in the morning and half as many in the afternoon. How many eggs did the farmer sell that day?",
    "She'll say it's hers; they've said they're sure we'd agree, and I'm not so sure you don't.",
    "SHE'LL SAY IT'S HERS; they'Ve got 1234567 apples, 3.14159 pies and 10,000 plums.",
    "def add(a, b):\n    # sum of two numbers\n    return a + b\n\n\nfor i in range(10):\n\tprint(i, add(i, i * i))\n",
    "int main(void) {\r\n    for (int i = 0; i < 10; i++) printf(\"%d\\n\", i);\r\n    return 0;\r\n}\r\n",
    "Die Brücke über den Fluß ist älter als das Haus; der Schlüssel öffnet die Tür.",
    "L'été dernier, le garçon a mangé des crêpes à la fraise près du café.",
    "Сколько яблок осталось у девочки, если она отдала три яблока подруге?",
    "小明有三个苹果，妈妈又给了他五个苹果。他现在一共有几个苹果？",
    "リンゴが八個あります。三個食べました。残りはいくつですか。",
    "किसान के पास दस गायें हैं। उसने तीन बेच दीं।",
    "कितना कितना कितना กี่ กี่ كم كم كم عدد التفاح",
    "x = 3y + 2, so y = (x - 2) / 3; \\frac{1}{2} + \\sqrt{16} = 4.5 and \\boxed{42}.",
    "the the the then there their these thesis theory thermal other another mother brother",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa abababababababab bababababa",
    "👩‍👩‍👧 went to the 🏖️ with 2 🐶 and 3 🐱… “quoted” — dashes – and ½ of ²³ ①②③ Ⅳ",
] * 3

HAND = [
    "", " ", "  ", "\n", " \n", "\n ", "\r\n\r\n  x", "a  b   c    d", "tab\tand\t\ttabs ", "  leading", "trailing   ",
    "it's IT'S it'S 's 'S ' s don't'll", "we'Re 'VE 'lL 'x '", "'\u017fo long s", "1", "12", "123", "1234", "12345 67 8", " 1 22",
    "x1y22z333", "½⅓ ²³ Ⅳ 一二 ٣٤٥ १२३", "\U00011de0\U00011de1\U00016ff4", "\u180e \u200b\u00a0\u2003x\u3000y\u0085z",
    "naïve café résumé", "nai\u0308ve cafe\u0301 re\u0301sume\u0301", "a\u0301\u0323 e\u0323\u0301 q\u0307\u0323",
    "\u1100\u1161\u11a8 \uac01 \uac00\u11a8", "\u0344 \u2126 \u212b \uf900", "\u0958 \u09dc \ufb1d \u0340\u0341",
    "a\u0897\u0301 b\U0001e4ec\u0323", "\U00011935\U00011930", "\U000105d2\u0307", "\u0301 alone \u0301\u0323",
    "😀😃 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪", "日本語のテキスト", "中文文本", "한국어 텍스트", "עברית עִבְרִית", "العَرَبِيَّة", "ไทยกี่",
    "\ufeffbom", "\u0000\u0001\u0004\u007f", "\u0080\u00ad\u00ff", "\u0100\u0120\u0143", "Ġthe ĊĠ", "\ud7ff\ue000\ufffd\U0010ffff",
    "<|endoftext|>", "a<|endoftext|>b", "<|endoftext|><|endoftext|>", "<|endoftext|", "<|endoftext|>>", " <|endoftext|> ",
    "<think>no</think>", "<thinking> <think> <thinkin", "x <LS> y<LS>z", "x <RS>  y<RS>\n z", " <LR>  <LR> ", "a<W>b <W> c<W>, é<W>",
    "<W>", "_<W>", "<W>1", "\u0301<W>", "Naïve Nai\u0308ve NaïveNaïve", "\u2003<LS>\u00a0", "<RS><RS> <LS><RS>",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "abababababababababababababababababababababababababababababababababababababababababab",
    "\n\n\n\t\t\t    \n  \n", "!!!???...", " !a !!a ?!b", "a!\n\nb", "a!\r\n c", "--- \n---\n", "#include <stdio.h>\r\n\r\nint x;",
    "  \n  x", "\u00a0\u00a0x", "x\u3000\u3000", "e=mc²", "3.14159", "$10,000.00", "http://example.org/a?b=c&d=e", "f(x)=x^2",
    "The farmer sold 48 eggs.", "How many eggs did the farmer sell?", "كم عدد التفاح", "कितना", "\\boxed{42}", "another theory",
    "x \u2003\u2003 \u2003y<RS> \u2003<LS>\u2003",
]


def random_strings(rng, count):
    """Mixtures of what the rules and the normalisation are about."""
    alphabet = [c for text in CORPUS for c in text]
    special = list(" \n\r\t'\u00a0\u3000\u0301\u0323\u0308sStTmMdDlLvVeErR0123456789²½!?.,-<>|")
    blocks = [(0x20, 0x7f), (0xa0, 0x250), (0x300, 0x370), (0x370, 0x600), (0x900, 0xe80), (0x1100, 0x1200), (0x2000, 0x2200),
              (0x3000, 0x3100), (0x4e00, 0x4f00), (0xac00, 0xad00), (0x1f300, 0x1f700), (0x10000, 0x11000), (0x16d00, 0x16e00)]
    out = []
    for _ in range(count):
        text = ""
        while len(text) < rng.randint(1, 24):
            kind = rng.random()
            if kind < 0.45:
                text += rng.choice(alphabet)
            elif kind < 0.8:
                text += rng.choice(special)
            else:
                text += chr(rng.randrange(*rng.choice(blocks)))
        out.append(text)
    return out


def build(name):
    byte_level = pre_tokenizers.ByteLevel
    bare = byte_level(add_prefix_space=False, use_regex=False)
    t = Tokenizer(models.BPE())
    t.decoder = decoders.ByteLevel()
    settings = {"vocab_size": 700, "min_frequency": 0, "max_token_length": 0, "specials": ["<|endoftext|>"], "whole_alphabet": True}
    if name == "gpt2":
        t.pre_tokenizer = byte_level(add_prefix_space=False)
    elif name == "smollm":
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level(add_prefix_space=False)])
        settings.update(vocab_size=600, min_frequency=4, whole_alphabet=False, specials=["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    elif name == "qwen2":
        t.normalizer = normalizers.NFC()
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN2), "isolated"), bare])
        settings.update(max_token_length=6)
    elif name == "llama3":
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated"), bare])
        settings.update(specials=["<|endoftext|>", "the", "ab"])
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=settings["vocab_size"], min_frequency=settings["min_frequency"], special_tokens=settings["specials"],
        max_token_length=settings["max_token_length"] or None, show_progress=False,
        initial_alphabet=byte_level.alphabet() if settings["whole_alphabet"] else []))
    if name == "gpt2":
        t.add_tokens([AddedToken("<think>", normalized=False), AddedToken("<thinking>", normalized=False),
                      AddedToken("<LS>", lstrip=True, normalized=False), AddedToken("<RS>", rstrip=True, normalized=False),
                      AddedToken("<LR>", lstrip=True, rstrip=True, normalized=False),
                      AddedToken("<W>", single_word=True, normalized=False), AddedToken("Naïve", normalized=True),
                      AddedToken("\u2003", lstrip=True, rstrip=True, normalized=False)])
    if name == "qwen2":
        t.add_tokens([AddedToken("Nai\u0308ve", normalized=True), AddedToken("<think>", normalized=False),
                      AddedToken("</think>", normalized=False), AddedToken("<W>", single_word=True), AddedToken("<LR>", lstrip=True, rstrip=True)])
        t.add_special_tokens([AddedToken("<|im_start|>", normalized=False), AddedToken("<|im_end|>", normalized=False)])
    if name == "llama3":
        t.model.ignore_merges = True
        t.add_special_tokens(["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|end_of_text|>"])
        t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
            single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1",
            special_tokens=[("<|begin_of_text|>", t.token_to_id("<|begin_of_text|>"))])])
    return t, settings


def case(t, text):
    """offsets is null where the reference's do not say where a token comes from: composed characters, dropped bytes."""
    e = t.encode(text)
    changed = t.normalizer is not None and t.normalizer.normalize_str(text) != text
    vocabulary = t.get_vocab()
    spelled = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(text)
    dropped = any(c not in vocabulary for piece, _ in spelled for c in piece)
    at = [0]
    for c in text:
        at.append(at[-1] + len(c.encode()))
    return {"text": text, "ids": e.ids,
            "offsets": None if changed or dropped else [[at[b], at[e]] for b, e in e.offsets],
            "decoded": t.decode(e.ids, skip_special_tokens=False), "skipped": t.decode(e.ids, skip_special_tokens=True)}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    assert all(unicodedata.is_normalized("NFC", c) for c in CORPUS)
    rng = random.Random(6)
    strings = HAND + random_strings(rng, 60)
    groups = []
    for name in ("gpt2", "smollm", "qwen2", "llama3"):
        t, settings = build(name)
        file = f"tokenizer_{name}.json"
        (OUT / file).write_text(t.to_str() + "\n")
        again = Tokenizer.from_file(str(OUT / file))
        groups.append({"settings": {"file": file, "splitter": name, "training": settings},
                       "cases": [case(again, text) for text in strings]})
    document = {"schema": "text-cases-1", "area": "text", "subject": "training, encoding and decoding by byte-level BPE",
                "source": {"oracles": [f"tokenizers {tokenizers.__version__}"]}, "notes": {}, "corpus": CORPUS, "groups": groups}
    (OUT / "cases.json").write_text(json.dumps(document, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
