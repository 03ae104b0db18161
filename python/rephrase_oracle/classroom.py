# SPDX-License-Identifier: MIT
"""A class's homework: every submission below a folder is marked in a process of its own, with limits of time and memory.

A submission that hangs, dies or fills the memory is marked as such and stops nobody else. The limits are no sandbox: the code of a
submission runs as you. For code you do not trust, run this in a container.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

from .places import PACKAGE, OracleError


def submissions(folder):
    """Folders with an adapters.py, outermost first; a submission inside another one is not counted again."""
    found = []
    for path in sorted(pathlib.Path(folder).rglob("adapters.py")):
        root = path.parent.parent if path.parent.name == "tests" else path.parent
        if not any(part.startswith(".") or part in ("site-packages", "node_modules") for part in path.relative_to(folder).parts) and root not in found:
            found.append(root)
    return found


def limited(memory, seconds):
    """Called in the child before it starts."""
    def limit():
        import resource
        size = int(memory * 2 ** 30)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return limit if os.name == "posix" else None


def mark(args, root):
    """{"records": ...} of one submission, or {"error": why}."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "results.json")
        words = [sys.executable, "-m", "rephrase_oracle", "--preset", args.preset, "--impl", str(root.resolve()), "--json", str(out)]
        words += [f"--{flag}" for flag in ("ordinary", "nan") if getattr(args, flag)]
        path = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen(words, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True, preexec_fn=limited(args.memory, args.seconds))
        try:
            said, _ = process.communicate(timeout=args.seconds)
        except subprocess.TimeoutExpired:
            kill(process)
            return {"error": f"was stopped after {args.seconds:g} s"}
        finally:
            kill(process)
        try:
            records = json.loads(out.read_text())
        except (OSError, ValueError):
            lines = [x for x in said.decode("utf-8", "replace").strip().split("\n") if x]
            return {"error": ended(process.returncode) + (f": {lines[-1][:300]}" if lines else "")}
        return {"records": records}


def ended(code):
    if code < 0:
        return f"was ended by {signal.Signals(-code).name} (time or memory)" if -code in (signal.SIGKILL, signal.SIGXCPU) else f"died of {signal.Signals(-code).name}"
    return "gave no result"


def kill(process):
    """The submission and what it started."""
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
    elif process.poll() is None:
        process.kill()
    process.wait()


def mistakes(records):
    """The known mistakes that are named, each once."""
    found = re.findall(r"matches ([MKP]\d+): ([^\n]+)", "\n".join(r["text"] for r in records))
    return sorted(dict(found).items())


def summary(name, result):
    if "error" in result:
        return f"{name}: {result['error']}"
    records = result["records"]
    tasks = {}
    for r in records:
        tasks.setdefault(r["task"], []).append(r)
    right = sum(r["status"] == "right" for r in records)
    lines = [f"{name}: {right} of {len(records)} vectors"]
    for task, rows in tasks.items():
        bad = [r for r in rows if r["status"] != "right"]
        if bad:
            lines.append(f"  {task}: {len(rows) - len(bad)} of {len(rows)}")
            hits = {ident: sum(f"matches {ident}:" in r["text"] for r in bad) for ident, _ in mistakes(bad)}
            most = max(hits.values(), default=0)
            named = [f"    {ident} on {hits[ident]}: {title}" for ident, title in mistakes(bad) if hits[ident] == most and 2 * most >= len(bad)]
            lines += named or ["    " + bad[0]["text"].strip().split("\n")[0].strip()]
    return "\n".join(lines)


def plain(text):
    """XML 1.0 has no control characters."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


def write_junit(path, results):
    suites = xml.Element("testsuites")
    for name, result in results.items():
        records = result.get("records", [])
        bad = sum(r["status"] != "right" for r in records)
        suite = xml.SubElement(suites, "testsuite", name=plain(str(name)), tests=str(len(records) + ("error" in result)), failures=str(bad),
                               errors=str(int("error" in result)), skipped="0")
        if "error" in result:
            case = xml.SubElement(suite, "testcase", classname="submission", name="runs")
            xml.SubElement(case, "error", message=plain(result["error"]))
        for r in records:
            case = xml.SubElement(suite, "testcase", classname=plain(r["task"]), name=plain(r["vector"]))
            if r["status"] != "right":
                text = plain(r["text"].strip())
                xml.SubElement(case, "failure", message=text.split("\n")[0]).text = text
    xml.ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)


def run(args):
    if args.preset != "cs336":
        raise OracleError("--all-below marks submissions of --preset cs336")
    if not pathlib.Path(args.all_below).is_dir():
        raise OracleError(f"{args.all_below} is no folder")
    found = submissions(args.all_below)
    if not found:
        raise OracleError(f"no adapters.py lies below {args.all_below}")
    results = {}
    for root in found:
        name = root.relative_to(args.all_below).as_posix()
        results[name] = mark(args, root)
        print(summary(name, results[name]), flush=True)
    if args.junit:
        write_junit(args.junit, results)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(results))
    good = sum("records" in r and bool(r["records"]) and all(x["status"] == "right" for x in r["records"]) for r in results.values())
    print(f"{len(results)} submissions, {good} agree with every vector")
    return 0 if good == len(results) else 1
