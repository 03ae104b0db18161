# SPDX-License-Identifier: MIT
import threading

import numpy as np
import pytest

import rephrase_oracle
from rephrase_oracle import Oracle, OracleError, verify

# GRPO by hand in NumPy; MEAN is how rows are aggregated.
LOSS = '''
import numpy as np

def loss(b, s):
    A = np.zeros(len(b["reward"]))
    for g in np.unique(b["group"]):
        r = b["reward"][b["group"] == g]
        A[b["group"] == g] = (r - r.mean()) / r.std() if r.std() > 1e-12 else 0.0
    A, mask = A[:, None], b["mask"]
    d = b["logp"] - b["logp_old"]
    ratio = np.exp(np.clip(d, -20, 20))
    one, two = ratio * A, np.clip(ratio, 1 - s["epsilon"], 1 + s["epsilon_high"]) * A
    weight = WEIGHT
    slope = np.where((one <= two) & (abs(d) <= 20), one, 0.0)
    return -(np.minimum(one, two) * mask * weight).sum(), -slope * mask * weight
'''
RIGHT = LOSS.replace("WEIGHT", "1 / np.maximum(mask.sum(1, keepdims=True), 1) / len(mask)")
WRONG = LOSS.replace("WEIGHT", "1 / max(mask.sum(), 1)")


def test_a_right_loss_agrees_and_hears_what_was_not_asked(run):
    code, text = run("--impl", "mine", mine=RIGHT)
    assert code == 0 and "vectors agree" in text and "--settings" in text


def test_a_wrong_loss_hears_its_mistake_and_the_thread(run):
    code, text = run("--impl", "mine:loss", "--algorithm", "grpo", mine=WRONG)
    assert code == 1 and "matches M09" in text and "TRL #2995" in text


@pytest.mark.parametrize("words, part", [
    (["--impl", "nothing"], "nothing cannot be imported"), (["--impl", "mine:lose"], "did you mean loss?"),
    (["--impl", "mine", "--algorithm", "grop"], "did you mean grpo?"), (["--impl", "mine", "--convention", "tlr"], "has the conventions paper"),
    (["--preset", "tlr"], "did you mean trl?"), ([], "--impl MODULE:FUNCTION"), (["--kernel", "ropes", "--impl", "mine"], "did you mean rope?"),
    (["--preset", "cs336", "--all-below", "nowhere"], "is no folder")])
def test_a_mistyped_word_is_one_sentence(run, words, part):
    code, text = run(*words, mine=RIGHT)
    assert code == 2 and part in text and "Traceback" not in text


def test_nan_behind_the_mask_is_named(run):
    code, text = run("--impl", "mine", "--nan", mine=RIGHT)
    assert code == 1 and "matches H1" in text and "OpenRLHF PR 1240" in text
    clean = '''
import numpy as np
import mine

def loss(b, s):
    if not np.isfinite(b["reward"]).all():
        raise ValueError("a reward is NaN")
    return mine.loss({k: np.where(b["mask"] > 0, v, 0.0) if k.startswith("logp") else v for k, v in b.items()}, s)
'''
    assert run("--impl", "clean", "--nan", clean=clean)[0] == 0


def test_changes_of_one_place_are_noticed(run):
    code, text = run("--impl", "mine", "--mutate", "mine.py", mine=RIGHT)
    assert "changes of one place" in text
    lived = int(text.split("; ")[-1].split(" not")[0])
    assert lived <= 16, text


def test_a_mutated_loss_that_never_ends_is_noticed(run, monkeypatch):
    from rephrase_oracle import judge, mutate
    monkeypatch.setattr(mutate, "SECONDS", 1)
    task = judge.Task("x", "grpo", "paper", lambda b, s: 0, with_torch=False)
    task.function.__name__ = "loss"
    assert mutate.noticed(compile("def loss(b, s):\n    while True:\n        pass\n", "x", "exec"), "endless", task) is not None


