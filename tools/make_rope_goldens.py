#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden tables of rotary positions under every scaling: data/golden/v1/kernels/rope_scaling.json.

Two origins for YaRN, both in float32: the functions of transformers that make a model's frequencies, and ggml_rope_ext of the library
that llama.cpp is made of, applied to unit vectors. Each case holds cosines and sines at a few positions as each of the two gives them;
the script refuses to write when they differ by more than 1e-4. Linear and llama3 scaling have no form in ggml but divisors, so their
second origin is ggml with those.

    python tools/make_rope_goldens.py        needs: torch, transformers, libggml-python
"""
import ctypes
import json
import math
import pathlib

import libggml
import torch
import transformers
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "golden" / "v1" / "kernels" / "rope_scaling.json"
POSITIONS = [0, 1, 7, 64, 500]
CASES = {
    "linear": (16, 10000.0, {"rope_type": "linear", "factor": 4.0}),
    "llama3": (16, 500000.0, {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                              "original_max_position_embeddings": 8192}),
    "yarn-qwen": (128, 1000000.0, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}),
    "yarn-small": (16, 10000.0, {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 64}),
    "yarn-bounds": (32, 10000.0, {"rope_type": "yarn", "factor": 2.5, "original_max_position_embeddings": 256, "beta_fast": 8.0,
                                  "beta_slow": 2.0}),
    "yarn-attention": (16, 10000.0, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128,
                                     "attention_factor": 1.5}),
    "yarn-mscale": (16, 10000.0, {"rope_type": "yarn", "factor": 40.0, "original_max_position_embeddings": 128, "mscale": 0.707,
                                  "mscale_all_dim": 1.0}),
    "yarn-one-pair": (4, 10000.0, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8}),
}


def by_transformers(size, theta, rope):
    settings = {"rope_theta": theta, **rope}
    config = transformers.LlamaConfig(hidden_size=size, num_attention_heads=1, head_dim=size, max_position_embeddings=16384,
                                      rope_parameters=settings)
    if rope["rope_type"] == "default":
        raise ValueError("plain rotation is not scaled")
    frequency, length = ROPE_INIT_FUNCTIONS[rope["rope_type"]](config, "cpu")
    angle = torch.tensor(POSITIONS)[:, None].float() * frequency.float()
    return frequency, float(length), (angle.cos() * length).tolist(), (angle.sin() * length).tolist()


class Ggml:
    def __init__(self):
        folder = pathlib.Path(libggml.__file__).parent / "lib64"
        self.base = ctypes.CDLL(str(folder / "libggml-base.so"), mode=ctypes.RTLD_GLOBAL)
        self.cpu = ctypes.CDLL(str(folder / "libggml-cpu.so"), mode=ctypes.RTLD_GLOBAL)
        p, i, f = ctypes.c_void_p, ctypes.c_int, ctypes.c_float
        for name, result in {"ggml_init": p, "ggml_new_tensor_3d": p, "ggml_new_tensor_1d": p, "ggml_rope_ext": p, "ggml_new_graph": p,
                             "ggml_get_data": p}.items():
            getattr(self.base, name).restype = result
        self.base.ggml_new_tensor_3d.argtypes = [p, i] + [ctypes.c_int64] * 3
        self.base.ggml_new_tensor_1d.argtypes = [p, i, ctypes.c_int64]
        self.base.ggml_rope_ext.argtypes = [p, p, p, p, i, i, i] + [f] * 6
        self.base.ggml_build_forward_expand.argtypes = [p, p]
        self.base.ggml_new_graph.argtypes = self.base.ggml_get_data.argtypes = [p]
        self.cpu.ggml_graph_compute_with_ctx.argtypes = [p, p, i]

        class Parameters(ctypes.Structure):
            _fields_ = [("size", ctypes.c_size_t), ("buffer", p), ("no_alloc", ctypes.c_bool)]
        self.base.ggml_init.argtypes = [Parameters]
        self.context = self.base.ggml_init(Parameters(64 << 20, None, False))

    def rope(self, size, theta, scale, original, ext, attention, beta_fast, beta_slow, divisors=None):
        """cosines and sines: the rotation (NEOX, pairs i and i + D/2) of vectors that are 1 in the first half and 0 in the second."""
        n = len(POSITIONS)
        x = self.base.ggml_new_tensor_3d(self.context, 0, size, 1, n)
        at = self.base.ggml_new_tensor_1d(self.context, 26, n)
        data = ([1.0] * (size // 2) + [0.0] * (size // 2)) * n
        ctypes.memmove(self.base.ggml_get_data(x), (ctypes.c_float * len(data))(*data), 4 * len(data))
        ctypes.memmove(self.base.ggml_get_data(at), (ctypes.c_int32 * n)(*POSITIONS), 4 * n)
        factors = None
        if divisors is not None:
            factors = self.base.ggml_new_tensor_1d(self.context, 0, size // 2)
            ctypes.memmove(self.base.ggml_get_data(factors), (ctypes.c_float * (size // 2))(*divisors), 2 * size)
        y = self.base.ggml_rope_ext(self.context, x, at, factors, size, 2, original, theta, scale, ext, attention, beta_fast, beta_slow)
        graph = self.base.ggml_new_graph(self.context)
        self.base.ggml_build_forward_expand(graph, y)
        assert self.cpu.ggml_graph_compute_with_ctx(self.context, graph, 1) == 0
        out = (ctypes.c_float * (size * n)).from_address(self.base.ggml_get_data(y))
        rows = [list(out[size * k:size * (k + 1)]) for k in range(n)]
        return [r[:size // 2] for r in rows], [r[size // 2:] for r in rows]


def by_ggml(ggml, size, theta, rope, frequency, length):
    if rope["rope_type"] != "yarn":
        plain = torch.tensor([theta ** (-2 * i / size) for i in range(size // 2)])
        return ggml.rope(size, theta, 1.0, 8192, 0.0, 1.0, 32.0, 1.0, (plain / frequency).tolist())
    factor = rope["factor"]
    # llama.cpp's context cancels the length that ggml puts in, and multiplies by that of the paper or a stated one.
    return ggml.rope(size, theta, 1 / factor, rope["original_max_position_embeddings"], 1.0, length / (1 + 0.1 * math.log(factor)),
                     rope.get("beta_fast", 32.0), rope.get("beta_slow", 1.0))


def main():
    ggml, cases = Ggml(), []
    for name, (size, theta, rope) in CASES.items():
        frequency, length, cosine, sine = by_transformers(size, theta, rope)
        c, s = by_ggml(ggml, size, theta, rope, frequency, length)
        worst = max(abs(a - b) for x, y in ((cosine, c), (sine, s)) for u, v in zip(x, y) for a, b in zip(u, v))
        print(f"{name}: transformers and ggml differ by {worst:.1e}")
        assert worst < 1e-4, name
        cases.append({"id": name, "inputs": {"size": size, "theta": theta, "positions": POSITIONS, "rope": rope},
                      "expected": {"transformers": {"cosine": cosine, "sine": sine}, "ggml": {"cosine": c, "sine": s}},
                      "tolerance": {"f32": 1e-4, "f64": 1e-4}})
    document = {"schema": "rope-scaling-1", "area": "kernels", "subject": "cosines and sines of scaled rotary positions",
                "source": {"oracles": [f"transformers {transformers.__version__}, float32", "ggml_rope_ext (package libggml-python)"]},
                "notes": {}, "groups": [{"settings": {}, "cases": cases}]}
    OUT.write_text(json.dumps(document, indent=0) + "\n")


if __name__ == "__main__":
    main()
