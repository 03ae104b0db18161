# SPDX-License-Identifier: MIT
"""python -m rephrase_oracle is verify-mine."""
from .cli import entry

entry()
