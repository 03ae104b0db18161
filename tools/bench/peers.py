#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a user would run otherwise: one piece of work by one peer, in a process of its own, so that its memory is its own.

    python tools/bench/peers.py train SHAPE eager|compile|transformers STEPS
    python tools/bench/peers.py decode SHAPE BATCH                  a key/value cache loop in torch
    python tools/bench/peers.py llamacpp FILE.gguf BATCH            llama-cpp-python's low-level interface, F32 weights
    python tools/bench/peers.py grpo STEPS                          trl's GRPOTrainer

Prints one line of JSON: seconds (median), tokens, loss where there is one. Shapes and sizes are those of bench_model.c; `run`
passes them on. Weights are random, the work is the same: forward, backward and a fused AdamW on the same number of tokens, or
prompt + new tokens by sampling at temperature 1.
"""
import json
import math
import statistics
import sys
import time

SHAPES = {  # layers, channels, heads, kv heads, hidden, vocabulary, sequences, length, prompt, new tokens
    "tinyA": (4, 128, 4, 4, 384, 512, 64, 128, 16, 112),
    "tinyB": (4, 256, 4, 4, 768, 1024, 64, 256, 16, 240),
    "smollm2": (30, 576, 9, 3, 1536, 49152, 4, 256, 64, 128),
}


def llama(shape):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    layers, channels, heads, kv_heads, hidden, vocab, *_ = SHAPES[shape]
    torch.manual_seed(1)
    return LlamaForCausalLM(LlamaConfig(
        num_hidden_layers=layers, hidden_size=channels, num_attention_heads=heads, num_key_value_heads=kv_heads,
        intermediate_size=hidden, vocab_size=vocab, max_position_embeddings=1024, tie_word_embeddings=True, rms_norm_eps=1e-5,
        attn_implementation="sdpa", initializer_range=0.02, bos_token_id=None, eos_token_id=None, pad_token_id=None))


def plain_model(shape):
    """The same model in torch without transformers around it: what a careful user writes by hand."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    layers, C, H, K, hidden, V, *_ = SHAPES[shape]
    D = C // H

    def rotate(x, cos, sin):
        a, b = x.chunk(2, -1)
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.n1, self.n2 = nn.RMSNorm(C, 1e-5), nn.RMSNorm(C, 1e-5)
            self.qkv = nn.Linear(C, (H + 2 * K) * D, bias=False)
            self.o, self.gu, self.down = (nn.Linear(a, b, bias=False) for a, b in ((H * D, C), (C, 2 * hidden), (hidden, C)))

        def forward(self, x, cos, sin, cache=None):
            B, T, _ = x.shape
            q, k, v = self.qkv(self.n1(x)).view(B, T, -1, D).transpose(1, 2).split((H, K, K), 1)
            q, k = rotate(q, cos, sin), rotate(k, cos, sin)
            if cache is not None:
                keys, values, at = cache
                keys[:, :, at:at + T], values[:, :, at:at + T] = k, v
                k, v = keys[:, :, :at + T], values[:, :, :at + T]
            a = F.scaled_dot_product_attention(q, k, v, is_causal=T > 1, enable_gqa=H != K)
            x = x + self.o(a.transpose(1, 2).reshape(B, T, H * D))
            g, u = self.gu(self.n2(x)).chunk(2, -1)
            return x + self.down(F.silu(g) * u)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.E, self.blocks, self.norm = nn.Embedding(V, C), nn.ModuleList(Block() for _ in range(layers)), nn.RMSNorm(C, 1e-5)
            angle = torch.arange(1024)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
            self.register_buffer("cos", angle.cos())
            self.register_buffer("sin", angle.sin())
            for p in self.parameters():
                if p.dim() > 1:
                    nn.init.normal_(p, std=0.02)

        def forward(self, ids, caches=None, at=0):
            T = ids.shape[1]
            x = self.E(ids)
            for i, block in enumerate(self.blocks):
                x = block(x, self.cos[at:at + T], self.sin[at:at + T], caches and (*caches[i], at))
            x = self.norm(x if caches is None else x[:, -1:])
            return x @ self.E.weight.T

    torch.manual_seed(1)
    return Model()


