# SPDX-License-Identifier: MIT
"""Second origin of the kernel goldens: torch's own operators in float64, gradients by autograd, AdamW and sampling filters by
torch and transformers. Nothing here knows a derivative.
"""
import math

import torch
import torch.nn.functional as F
import transformers
from transformers.generation import logits_process

torch.set_default_dtype(torch.float64)


def gradients(output, weight, inputs):
    """d Σ output·weight / d inputs."""
    return [g.detach().numpy() for g in torch.autograd.grad((output * torch.as_tensor(weight)).sum(), inputs)]


def leaf(x):
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


def linear(x, w, b, dy):
    x, w = leaf(x), leaf(w)
    b = leaf(b) if b is not None else None
    y = F.linear(x, w, b)
    found = gradients(y, dy, [x, w] + ([b] if b is not None else []))
    return [y.detach().numpy()] + found


def embedding(E, ids, dy):
    E = leaf(E)
    y = F.embedding(torch.tensor(ids), E)
    return [y.detach().numpy()] + gradients(y, dy, [E])


def rmsnorm(x, w, epsilon, dy):
    x, w = leaf(x), leaf(w)
    y = F.rms_norm(x, (x.shape[1],), w, eps=epsilon)
    return [y.detach().numpy()] + gradients(y, dy, [x, w])


def rope(x, position, settings, dy):
    """Pairs as complex numbers, turned by a unit complex number."""
    x = leaf(x)
    half = x.shape[2] // 2
    angle = torch.tensor(position, dtype=torch.float64)[:, None, None] * frequencies(settings, 2 * half)
    turned = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angle), angle)
    y = torch.cat((turned.real, turned.imag), dim=-1)
    return [y.detach().numpy()] + gradients(y, dy, [x])


def frequencies(s, D):
    """In float64, and compared with transformers' own float32 values."""
    inv = 1.0 / (s["theta"] ** (torch.arange(0, D, 2, dtype=torch.float64) / D))
    names = {"plain": "default", "linear": "linear", "llama3": "llama3"}
    parameters = {"rope_type": names[s["kind"]], "rope_theta": s["theta"]}
    if s["kind"] != "plain":
        parameters["factor"] = s["factor"]
    if s["kind"] == "linear":
        inv = inv / s["factor"]
    if s["kind"] == "llama3":
        parameters.update({k: s[k] for k in ("low_freq_factor", "high_freq_factor")},
                          original_max_position_embeddings=int(s["original_context"]))
        length = 2 * math.pi / inv
        low, high = s["original_context"] / s["low_freq_factor"], s["original_context"] / s["high_freq_factor"]
        smooth = (s["original_context"] / length - s["low_freq_factor"]) / (s["high_freq_factor"] - s["low_freq_factor"])
        medium = (1 - smooth) * inv / s["factor"] + smooth * inv
        inv = torch.where(length > low, inv / s["factor"], torch.where(length < high, inv, medium))
    config = transformers.LlamaConfig(hidden_size=2 * D, num_attention_heads=2, head_dim=D, rope_parameters=parameters,
                                      max_position_embeddings=131072)
    theirs = transformers.models.llama.modeling_llama.LlamaRotaryEmbedding(config).inv_freq
    assert torch.allclose(inv.float(), theirs.float(), rtol=2e-6), (inv, theirs)
    return inv


def attention(q, k, v, do):
    q, k, v = leaf(q), leaf(k), leaf(v)
    o = F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]
    T, D = q.shape
    score = (q @ k.T / math.sqrt(D)).masked_fill(~torch.ones(T, T, dtype=torch.bool).tril(), -math.inf)
    return [o.detach().numpy(), torch.logsumexp(score, 1).detach().numpy()] + gradients(o, do, [q, k, v])


def swiglu(gate, up, ds):
    gate, up = leaf(gate), leaf(up)
    s = F.silu(gate) * up
    return [s.detach().numpy()] + gradients(s, ds, [gate, up])


def logprob(z, target, temperature, dlogp, dentropy):
    z = leaf(z)
    lp = F.log_softmax(z / temperature, dim=1)
    chosen = lp.gather(1, torch.tensor(target)[:, None])[:, 0]
    entropy = torch.special.entr(lp.exp()).sum(1)
    loss = (chosen * torch.tensor(dlogp)).sum() + (-(lp.exp() * lp).sum(1) * torch.tensor(dentropy)).sum()
    return [chosen.detach().numpy(), entropy.detach().numpy(), torch.autograd.grad(loss, z)[0].numpy()]


def adamw(w, gradients_of_steps, s, decay, clips):
    """Parameters and moments after each step, by torch.optim.AdamW."""
    w = torch.nn.Parameter(torch.tensor(w, dtype=torch.float64))
    optimizer = torch.optim.AdamW([w], lr=s["rate"], betas=(s["beta1"], s["beta2"]), eps=s["epsilon"],
                                  weight_decay=s["decay"] if decay else 0.0, foreach=False)
    out = []
    for g, clip in zip(gradients_of_steps, clips):
        w.grad = torch.tensor(g, dtype=torch.float64) * clip
        optimizer.step()
        state = optimizer.state[w]
        out.append([x.detach().numpy().copy() for x in (w, state["exp_avg"], state["exp_avg_sq"])])
    return out


def clip_factor(gradient, most):
    """torch's clipping adds 1e-6 to the norm; undone here so that both origins mean min(1, most/norm)."""
    norm = torch.linalg.vector_norm(torch.tensor(gradient))
    return float(norm), float(torch.clamp(most / norm, max=1.0)) if most > 0 and norm > 0 else 1.0


def sampling(logits, s):
    """Probabilities of all ids after transformers' warpers, in the order temperature, top-k, top-p, min-p."""
    scores = torch.tensor([logits])
    warpers = [logits_process.TemperatureLogitsWarper(float(s["temperature"]))]
    if s["top_k"]:
        warpers.append(logits_process.TopKLogitsWarper(s["top_k"]))
    if s["top_p"] < 1:
        warpers.append(logits_process.TopPLogitsWarper(s["top_p"]))
    if s["min_p"] > 0:
        warpers.append(logits_process.MinPLogitsWarper(s["min_p"]))
    for warp in warpers:
        scores = warp(torch.zeros(1, 1, dtype=torch.long), scores)
    return F.softmax(scores, dim=-1)[0].numpy()
