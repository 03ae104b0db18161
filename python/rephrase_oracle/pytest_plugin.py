# SPDX-License-Identifier: MIT
"""Every golden vector as a test item, and a fixture for batches of your own.

    pytest --rephrase-impl my_module:my_loss --rephrase-algorithm grpo [--rephrase-convention trl] [--rephrase-settings ...]

    def test_my_batch(rephrase):                                        # the fixture
        rephrase.check(loss, dlogp, batch, algorithm="grpo", convention="trl", epsilon_high=0.28)

A failing item says the vector, the number that differs first, and the known mistake that your numbers equal. Without
--rephrase-impl the plugin adds no item and imports nothing.
"""
import pytest


def pytest_addoption(parser):
    group = parser.getgroup("rephrase", "losses of RL post-training against golden vectors")
    group.addoption("--rephrase-impl", metavar="MODULE:FUNCTION", help="your loss, called as function(batch, settings)")
    group.addoption("--rephrase-algorithm", default="grpo", metavar="NAME", help="whose vectors (default grpo)")
    group.addoption("--rephrase-convention", default="paper", metavar="NAME", help="paper, trl, verl or release (default paper)")
    group.addoption("--rephrase-preset", metavar="NAME", help="trl, verl, openrlhf or cs336 in place of one function")
    group.addoption("--rephrase-torch", action="store_true", default=None, help="pass tensors although the module imports no torch")
    for flag in ("terms", "settings", "split", "nan", "ordinary"):
        group.addoption(f"--rephrase-{flag}", action="store_true", help=f"as verify-mine --{flag}")


def _tasks(config):
    from . import find, judge, presets, vectors
    option = config.getoption
    chosen = {f: option(f"--rephrase-{f}") for f in vectors.Choice.FLAGS}
    choice = vectors.Choice(**chosen)
    if option("--rephrase-preset"):
        preset = presets.load(option("--rephrase-preset"))
        return list(preset.tasks(option("--rephrase-impl"), choice))
    name, convention = option("--rephrase-algorithm"), option("--rephrase-convention")
    find.check_names(name, convention)
    function = find.function(option("--rephrase-impl"))
    return [judge.Task(f"{name}-{convention}", name, convention, function, with_torch=option("--rephrase-torch"), choice=choice)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session, config, items):
    if not config.getoption("--rephrase-impl") and not config.getoption("--rephrase-preset"):
        return
    try:
        tasks = _tasks(config)
    except ValueError as error:
        raise pytest.UsageError(str(error))
    parent = Vectors.from_parent(session, name="rephrase", nodeid="rephrase")
    items += [VectorItem.from_parent(parent, name=f"{task.name}[{case['id']}]", task=task, case=case) for task in tasks for case in task.cases()]


class Vectors(pytest.Collector):
    """The parent of all vectors, so that their names begin with rephrase::"""

    def collect(self):
        return []


class Difference(Exception):
    """What the report of a failing item prints."""


class VectorItem(pytest.Item):
    def __init__(self, *, task, case, **rest):
        super().__init__(**rest)
        self.task, self.case = task, case
        self.extra_keyword_matches.update(case["flags"])  # pytest -k RatioHeld

    def runtest(self):
        from . import judge
        result = self.task.run(self.case)
        if result.status != "right":
            raise Difference(judge.failure(self.task, result))

    def repr_failure(self, excinfo, style=None):
        return str(excinfo.value) if excinfo.errisinstance(Difference) else super().repr_failure(excinfo, style)

    def reportinfo(self):
        from .places import GOLDEN
        return GOLDEN / "algorithms" / f"{self.task.algorithm}.json", None, f"{self.task.name}: {self.case['id']}"


class Checker:
    """The fixture's object: compares what you computed with the C oracle on the same batch."""

    def __init__(self):
        from .oracle import Oracle
        self.oracle = Oracle()

    def check(self, loss, dlogp, batch, algorithm="grpo", convention="paper", tolerance=1e-7, **settings):
        from . import own
        text = own.compare(self.oracle, loss, dlogp, batch, algorithm, convention, tolerance, settings)
        if text:
            pytest.fail(text, pytrace=False)


@pytest.fixture(scope="session")
def rephrase():
    return Checker()