def test_every_vector_is_a_test_item(run):
    code, text = run("-q", "-p", "no:cacheprovider", "--rephrase-impl", "mine", "--rephrase-algorithm", "grpo", module="pytest", mine=RIGHT)
    assert code == 0 and " passed" in text
    code, text = run("-q", "-p", "no:cacheprovider", "--rephrase-impl", "mine", module="pytest", mine=WRONG)
    assert code == 1 and "rephrase::grpo-paper[grpo-typical] - M09" in text and "TRL #2995" in text
    code, text = run("-q", "-p", "no:cacheprovider", "--rephrase-impl", "mine", "-k", "RatioHeld", module="pytest", mine=RIGHT)
    assert code == 0 and "1 passed" in text
    code, text = run("-q", "-p", "no:cacheprovider", "--rephrase-impl", "mine", "--rephrase-algorithm", "grop", module="pytest", mine=RIGHT)
    assert code == 4 and "did you mean grpo?" in text


def test_the_fixture_compares_a_batch_of_ones_own(run):
    test = '''
import numpy as np

batch = {"logp": np.array([[-1.0, -2.0], [-.5, -.3]]), "logp_old": np.array([[-1.1, -2.2], [-.5, -.4]]), "reward": [1, 0]}

def test_right(rephrase):
    out = rephrase.oracle.loss("grpo", batch, "trl")
    rephrase.check(out["loss"], out["dlogp"], batch, "grpo", "trl")

def test_half(rephrase):
    out = rephrase.oracle.loss("grpo", batch, "trl")
    rephrase.check(out["loss"] / 2, out["dlogp"] / 2, batch, "grpo", "trl")
'''
    code, text = run("-q", "-p", "no:cacheprovider", module="pytest", test_mine=test)
    assert code == 1 and "1 failed, 1 passed" in text and "M14" in text


def test_the_oracle_answers_arrays_and_refuses_by_name():
    oracle = Oracle()
    out = oracle.loss("grpo", {"logp": np.array([[-1.0, -2.0]]), "logp_old": np.array([[-1.0, -2.0]]), "reward": [1.0]})
    assert out["loss"] == 0 and out["dlogp"].shape == (1, 2)
    with pytest.raises(OracleError, match="grop"):
        oracle.loss("grop", {"logp": np.array([[-1.0]]), "reward": [1.0]})
    assert {a["name"] for a in oracle.ask("list")} >= {"grpo", "repo"}
    assert (rephrase_oracle.GOLDEN / "algorithms" / "grpo.json").is_file()


def test_the_verifier_from_many_threads():
    assert verify("1/2", "0.5").reason == "rational" and verify("5", r"So it is \boxed{5}.", response=True).span == "5"
    assert not verify("7", "8").equal and verify("12", "").verdict == "unparsed"
    with pytest.raises(OracleError, match="options"):
        verify("1", "1", strict=True)
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(all(verify(r"\sqrt{8}", r"2\sqrt{2}").equal for _ in range(50)))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert seen == [True] * 4


def test_a_correction_hears_its_mistake(run):
    mine = '''
import numpy as np

def weight(x):
    s, mask = x["settings"], x["mask"]
    d = (x["logp"] if s["bypass"] else x["logp_old"]) - x["logp_behavior"]
    total = (d * mask).sum(1, keepdims=True)
    token, n = np.exp(np.clip(d, -20, 20)), np.maximum(mask.sum(1, keepdims=True), 1)
    whole, mean = np.exp(np.clip(SUM, -20, 20)), np.exp(np.clip(total / n, -20, 20))
    inside = (mean >= s["low"]) & (mean <= s["high"])
    k3 = ((token - np.clip(d, -20, 20) - 1) * mask).sum(1, keepdims=True) / n <= s["high"]
    w = {"token-truncate": np.minimum(token, s["high"]), "token-mask": token * ((token >= s["low"]) & (token <= s["high"])),
         "sequence-truncate": np.minimum(whole, s["high"]) + 0 * d, "sequence-mask": whole * (whole <= s["high"]) + 0 * d,
         "geometric-reject": inside + 0 * d, "k3-reject": k3 + 0 * d, "seq-mask-tis": token * inside}[s["kind"]]
    return {"weight": w * mask}
'''
    code, text = run("--impl", "mine:weight", "--kernel", "correction", mine=mine.replace("SUM", "total"))
    assert code == 0, text
    code, text = run("--impl", "mine:weight", "--kernel", "correction", mine=mine.replace("SUM", "total / n"))
    assert code == 1 and "matches K21" in text and "TRL #5814" in text, text
