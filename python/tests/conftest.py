# SPDX-License-Identifier: MIT
"""The package is tested as its users meet it: as programs and through its public names."""
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
collect_ignore_glob = ["cs336/*", "pages/*"]


@pytest.fixture
def run(tmp_path):
    """verify-mine in a folder of its own: run(words, files) -> (exit code, output)."""
    def call(*words, module="rephrase_oracle", **files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        done = subprocess.run([sys.executable, "-m", module, *words], cwd=tmp_path, capture_output=True, text=True, timeout=300,
                              env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        return done.returncode, done.stdout + done.stderr
    call.folder = tmp_path
    return call
