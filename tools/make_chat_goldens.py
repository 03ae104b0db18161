#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden data for chat formats: conversations rendered by jinja2 from the published templates, encoded by `tokenizers`.

The templates are not in this repository: --templates is the folder chat_templates of the installed `trl` package, --gguf the
SmolLM2 file, whose template is in its metadata. Also prints the hashes that src/text/chat.c knows the templates by; with
--check it only compares: the hashes with chat.c, the golden file with a new rendering.

    python tools/make_chat_goldens.py --templates .../trl/chat_templates --gguf SmolLM2-135M-Instruct.Q4_1.gguf [--check]
        [--extra qwen3=.../tokenizer_config.json]

Needs: tokenizers, jinja2, gguf, trl (for its templates).
"""
import argparse
import json
import pathlib
import sys

import gguf
import jinja2.sandbox
from tokenizers import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "data" / "golden" / "v1" / "text" / "chat.json"
CHATML = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
          "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
# format -> (template files, the golden tokenizer that has its tokens)
FORMATS = {"chatml": (["qwen3_instruct_2507.jinja"], "smollm"), "smollm2": ([], "smollm"), "qwen2.5": (["qwen2_5.jinja"], "qwen2"),
           "qwen3": (["qwen3.jinja"], "qwen2"), "llama3": (["llama3.jinja"], "llama3"),
           "llama3.1": (["llama3_1.jinja", "llama3_2.jinja"], "llama3")}


def turn(role, content):
    return {"role": role, "content": content}


CONVERSATIONS = [
    [turn("user", "How many eggs?")],
    [turn("system", "You count."), turn("user", "How many eggs did a farmer sell?")],
    [turn("user", "Hi"), turn("assistant", "Hello."), turn("user", "2 + 3 = ?"), turn("assistant", "5")],
    [turn("system", ""), turn("user", ""), turn("assistant", "")],
    [turn("user", "  spaces \n\n"), turn("assistant", "\n\n answer \u3000")],
    [turn("user", "q"), turn("assistant", "<think>\nold thought\n</think>\n\nold answer"), turn("user", "r"),
     turn("assistant", "<think>new</think>new answer")],
    [turn("user", "q"), turn("assistant", "a</think>b</think>\nc")],
    [turn("user", "q"), turn("assistant", "one"), turn("assistant", "<think>x</think>two"), turn("assistant", "three")],
    [turn("user", "q"), turn("assistant", "<think>first<think>\nsecond\n\n</think>rest"), turn("system", "later")],
    [turn("user", "<tool_response>5</tool_response>"), turn("assistant", "<think>t</think>z")],
    [turn("assistant", "alone")],
    [turn("user", "naïve café 日本 1234 it's"), turn("assistant", "été\n")],
]


def rp_hash64(data):
    mask, h = (1 << 64) - 1, 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & mask
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD & mask
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53 & mask
    return h ^ h >> 33


def render(template, messages, generation):
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    return env.from_string(template).render(messages=messages, add_generation_prompt=generation, bos_token="<|begin_of_text|>")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--templates", required=True, type=pathlib.Path)
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--extra", action="append", default=[], metavar="FORMAT=FILE",
                        help="another edition of a format's template: a template, or a tokenizer_config.json that holds one")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    smollm2 = gguf.GGUFReader(options.gguf).fields["tokenizer.chat_template"].contents()
    source = (ROOT / "src" / "text" / "chat.c").read_text()
    groups, missing = [], []
    for name, (files, tokenizer) in FORMATS.items():
        templates = [(f, (options.templates / f).read_text()) for f in files]
        if name == "chatml":
            templates.insert(0, ("the plain loop", CHATML))
        if name == "smollm2":
            templates.append(("SmolLM2's GGUF", smollm2))
        for extra in options.extra:
            form, file = extra.split("=", 1)
            if form == name:
                text = pathlib.Path(file).read_text()
                templates.append((file, json.loads(text)["chat_template"] if file.endswith(".json") else text))
        t = Tokenizer.from_file(str(OUT.parent / f"tokenizer_{tokenizer}.json"))
        for origin, template in templates:
            value = f"0x{rp_hash64(template.strip().encode()):016X}"
            print(f'    {{{value}u, "{name}"}}, /* {origin} */')
            if value not in source:
                missing.append(value)
        cases = []
        for messages in CONVERSATIONS:
            for generation in (False, True):
                texts = {render(template, messages, generation) for _, template in templates}
                if len(texts) != 1:
                    print(f"templates of {name} differ on {messages}", file=sys.stderr)
                    continue
                text = texts.pop()
                cases.append({"messages": messages, "generation": generation, "rendered": text,
                              "ids": t.encode(text, add_special_tokens=False).ids})
        groups.append({"settings": {"format": name, "tokenizer": tokenizer}, "cases": cases})
    document = {"schema": "text-chat-1", "area": "text", "subject": "conversations as ids",
                "source": {"oracles": ["jinja2 on the published templates, then tokenizers"]}, "notes": {}, "groups": groups}
    text = json.dumps(document, separators=(",", ":")) + "\n"
    if options.check:
        sys.exit("chat.c lacks " + ", ".join(missing) if missing else 0 if OUT.read_text() == text else f"{OUT} is stale")
    OUT.write_text(text)


if __name__ == "__main__":
    main()
