# SPDX-License-Identifier: MIT
"""A transformer of the Llama family (Llama, Qwen2, Qwen3) in NumPy float64: forward and backward of one sequence, composed of the
closed forms of kernels_numpy.py.

The parameter names are Hugging Face's. Nothing here uses automatic differentiation; it is the first origin of the training traces and
the second of the models' goldens, transformers under autograd is the other.
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
        given = c["rope_parameters"]
        self.rope = {"kind": given["rope_type"].replace("default", "plain"), "theta": given["rope_theta"],
                     "original_context": given.get("original_max_position_embeddings"),
                     **{k: given[k] for k in ("factor", "low_freq_factor", "high_freq_factor") if k in given}}
        if given["rope_type"] == "yarn":
            self.rope |= {"beta_fast": given.get("beta_fast") or 32, "beta_slow": given.get("beta_slow") or 1,
                          "length": given.get("attention_factor") or 1 + np.log(given["factor"]) / 10}
        self.w = {k: v.astype(np.float64) for k, v in load_file(folder / "model.safetensors").items()}
        self.head = "model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"

    def of(self, layer, name):
        return self.w[f"model.layers.{layer}.{name}.weight"]

    def heads(self, x, n):
        return x.reshape(len(x), n, self.D)

    def project(self, layer, name, a, n):
        """n heads of a linear layer, with its bias where there is one."""
        return self.heads(K.linear(a, self.of(layer, name), self.w.get(f"model.layers.{layer}.{name}.bias")), n)

    def normed(self, layer, name, x):
        """Qwen3 normalises every head's queries and keys; (x, None) elsewhere."""
        if f"model.layers.{layer}.{name}.weight" not in self.w:
            return x, None
        y, r = K.rmsnorm(x.reshape(-1, self.D), self.of(layer, name), self.epsilon)
        return y.reshape(x.shape), r

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
            raw = {"q": self.project(layer, "self_attn.q_proj", a, self.H), "k": self.project(layer, "self_attn.k_proj", a, self.KV)}
            q, rq = self.normed(layer, "self_attn.q_norm", raw["q"])
            k, rk = self.normed(layer, "self_attn.k_norm", raw["k"])
            q, k = K.rotate(q, position, self.rope), K.rotate(k, position, self.rope)
            v = self.project(layer, "self_attn.v_proj", a, self.KV)
            o, lse = self.attend(q, k, v)
            middle = h + K.linear(o.reshape(len(ids), -1), self.of(layer, "self_attn.o_proj"))
            m, r2 = K.rmsnorm(middle, self.of(layer, "post_attention_layernorm"), self.epsilon)
            gate, up = K.linear(m, self.of(layer, "mlp.gate_proj")), K.linear(m, self.of(layer, "mlp.up_proj"))
            s = K.swiglu(gate, up)
            kept.append((h, a, r1, raw, rq, rk, q, k, v, o, lse, middle, m, r2, gate, up, s))
            h = middle + K.linear(s, self.of(layer, "mlp.down_proj"))
        f, r = K.rmsnorm(h, self.w["model.norm.weight"], self.epsilon)
        z = K.linear(f[score], self.w[self.head])
        logp, entropy = K.logprob(z, target, temperature)
        return logp, entropy, (ids, score, target, temperature, kept, h, f, r, z)

    def backward(self, saved, dlogp, dentropy, gradient):
        """gradient[name] += derivative of Σ dlogp·logp + dentropy·entropy."""
        ids, score, target, temperature, kept, h, f, r, z = saved
        head = self.w[self.head]
        dz = K.logprob_backward(z, target, temperature, np.asarray(dlogp), np.asarray(dentropy))
        df = np.zeros_like(f)
        dscored, dhead, _ = K.linear_backward(dz, f[score], head)
        df[score] = dscored
        gradient[self.head] += dhead
        dh, dw = K.rmsnorm_backward(df, h, self.w["model.norm.weight"], r)
        gradient["model.norm.weight"] += dw
        for layer in reversed(range(self.L)):
            dh = self.backward_layer(layer, kept[layer], dh, gradient)
        gradient["model.embed_tokens.weight"] += K.embedding_backward(dh, ids, len(self.w["model.embed_tokens.weight"]))

    def backward_layer(self, layer, saved, dh, gradient):
        h, a, r1, raw, rq, rk, q, k, v, o, lse, middle, m, r2, gate, up, s = saved

        def through(name, dy, x):
            dx, dw, db = K.linear_backward(dy, x, self.of(layer, name))
            gradient[f"model.layers.{layer}.{name}.weight"] += dw
            if f"model.layers.{layer}.{name}.bias" in gradient:
                gradient[f"model.layers.{layer}.{name}.bias"] += db
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
        if rq is not None:
            flat = lambda x: x.reshape(-1, self.D)
            dq = norm("self_attn.q_norm", flat(dq), flat(raw["q"]), rq)
            dk = norm("self_attn.k_norm", flat(dk), flat(raw["k"]), rk)
        da = (through("self_attn.q_proj", dq.reshape(T, -1), a) + through("self_attn.k_proj", dk.reshape(T, -1), a)
              + through("self_attn.v_proj", dv.reshape(T, -1), a))
        return dmiddle + norm("input_layernorm", da, h, r1)
