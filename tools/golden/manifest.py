#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes data/golden/v1/MANIFEST.json: the digest of every golden file, the generators, the versions that ran last.

    python tools/golden/manifest.py            after any generator wrote files (the algorithms', kernels' and training ones do it themselves)
    python tools/golden/manifest.py --check    exit code 1 when a file is missing, unlisted or other than its digest

Needs the standard library only; a version that cannot be asked on this machine keeps its old entry. The C test `manifest` of the base
layer makes the same check.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import platform
import sys

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "data" / "golden" / "v1"
GENERATORS = ["tools/golden/generate.py", "tools/golden/generate_kernels.py", "tools/golden/generate_pieces.py", "tools/golden/generate_training.py",
              "tools/golden/generate_verify.py",
              "tools/golden/make_schema.py", "tools/golden_model.py", "tools/make_chat_goldens.py", "tools/make_format_goldens.py",
              "tools/make_text_goldens.py"]


def digests():
    files = sorted(p for p in OUT.rglob("*") if p.is_file() and p.name != "MANIFEST.json")
    return {p.relative_to(OUT).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def version(package, old):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return old.get(package)


def write():
    path = OUT / "MANIFEST.json"
    old = json.loads(path.read_text())["versions"] if path.exists() else {}
    packages = {p: version(p, old) for p in ("numpy", "torch", "transformers")}
    versions = {"python": platform.python_version(), **{p: v for p, v in packages.items() if v}}
    path.write_text(json.dumps({"format": 1, "generators": GENERATORS, "versions": versions, "files": digests()}, indent=1) + "\n")


def check():
    listed, found = json.loads((OUT / "MANIFEST.json").read_text())["files"], digests()
    for name in sorted(listed.keys() | found.keys()):
        if listed.get(name) != found.get(name):
            print(f"{name}: {'not listed' if name not in listed else 'missing' if name not in found else 'other than its digest'}")
    return listed == found


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if check() else 1)
    write()
