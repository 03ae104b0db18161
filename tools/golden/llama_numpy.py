# SPDX-License-Identifier: MIT
"""A Llama in NumPy float64: forward and backward of one sequence, composed of the closed forms of kernels_numpy.py.

The parameter names are Hugging Face's. Nothing here uses automatic differentiation; it is the first origin of the training trace,
transformers under autograd is the second.
"""
import json
import pathlib

import numpy as np
from safetensors.numpy import load_file

import kernels_numpy as K


class Llama:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        c = json.loads((folder / "config.json").read_text())
        self.L, self.H, self.KV = c["num_hidden_layers"], c["num_attention_heads"], c["num_key_value_heads"]
        self.D = c.get("head_dim") or c["hidden_size"] // self.H
        self.epsilon = c["rms_norm_eps"]
        self.rope = {"kind": "plain", "theta": c["rope_parameters"]["rope_theta"]}
        assert c["rope_parameters"]["rope_type"] == "default" and c["tie_word_embeddings"]
        self.w = {k: v.astype(np.float64) for k, v in load_file(folder / "model.safetensors").items()}

    def of(self, layer, name):
        return self.w[f"model.layers.{layer}.{name}.weight"]

    def heads(self, x, n):
        return x.reshape(len(x), n, self.D)

    def attend(self, q, k, v):
        """Each key/value head serves H/KV query heads."""
        o, lse = np.empty_like(q), np.empty(q.shape[:2])
        for h in range(self.H):
            o[:, h], lse[:, h] = K.attention(q[:, h], k[:, h * self.KV // self.H], v[:, h * self.KV // self.H])
        return o, lse

    def forward(self, ids, score, target, temperature):
        """log p of target[m] at position score[m], entropies, and what backward needs."""
        position, h, kept = range(len(ids)), K.embedding(self.w["model.embed_tokens.weight"], ids), []
        for layer in range(self.L):
            a, r1 = K.rmsnorm(h, self.of(layer, "input_layernorm"), self.epsilon)
            q = K.rotate(self.heads(K.linear(a, self.of(layer, "self_attn.q_proj")), self.H), position, self.rope)
            k = K.rotate(self.heads(K.linear(a, self.of(layer, "self_attn.k_proj")), self.KV), position, self.rope)
            v = self.heads(K.linear(a, self.of(layer, "self_attn.v_proj")), self.KV)
            o, lse = self.attend(q, k, v)
            middle = h + K.linear(o.reshape(len(ids), -1), self.of(layer, "self_attn.o_proj"))
            m, r2 = K.rmsnorm(middle, self.of(layer, "post_attention_layernorm"), self.epsilon)
            gate, up = K.linear(m, self.of(layer, "mlp.gate_proj")), K.linear(m, self.of(layer, "mlp.up_proj"))
            s = K.swiglu(gate, up)
            kept.append((h, a, r1, q, k, v, o, lse, middle, m, r2, gate, up, s))
            h = middle + K.linear(s, self.of(layer, "mlp.down_proj"))
        f, r = K.rmsnorm(h, self.w["model.norm.weight"], self.epsilon)
        z = K.linear(f[score], self.w["model.embed_tokens.weight"])
        logp, entropy = K.logprob(z, target, temperature)
        return logp, entropy, (ids, score, target, temperature, kept, h, f, r, z)

    def backward(self, saved, dlogp, dentropy, gradient):
        """gradient[name] += derivative of Σ dlogp·logp + dentropy·entropy."""
        ids, score, target, temperature, kept, h, f, r, z = saved
        E = self.w["model.embed_tokens.weight"]
        dz = K.logprob_backward(z, target, temperature, np.asarray(dlogp), np.asarray(dentropy))
        df = np.zeros_like(f)
        dscored, dE, _ = K.linear_backward(dz, f[score], E)
        df[score] = dscored
        gradient["model.embed_tokens.weight"] += dE
        dh, dw = K.rmsnorm_backward(df, h, self.w["model.norm.weight"], r)
        gradient["model.norm.weight"] += dw
        for layer in reversed(range(self.L)):
            dh = self.backward_layer(layer, kept[layer], dh, gradient)
        gradient["model.embed_tokens.weight"] += K.embedding_backward(dh, ids, len(E))

    def backward_layer(self, layer, saved, dh, gradient):
        h, a, r1, q, k, v, o, lse, middle, m, r2, gate, up, s = saved

        def through(name, dy, x):
            dx, dw, _ = K.linear_backward(dy, x, self.of(layer, name))
            gradient[f"model.layers.{layer}.{name}.weight"] += dw
            return dx

        def norm(name, dy, x, r):
            dx, dw = K.rmsnorm_backward(dy, x, self.of(layer, name), r)
            gradient[f"model.layers.{layer}.{name}.weight"] += dw
            return dx

        dgate, dup = K.swiglu_backward(through("mlp.down_proj", dh, s), gate, up)
        dm = through("mlp.gate_proj", dgate, m) + through("mlp.up_proj", dup, m)
        dmiddle = dh + norm("post_attention_layernorm", dm, middle, r2)
        do = self.heads(through("self_attn.o_proj", dmiddle, o.reshape(len(o), -1)), self.H)
        dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
        for i in range(self.H):
            j = i * self.KV // self.H
            found = K.attention_backward(do[:, i], q[:, i], k[:, j], v[:, j], o[:, i], lse[:, i])
            dq[:, i] += found[0]
            dk[:, j] += found[1]
            dv[:, j] += found[2]
        position, T = range(len(h)), len(h)
        dq, dk = K.rotate(dq, position, self.rope, -1), K.rotate(dk, position, self.rope, -1)
        da = (through("self_attn.q_proj", dq.reshape(T, -1), a) + through("self_attn.k_proj", dk.reshape(T, -1), a)
              + through("self_attn.v_proj", dv.reshape(T, -1), a))
        return dmiddle + norm("input_layernorm", da, h, r1)
