# SPDX-License-Identifier: MIT
"""Code people have. What is not installed is skipped with a sentence."""
import importlib.util
import json
import pathlib
import shutil
import xml.etree.ElementTree as xml

import pytest

HERE = pathlib.Path(__file__).resolve().parent
torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")


def needs(package):
    return pytest.mark.skipif(importlib.util.find_spec(package) is None, reason=f"{package} is not installed")


@torch
def test_a_class_is_marked(run):
    folder = run.folder / "class"
    shutil.copytree(HERE / "cs336", folder)
    for name, text in {"hangs": "while True:\n    pass\n", "eats": "x = bytearray(1 << 40)\n", "dies": "import os\nos.abort()\n",
                       "empty": "", "lies": "import os\nprint('all right')\nos._exit(0)\n"}.items():
        (folder / name / "tests").mkdir(parents=True)
        (folder / name / "tests" / "adapters.py").write_text(text)
    code, text = run("--preset", "cs336", "--all-below", "class", "--junit", "marks.xml", "--json", "marks.json", "--seconds", "40")
    marks = json.loads((run.folder / "marks.json").read_text())
    right = {n for n, m in marks.items() if "records" in m and all(r["status"] == "right" for r in m["records"])}
    assert code == 1 and right == {"right", "right_2026"}, text
    assert set(marks) - {n for n in marks if "records" in marks[n]} == {"hangs", "eats", "dies", "empty", "lies"}
    assert "stopped after 40 s" in marks["hangs"]["error"] or "time" in marks["hangs"]["error"]
    suites = {s.get("name"): s for s in xml.parse(run.folder / "marks.xml").getroot()}
    assert set(suites) == set(marks)
    named = lambda name: {line for f in suites[name].iter("failure") for line in f.text.split("\n") if "matches" in line}
    assert any("M39" in line for line in named("no_clip")) and any("M09" in line for line in named("token_mean"))
    assert any("M68" in line for line in named("zero"))


@torch
def test_six_losses_from_the_pages_agree(run):
    for name in ("grpo", "dapo", "gspo", "cispo", "rloo", "luffy"):
        code, text = run("--impl", f"{HERE / 'pages' / 'pages.py'}:{name}", "--algorithm", name)
        assert code == 0, text


@needs("trl")
def test_trl_as_it_is_installed(run):
    code, text = run("--preset", "trl", "--ordinary")
    assert code == 0 and text.count("vectors agree") == 6, text


@needs("trl")
def test_a_wrong_trl_style_trainer_is_named(run):
    mine = '''
from trl.trainer.grpo_trainer import GRPOTrainer

class MyTrainer(GRPOTrainer):
    def _compute_loss(self, model, inputs):
        self.loss_type = "bnpo"
        return super()._compute_loss(model, inputs)
'''
    code, text = run("--preset", "trl", "--impl", "mine:MyTrainer", "--ordinary", mine=mine)
    assert code == 1 and "matches M09" in text, text


@needs("verl")
def test_verl_as_it_is_installed(run):
    code, text = run("--preset", "verl", "--ordinary")
    assert code == 0 and "compute_policy_loss_gspo" in text, text


@needs("openrlhf")
def test_openrlhf_as_it_is_installed(run):
    code, text = run("--preset", "openrlhf", "--ordinary")
    assert code == 0 and "PolicyLoss, gspo" in text, text
