#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden data for the model layer: tiny random Llama, Qwen2 and Qwen3 models run by transformers in float64.

For each model: config.json as transformers writes it, weights (F32, exactly representable), the same model as a GGUF file,
and for one batch of sequences of different lengths the logits, log-probabilities, entropies, the gradient of
sum(dlogp*logp + dentropy*entropy) with respect to every parameter, and greedy continuations. Nothing here knows the C
program.

transformers computes norms and rotary angles in float32 even when the weights are float64. The script replaces those two
steps by float64 ones and checks that the result stays within 2e-5 of the untouched model in float32.

    python tools/golden_model.py [MODEL ...]        needs: torch 2.13.0, transformers 5.23.0, safetensors, gguf

Afterwards golden/check_models.py computes all of it again in closed form.
"""
import json
import math
import pathlib
import sys
import types

import gguf
import torch
import transformers
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "golden" / "v1" / "model"
COMMON = dict(initializer_range=0.3, attn_implementation="eager")
MODELS = {
    "llama-tied": (transformers.LlamaConfig, dict(
        hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, vocab_size=19,
        tie_word_embeddings=True, rms_norm_eps=1e-5, rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        bos_token_id=1, eos_token_id=2, max_position_embeddings=64)),
    "llama-llama3": (transformers.LlamaConfig, dict(
        hidden_size=16, intermediate_size=20, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=1, head_dim=8,
        vocab_size=23, tie_word_embeddings=False, rms_norm_eps=1e-6, bos_token_id=0, eos_token_id=[3, 4],
        max_position_embeddings=16384,
        rope_parameters={"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
                         "high_freq_factor": 4.0, "original_max_position_embeddings": 8192})),
    "qwen2-linear": (transformers.Qwen2Config, dict(
        hidden_size=16, intermediate_size=22, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, vocab_size=21,
        tie_word_embeddings=True, rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0}, max_position_embeddings=64)),
    "qwen3-plain": (transformers.Qwen3Config, dict(
        hidden_size=14, intermediate_size=18, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=6,
        vocab_size=23, tie_word_embeddings=False, rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}, max_position_embeddings=64)),
    "llama-linear": (transformers.LlamaConfig, dict(  # as many key/value heads as query heads
        hidden_size=12, intermediate_size=16, num_hidden_layers=1, num_attention_heads=3, num_key_value_heads=3, vocab_size=17,
        tie_word_embeddings=False, rms_norm_eps=1e-5, max_position_embeddings=64,
        rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0})),
    "qwen2-untied": (transformers.Qwen2Config, dict(
        hidden_size=12, intermediate_size=14, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1, vocab_size=17,
        tie_word_embeddings=False, rms_norm_eps=1e-6, max_position_embeddings=64,
        rope_parameters={"rope_type": "default", "rope_theta": 1000000.0})),
    "qwen3-tied": (transformers.Qwen3Config, dict(  # head size 8 of 3 heads, 10 channels
        hidden_size=10, intermediate_size=16, num_hidden_layers=1, num_attention_heads=3, num_key_value_heads=1, head_dim=8,
        vocab_size=17, tie_word_embeddings=True, rms_norm_eps=1e-6, max_position_embeddings=64,
        rope_parameters={"rope_type": "linear", "rope_theta": 1000000.0, "factor": 2.0})),
    "llama-yarn": (transformers.LlamaConfig, dict(  # both bounds inside: pairs 0 and 7 at the ends, a ramp between
        hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=16,
        vocab_size=19, tie_word_embeddings=True, rms_norm_eps=1e-6, max_position_embeddings=256,
        rope_parameters={"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 64})),
    "qwen2-yarn": (transformers.Qwen2Config, dict(
        hidden_size=12, intermediate_size=14, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1, head_dim=12,
        vocab_size=17, tie_word_embeddings=False, rms_norm_eps=1e-6, max_position_embeddings=128,
        rope_parameters={"rope_type": "yarn", "rope_theta": 1000000.0, "factor": 8.0, "original_max_position_embeddings": 16,
                         "beta_fast": 2.0, "beta_slow": 0.25})),
    "mistral-plain": (transformers.MistralConfig, dict(
        hidden_size=12, intermediate_size=14, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1, head_dim=8,
        vocab_size=17, tie_word_embeddings=False, rms_norm_eps=1e-6, max_position_embeddings=64, sliding_window=None,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0})),
}
SEEDS = {"qwen3-tied": 20}  # others 10 plus their number: with 16 two tokens were nearly equally likely
LENGTHS = [9, 1, 14, 5]
TEMPERATURE, GREEDY = 0.8, 10


def frequencies(config):
    """Angle per position of each pair, in float64, from the definitions transformers implements in float32."""
    rope, size = config.rope_parameters, getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    plain = [rope["rope_theta"] ** (-2 * i / size) for i in range(size // 2)]
    if rope["rope_type"] == "linear":
        return [f / rope["factor"] for f in plain]
    if rope["rope_type"] == "default":
        return plain
    if rope["rope_type"] == "yarn":
        def pair(turns):
            return size * math.log(rope["original_max_position_embeddings"] / (turns * 2 * math.pi)) / (2 * math.log(rope["rope_theta"]))
        low = max(math.floor(pair(rope.get("beta_fast") or 32)), 0)
        high = min(math.ceil(pair(rope.get("beta_slow") or 1)), size - 1)
        ramp = [min(max((i - low) / (high - low), 0), 1) for i in range(size // 2)]
        return [f / rope["factor"] * r + f * (1 - r) for f, r in zip(plain, ramp)]
    out = []
    for f in plain:
        wavelength, context = 2 * math.pi / f, rope["original_max_position_embeddings"]
        if wavelength < context / rope["high_freq_factor"]:
            out.append(f)
        elif wavelength > context / rope["low_freq_factor"]:
            out.append(f / rope["factor"])
        else:
            smooth = (context / wavelength - rope["low_freq_factor"]) / (rope["high_freq_factor"] - rope["low_freq_factor"])
            out.append((1 - smooth) * f / rope["factor"] + smooth * f)
    return out


class Float64Rotary(torch.nn.Module):
    def __init__(self, original, config):
        super().__init__()
        self.frequency = torch.tensor(frequencies(config), dtype=torch.float64)
        rope = config.rope_parameters
        self.length = rope.get("attention_factor") or 0.1 * math.log(rope["factor"]) + 1 if rope["rope_type"] == "yarn" else 1.0
        assert abs(self.length - original.attention_scaling) < 1e-9
        assert torch.allclose(self.frequency.float(), original.inv_freq.float(), rtol=2e-6), (self.frequency, original.inv_freq)

    def forward(self, x, position_ids, **_):
        angle = position_ids[..., None].double() * self.frequency
        angle = torch.cat((angle, angle), dim=-1)
        return angle.cos() * self.length, angle.sin() * self.length


def float64_norm(self, x):
    return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))


def in_float64(model):
    for name, module in list(model.named_modules()):
        if type(module).__name__.endswith("RMSNorm"):
            module.forward = float64_norm.__get__(module)
    model.double()
    model.model.rotary_emb = Float64Rotary(model.model.rotary_emb, model.config)
    return model


def run(model, ids, dtype):
    """Logits of one sequence; attention written by transformers, softmax in the dtype of its input."""
    original = torch.nn.functional.softmax
    torch.nn.functional.softmax = lambda x, dim=-1, dtype=None: original(x, dim=dim)
    try:
        out = model(torch.tensor([ids]), use_cache=False).logits[0]
    finally:
        torch.nn.functional.softmax = original
    assert out.dtype == dtype, out.dtype
    return out


def random_weights(model, generator):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.copy_((1 + 0.3 * noise) if "norm" in name else 0.3 * noise)


def batch(vocabulary, generator):
    def draw(n, bound):
        return torch.randint(0, bound, (n,), generator=generator).tolist()

    start = [sum(LENGTHS[:i]) for i in range(len(LENGTHS) + 1)]
    score = [t for t in range(start[-1]) if t % 4 != 1]
    scored = len(score)
    return dict(start=start, ids=draw(start[-1], vocabulary), score=score, target=draw(scored, vocabulary),
                dlogp=torch.randn(scored, generator=generator).tolist(),
                dentropy=torch.randn(scored, generator=generator).tolist())


def greedy(model, prompt):
    ids, margin = list(prompt), math.inf
    for _ in range(GREEDY):
        top = run(model, ids, torch.float64)[-1].topk(2)
        margin = min(margin, float(top.values[0] - top.values[1]))
        ids.append(int(top.indices[0]))
    return ids[len(prompt):], margin


def write_gguf(model, config, path):
    """As llama.cpp's converter writes it: rows of q and k of the llama family permuted, rope_freqs for llama3 scaling."""
    arch = config.model_type.replace("mistral", "llama")
    writer = gguf.GGUFWriter(path, arch)
    heads, kv = config.num_attention_heads, config.num_key_value_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_key_length(size)
    writer.add_value_length(size)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    if config.rope_parameters["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(config.rope_parameters["factor"])
    if config.rope_parameters["rope_type"] == "yarn":
        rope = config.rope_parameters
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(rope["factor"])
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
        for key in ("beta_fast", "beta_slow"):
            if rope.get(key):
                writer.add_float32(f"{arch}.rope.scaling.yarn_{key}", rope[key])
    names = gguf.get_tensor_name_map({"llama": gguf.MODEL_ARCH.LLAMA, "qwen2": gguf.MODEL_ARCH.QWEN2,
                                      "qwen3": gguf.MODEL_ARCH.QWEN3}[arch], config.num_hidden_layers)
    if config.rope_parameters["rope_type"] == "llama3":
        plain = dict(config.rope_parameters, rope_type="default")
        like = types.SimpleNamespace(rope_parameters=plain, head_dim=size)
        divisors = torch.tensor(frequencies(like)) / torch.tensor(frequencies(config))
        writer.add_tensor("rope_freqs.weight", divisors.float().numpy())
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        value = tensor.float()
        if arch == "llama" and (name.endswith("q_proj.weight") or name.endswith("k_proj.weight")):
            n = heads if "q_proj" in name else kv
            value = value.reshape(n, 2, size // 2, -1).swapaxes(1, 2).reshape(value.shape)
        writer.add_tensor(names.get_name(name, (".weight", ".bias")), value.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make(name, seed):
    kind, settings = MODELS[name]
    config = kind(**COMMON, **settings)
    generator = torch.Generator().manual_seed(seed)
    model = transformers.AutoModelForCausalLM.from_config(config)
    random_weights(model, generator)
    b = batch(config.vocab_size, generator)
    sequences = [b["ids"][b["start"][i]:b["start"][i + 1]] for i in range(len(LENGTHS))]
    untouched = torch.cat([model(torch.tensor([s])).logits[0] for s in sequences])
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    weights = {k: v.clone().contiguous() for k, v in model.state_dict().items()}
    if config.tie_word_embeddings:
        del weights["lm_head.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config.save_pretrained(folder)
    write_gguf(model, config, folder / "model.gguf")

    in_float64(model)
    all_logits = torch.cat([run(model, s, torch.float64) for s in sequences])
    worst = float((all_logits.float() - untouched).detach().abs().max())
    assert worst < 2e-5, worst
    logits = all_logits[b["score"]]
    log_p = torch.log_softmax(logits / TEMPERATURE, dim=-1)
    logp = log_p.gather(1, torch.tensor(b["target"])[:, None])[:, 0]
    entropy = -(log_p.exp() * log_p).sum(-1)
    (logp @ torch.tensor(b["dlogp"], dtype=torch.float64)
     + entropy @ torch.tensor(b["dentropy"], dtype=torch.float64)).backward()
    tensors = {f"gradient.{k}": p.grad.contiguous() for k, p in model.named_parameters()}
    save_file({"logits": logits.detach().contiguous(), **tensors}, folder / "expected.safetensors")
    prompts = [sequences[0], sequences[1], sequences[3]]
    with torch.no_grad():
        continued = [greedy(model, p) for p in prompts]
    assert min(margin for _, margin in continued) > 1e-3, continued
    return dict(id=name, comment=f"{config.model_type}, {worst:.1e} from transformers' own float32",
                inputs=dict(model=name, temperature=TEMPERATURE, prompts=prompts, **b),
                expected=dict(tensors=f"{name}/expected.safetensors", logp=logp.tolist(), entropy=entropy.tolist(),
                              greedy=[ids for ids, _ in continued]),
                tolerance=dict(f32=1e-5, f64=1e-10))


def main():
    wanted = sys.argv[1:] or list(MODELS)  # the others stay as they are
    kept = {} if not sys.argv[1:] else {c["id"]: c for c in json.loads((OUT / "models.json").read_text())["groups"][0]["cases"]}
    cases = [make(name, SEEDS.get(name, 10 + i)) if name in wanted else kept[name] for i, name in enumerate(MODELS)]
    document = dict(schema="model-1", area="model", subject="tiny models end to end",
                    source=dict(oracles=[f"torch {torch.__version__.split('+')[0]} float64 with transformers {transformers.__version__}",
                                         "closed forms, NumPy float64 (tools/golden/check_models.py)"]),
                    notes={}, groups=[dict(settings={}, cases=cases)])
    (OUT / "models.json").write_text(json.dumps(document) + "\n")
    for path in OUT.glob("*/generation_config.json"):
        path.unlink()
    print("wrote", OUT, sum(p.stat().st_size for p in OUT.rglob("*") if p.is_file()), "bytes")


if __name__ == "__main__":
    main()
