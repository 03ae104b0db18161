# SPDX-License-Identifier: MIT
"""A door to librephrase: the double-precision oracle of RL post-training losses, the verifier of answers, the golden vectors.

    from rephrase_oracle import Oracle, verify
    out = Oracle().loss("grpo", {"logp": logp, "logp_old": old, "mask": mask, "reward": R, "group": g}, convention="trl")
    out["loss"], out["dlogp"]
    verify("1/2", "0.5").equal

This package holds no mathematics: losses and verdicts come from the C library, expected numbers from the golden vectors, and the
known mistakes from tools/ of the repository. `verify-mine --help` compares your own loss; pytest --rephrase-impl my:loss does the
same as test items. Needs NumPy; torch only where your function uses it.
"""
import importlib

_HOMES = {"Oracle": "oracle", "GOLDEN": "places", "OracleError": "places", "Verdict": "verifier", "Verifier": "verifier", "verify": "verifier"}
__all__ = sorted(_HOMES)


def __getattr__(name):
    """Public names are loaded when they are asked for: pytest imports this package in every session, and most have no use for it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