def train(shape, kind, steps):
    import torch
    from torch.nn import functional as F

    *_, V, B, T, _, _ = SHAPES[shape]
    model = llama(shape) if kind == "transformers" else plain_model(shape)
    call = torch.compile(model) if kind == "compile" else model
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    ids, target = torch.randint(V, (B, T)), torch.randint(V, (B, T))
    times, losses = [], []
    for _ in range(steps + 1):
        start = time.perf_counter()
        logits = call(ids).logits if kind == "transformers" else call(ids)
        loss = F.cross_entropy(logits.reshape(-1, V), target.reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(loss.item())
        times.append(time.perf_counter() - start)
    return {"seconds": statistics.median(times[1:]), "tokens": B * T, "first_loss": losses[0], "uniform_loss": math.log(V)}


def decode(shape, batch):
    import torch

    layers, C, H, K, _, V, _, _, prompt, new = SHAPES[shape]
    model, D = plain_model(shape), C // H
    times = []
    with torch.inference_mode():
        for _ in range(3):
            start = time.perf_counter()
            caches = [(torch.empty(batch, K, prompt + new, D), torch.empty(batch, K, prompt + new, D)) for _ in range(layers)]
            ids, at = torch.randint(V, (batch, prompt)), 0
            for _ in range(new):
                logits = model(ids, caches, at)[:, -1]
                at += ids.shape[1]
                ids = torch.multinomial(torch.softmax(logits, -1), 1)
            times.append(time.perf_counter() - start)
    return {"seconds": statistics.median(times), "tokens": batch * new}


def llamacpp(path, batch):
    import llama_cpp as L

    *_, prompt, new = SHAPES["smollm2"]
    L.llama_backend_init()
    model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
    settings = L.llama_context_default_params()
    settings.n_ctx, settings.n_batch, settings.n_seq_max = batch * (prompt + new), 2048, batch
    settings.n_threads = settings.n_threads_batch = 2
    context = L.llama_init_from_model(model, settings)
    cells = L.llama_batch_init(max(batch, 2048), 0, 1)

    def run(rows):  # (token, position, sequence, wants logits)
        for first in range(0, len(rows), 2048):
            part = rows[first:first + 2048]
            cells.n_tokens = len(part)
            for i, (token, position, sequence, last) in enumerate(part):
                cells.token[i], cells.pos[i], cells.n_seq_id[i], cells.logits[i] = token, position, 1, last
                cells.seq_id[i][0] = sequence
            if L.llama_decode(context, cells) != 0:
                raise RuntimeError("llama_decode failed")

    times = []
    for _ in range(3 if batch < 64 else 1):  # 8,192 tokens are a long enough run
        L.llama_memory_clear(L.llama_get_memory(context), True)
        start = time.perf_counter()
        run([(1000 + 7 * s + t, t, s, t == prompt - 1) for s in range(batch) for t in range(prompt)])
        for t in range(1, new):
            run([(1000 + 11 * s + t, prompt + t - 1, s, True) for s in range(batch)])
        times.append(time.perf_counter() - start)
    return {"seconds": statistics.median(times), "tokens": batch * new}


def grpo(steps):
    import torch
    from datasets import Dataset
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    from trl import GRPOConfig, GRPOTrainer

    vocabulary = {"<pad>": 0, "<eos>": 1, **{chr(0x4E00 + i): i + 2 for i in range(510)}}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="<pad>"))
    raw.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>", padding_side="left")
    questions = ["".join(chr(0x4E00 + (i * 31 + 7 * j) % 510) for j in range(11)) for i in range(64)]
    times = []

    def reward(completions, **_):
        times.append(time.perf_counter())
        return [float(sum(ord(c) % 2 for c in text)) / 64 for text in completions]

    settings = GRPOConfig(
        output_dir="/tmp/rephrase-bench-trl", per_device_train_batch_size=64, num_generations=8, max_completion_length=64,
        max_steps=steps + 1, beta=0.0, learning_rate=1e-6, logging_strategy="no", save_strategy="no", report_to=[], use_cpu=True,
        bf16=False, generation_kwargs={"min_new_tokens": 64}, disable_tqdm=True, gradient_checkpointing=False)
    trainer = GRPOTrainer(model=llama("tinyA"), reward_funcs=reward, args=settings, processing_class=tokenizer,
                          train_dataset=Dataset.from_dict({"prompt": questions}))
    torch.manual_seed(1)
    trainer.train()
    return {"seconds": statistics.median(b - a for a, b in zip(times, times[1:])), "tokens": 64 * 64}


def main():
    what, *rest = sys.argv[1:]
    work = {"train": lambda shape, kind, steps: train(shape, kind, int(steps)),
            "decode": lambda shape, batch: decode(shape, int(batch)),
            "llamacpp": lambda path, batch: llamacpp(path, int(batch)),
            "grpo": lambda steps: grpo(int(steps))}[what]
    print(json.dumps(work(*rest)))


if __name__ == "__main__":
    main()
