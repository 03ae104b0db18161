# SPDX-License-Identifier: MIT
"""verify-mine: is my loss the paper's loss? Runs the golden vectors against your Python function and, where it is wrong, says which
known mistake it makes.

    verify-mine --impl my_module:my_loss --algorithm grpo [--convention trl]
    verify-mine --preset trl                            TRL as it is installed; --impl my_trainer:MyGRPOTrainer for a subclass
    verify-mine --preset cs336 --impl tests/adapters.py
    verify-mine --preset cs336 --all-below homework --junit marks.xml
    verify-mine --impl my_module:my_loss --mutate my_module.py

Your function is called as my_loss(batch, settings) for every vector:

    batch      a dict of padded float64 arrays: logp, logp_old, logp_ref, entropy, value, value_old, mask, prefix (B, T) and
               reward, group (B); only what the algorithm needs. mask is 1 where a token counts; padding is 0.
    settings   a dict of the algorithm's settings (`rephrase explain grpo` says what they mean)
    returns    torch: the scalar loss; batch["logp"] requires grad, and autograd takes the gradient. NumPy: (loss, dloss/dlogp),
               the second of shape (B, T). Tensors are passed when the function's module imports torch (or with --torch).

For what lies below the loss or beside it, --kernel logprob (rope, rmsnorm, attention, swiglu, linear, embedding, norm, adamw, sampling,
correction, distillation) calls
my_function(inputs) with NumPy arrays named as in docs/golden-format.md and compares those of the outputs it returns in a dict.

Exit code 0 when every vector agrees.
"""
import argparse
import json
import pathlib
import sys

from . import find, judge, presets, vectors
from .places import OracleError, reference


def parser():
    made = argparse.ArgumentParser(prog="verify-mine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--impl", metavar="MODULE:FUNCTION", help="your loss; a file name in place of the module works too")
    made.add_argument("--algorithm", default="grpo", metavar="NAME")
    made.add_argument("--convention", default="paper", metavar="NAME")
    made.add_argument("--preset", metavar="NAME", help=f"code people have, called as it is: {', '.join(presets.names())}")
    made.add_argument("--torch", action="store_true", default=None, help="pass tensors although the module imports no torch")
    for flag, text in vectors.Choice.FLAGS.items():
        made.add_argument(f"--{flag}", action="store_true", help=text)
    made.add_argument("--kernel", metavar="NAME", help="verify a kernel in place of a loss")
    made.add_argument("--mutate", metavar="FILE", help="change one place of FILE at a time; list the changes no vector notices")
    made.add_argument("--all-below", metavar="DIR", help="with --preset: mark every submission below DIR, each in a process of its own")
    made.add_argument("--junit", metavar="FILE", help="write the results as JUnit XML")
    made.add_argument("--json", metavar="FILE", help="write the results as JSON (- is standard output)")
    made.add_argument("--seconds", type=float, default=120, help="limit for one submission (default 120)")
    made.add_argument("--memory", type=float, default=8, metavar="GIB", help="limit of address space for one submission (default 8)")
    return made


def tasks_of(args):
    choice = vectors.Choice(**{f: getattr(args, f) for f in vectors.Choice.FLAGS})
    if args.preset:
        return list(presets.load(args.preset).tasks(args.impl, choice))
    if not args.impl:
        raise OracleError("name your loss with --impl MODULE:FUNCTION, or code that people have with --preset")
    find.check_names(args.algorithm, args.convention)
    function = find.function(args.impl)
    return [judge.Task(f"{args.algorithm}-{args.convention}", args.algorithm, args.convention, function, with_torch=args.torch, choice=choice)]


def as_records(task, results):
    """Results that JSON and JUnit can hold."""
    records = []
    for r in results:
        text = "" if r.status == "right" else "\n".join(judge.explain(task, [r]))
        records.append({"task": task.name, "vector": r.case["id"], "flags": r.case["flags"], "status": r.status, "text": text})
    return records


def run_tasks(args):
    records, good = [], True
    for task in tasks_of(args):
        results = judge.judge(task)
        good &= bool(results) and all(r.status == "right" for r in results)
        label = f"{task.name} ({task.algorithm}, convention {task.convention})" if args.preset else None
        if args.json != "-":
            print(judge.report(task, results, label))
            more = {} if args.preset else vectors.left_out(task.algorithm, task.convention, task.choice)
            if more and all(r.status == "right" for r in results):
                print("  not asked: " + ", ".join(f"{n} vectors (--{flag})" for flag, n in more.items()))
        if args.json or args.junit:
            records += as_records(task, results)
    if args.json:
        text = json.dumps(records)
        print(text) if args.json == "-" else pathlib.Path(args.json).write_text(text)
    if args.junit:
        from . import classroom
        classroom.write_junit(args.junit, {args.impl or args.preset: {"records": records}})
    return 0 if good else 1


def main(words=None):
    args = parser().parse_args(words)
    try:
        if args.kernel:
            kernels = reference("kernel_mistakes")
            if args.kernel not in kernels.SUBJECTS:
                raise OracleError(f"there is no kernel {args.kernel}{find.near(args.kernel, kernels.SUBJECTS)} (there are {', '.join(kernels.SUBJECTS)})")
            return 0 if kernels.verify(find.function(args.impl or ""), args.kernel) else 1
        if args.mutate:
            from . import mutate
            return mutate.run(args)
        if args.all_below:
            from . import classroom
            return classroom.run(args)
        return run_tasks(args)
    except OracleError as error:
        print(f"verify-mine: {error}", file=sys.stderr)
        return 2


def entry():
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader has seen enough
        sys.stderr.close()
        sys.exit(1)


if __name__ == "__main__":
    entry()
