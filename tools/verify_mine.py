#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""verify-mine from a clone, without installing anything: python tools/verify_mine.py --impl my_module:my_loss --algorithm grpo

The program is python/rephrase_oracle/cli.py; docs/verify-yours.md has an example of five minutes. Needs numpy, and torch where your
function uses it.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
from rephrase_oracle.cli import entry  # noqa: E402

if __name__ == "__main__":
    entry()
