# SPDX-License-Identifier: MIT
"""What can be wrong in your function without a vector noticing? Changes one place of a file at a time and runs the vectors.

    verify-mine --impl my_module:my_loss --algorithm grpo --mutate my_module.py

A change is a sign, a comparison, a bound, a number, min for max, sum for mean, a factor or a `.detach()` that is dropped, another key of
the batch or the settings. A change that every vector passes either changes nothing that anyone can see, or shows what the vectors do
not see; it is printed with its line. The vectors asked are those of the flags; with --settings fewer changes pass.
"""
import ast
import copy
import pathlib
import signal
import sys
import types
import warnings

from . import find, judge, vectors
from .places import OracleError

SECONDS = 20  # for one change: a loop may no longer end
BINARY = {ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div], ast.Div: [ast.Mult], ast.Pow: [ast.Mult]}
COMPARE = {ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE], ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.LtE],
           ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq]}
NAMES = {"min": ["max"], "max": ["min"], "minimum": ["maximum"], "maximum": ["minimum"], "sum": ["mean"], "mean": ["sum"],
         "exp": ["expm1"], "log": ["log1p"], "ones_like": ["zeros_like"], "zeros_like": ["ones_like"], "any": ["all"], "all": ["any"]}
SWAPPED = ["logp", "logp_old", "logp_ref", "logp_behavior"], ["epsilon", "epsilon_high"], ["value", "value_old"]


def others(text):
    """Keys that stand beside this one."""
    return [k for group in SWAPPED if text in group for k in group if k != text][:1] if text != "logp" else ["logp_old"]


def of_number(value):
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1] + ([value // 10] if abs(value) >= 10 else [])
    return [value * 2, value / 10] if value else [1.0]


def replacements(node):
    """(what takes the node's place, what the change is)"""
    made = lambda **fields: ast.copy_location(type(node)(**{**{f: getattr(node, f) for f in node._fields}, **fields}), node)
    if isinstance(node, ast.BinOp):
        yield from ((made(op=new()), "operator") for new in BINARY.get(type(node.op), []))
        if isinstance(node.op, (ast.Mult, ast.Div, ast.Add, ast.Sub)):
            yield node.left, "operand dropped"
        if isinstance(node.op, (ast.Mult, ast.Add)):
            yield node.right, "operand dropped"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)) and not isinstance(node.operand, ast.Constant):
        yield node.operand, "sign dropped"
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from ((made(ops=[new()]), "comparison") for new in COMPARE.get(type(node.ops[0]), []))
    elif isinstance(node, ast.BoolOp):
        yield made(op=ast.Or() if isinstance(node.op, ast.And) else ast.And()), "and/or"
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield from ((made(value=v), "number") for v in of_number(node.value))
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        yield from ((made(slice=ast.Constant(v)), "key") for v in others(node.slice.value))
    elif isinstance(node, ast.IfExp):
        yield node.body, "branch"
        yield node.orelse, "branch"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name = node.func.attr
        yield from ((made(func=ast.Attribute(node.func.value, v, ast.Load())), "function") for v in NAMES.get(name, []))
        if name in ("detach", "clamp", "clip", "abs", "exp", "square", "sqrt") and not isinstance(node.func.value, ast.Name):
            yield node.func.value, f"{name} dropped"
        elif name in ("detach", "clamp"):
            yield node.func.value, f"{name} dropped"


def skipped(tree):
    """Docstrings, annotations, imports and decorators change nothing that a vector can see."""
    gone = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            gone.add(node.value)
        for part in [getattr(node, "annotation", None), getattr(node, "returns", None), *getattr(node, "decorator_list", [])]:
            gone.update(ast.walk(part) if part else [])
    return gone


def reached(tree, function):
    """The functions and classes of the file that `function` can call, as nodes; other ones are not changed."""
    defined = {n.name: n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    found, names = [], [function]
    for name in names:
        if name in defined and defined[name] not in found:
            found.append(defined[name])
            names += [n.id for n in ast.walk(defined[name]) if isinstance(n, ast.Name)]
    return found


def fields(tree, function):
    """Every expression with the place that holds it: (parent, field, index or None, node)."""
    gone = skipped(tree)
    for parent in (n for top in reached(tree, function) for n in ast.walk(top)):
        for field, value in ast.iter_fields(parent):
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(node, ast.expr) and node not in gone:
                    yield parent, field, index, node


def put(parent, field, index, node):
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def mutants(text, name, function):
    """(line, kind, before, after, code) for each change; the tree is put back in between."""
    tree = ast.parse(text)
    for parent, field, index, node in list(fields(tree, function)):
        for new, kind in replacements(node):
            before, after = ast.unparse(node), ast.unparse(new)
            if before == after:
                continue
            put(parent, field, index, copy.deepcopy(new))
            try:
                yield node.lineno, kind, before, after, compile(ast.fix_missing_locations(copy.deepcopy(tree)), name, "exec")
            except (SyntaxError, ValueError):
                pass
            finally:
                put(parent, field, index, node)


class Endless(Exception):
    pass


def function_of(code, name, attribute):
    module = types.ModuleType(name)
    module.__file__ = code.co_filename
    sys.modules[name] = module
    exec(code, module.__dict__)
    return getattr(module, attribute)


def noticed(code, name, task):
    """The first vector that notices the change; None when none does."""
    def stop(*_):
        raise Endless
    limit = hasattr(signal, "setitimer")
    if limit:
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        function = function_of(code, name, task.function.__name__)
        changed = judge.Task(task.name, task.algorithm, task.convention, function, with_torch=task.with_torch, choice=task.choice)
        return next((case["id"] for case in changed.cases() if changed.run(case).status != "right"), None)
    except (Exception, Endless) as error:
        return f"({type(error).__name__})"
    finally:
        if limit:
            signal.setitimer(signal.ITIMER_REAL, 0)


def run(args):
    path = pathlib.Path(args.mutate)
    if not path.is_file():
        raise OracleError(f"there is no file {path}")
    if not args.impl:
        raise OracleError("name the function of the file with --impl MODULE:FUNCTION")
    from .cli import tasks_of
    task, = tasks_of(args)
    if not judge.judge(task) or any(r.status != "right" for r in judge.judge(task)):
        raise OracleError(f"{args.impl} does not agree with the vectors as it is: run without --mutate first")
    warnings.simplefilter("ignore")  # changed code divides by zero
    text, name = path.read_text(), find.module(args.impl.partition(":")[0]).__name__
    lived, count = [], 0
    for line, kind, before, after, code in mutants(text, str(path), task.function.__name__):
        count += 1
        if noticed(code, name, task) is None:
            lived.append((line, kind, before, after))
    for line, kind, before, after in lived:
        print(f"{path}:{line} ({kind})\n    {before}\n    {after}", flush=True)
    print(f"{count} changes of one place, {count - len(lived)} noticed by the vectors of {task.algorithm}, convention {task.convention}; {len(lived)} not")
    more = vectors.left_out(task.algorithm, task.convention, task.choice)
    if lived and more:
        print("  not asked: " + ", ".join(f"{n} vectors (--{flag})" for flag, n in more.items()))
    return 0 if not lived else 1
