#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes data/golden/v1/schema/*.json (JSON Schema 2020-12): the batch, the oracle's answer, golden files of algorithms, of kernels
and of training.

    python tools/golden/make_schema.py            write
    python tools/golden/make_schema.py --check    validate every golden file that names one of these schemas (needs jsonschema)
"""
import json
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "data" / "golden" / "v1" / "schema"
NUMBER = {"type": "number"}
RAGGED = {"type": "array", "minItems": 1, "items": {"type": "array", "items": NUMBER}}
BITS = {"type": "array", "items": {"type": "array", "items": {"enum": [0, 1, True, False]}}}
LIST = {"type": "array", "items": NUMBER}
COUNT = {"type": "integer", "minimum": 0}
TOPK = {"type": "object", "additionalProperties": False, "required": ["ids", "logp_behavior", "logp", "token_ids"],
        "properties": {"ids": {"type": "array"}, "logp_behavior": {"type": "array"}, "logp": {"type": "array"}, "token_ids": RAGGED}}
BATCH = {
    "title": "A batch, as rephrase oracle loss reads it", "type": "object", "required": ["logp"], "additionalProperties": False,
    "properties": {
        **{k: RAGGED for k in ("logp", "logp_old", "logp_behavior", "logp_ref", "logp_detached", "entropy", "value", "value_old")},
        "mask": BITS, "prefix": BITS, "reward": LIST, "rewards": {"type": "object", "minProperties": 1, "additionalProperties": LIST},
        "group": {"type": "array", "items": {"type": ["integer", "string"]}},
        "source": {"type": "array", "items": {"enum": ["policy", "expert", "rephrased"]}}, "topk": TOPK,
        **{k: COUNT for k in ("total_rows", "total_tokens", "total_expert_rows", "total_expert_tokens")},
        "settings": {"type": "object", "additionalProperties": {"type": ["number", "string", "boolean"]}}}}
ANSWER = {
    "title": "What rephrase oracle loss writes", "type": "object", "additionalProperties": False,
    "required": ["loss", "advantage", "weight", "dlogp", "dentropy", "dvalue", "metrics"],
    "properties": {"loss": NUMBER, **{k: RAGGED for k in ("advantage", "weight", "dlogp", "dentropy", "dvalue")},
                   "metrics": {"type": "object", "additionalProperties": NUMBER}}}
EXPECTED = {"type": "object", "required": ["loss", "advantage", "dlogp"], "additionalProperties": False,
            "properties": {"loss": NUMBER, **{k: RAGGED for k in ("advantage", "dlogp", "dentropy", "dvalue")}}}
TOLERANCE = {"type": "object", "required": ["f64", "f32"], "additionalProperties": False, "properties": {"f64": NUMBER, "f32": NUMBER}}
CASE = {"type": "object", "required": ["id", "comment", "flags", "inputs", "expected", "tolerance"], "additionalProperties": False,
        "properties": {"id": {"type": "string"}, "comment": {"type": "string"}, "flags": {"type": "array", "items": {"type": "string"}},
                       "inputs": {"$ref": "batch.json"},
                       "expected": {"type": "object", "minProperties": 1,
                                    "propertyNames": {"enum": ["paper", "trl", "verl", "release"]}, "additionalProperties": EXPECTED},
                       "tolerance": TOLERANCE}}
FILE = {"title": "Golden cases of one algorithm", "type": "object",
        "required": ["schema", "area", "subject", "source", "notes", "cases"], "additionalProperties": False,
        "properties": {"schema": {"const": "algorithm.json"}, "area": {"const": "algorithms"}, "subject": {"type": "string"},
                       "source": {"type": "object"}, "notes": {"type": "object", "additionalProperties": {"type": "string"}},
                       "cases": {"type": "array", "minItems": 1, "items": CASE}}}


NUMBERS = {"anyOf": [NUMBER, {"type": "array", "items": {"$ref": "#/$defs/numbers"}}]}  # nested lists; their depth is the array's rank
KERNEL_CASE = {**CASE, "properties": {**CASE["properties"], "inputs": {"type": "object", "minProperties": 1, "additionalProperties": {
    "anyOf": [{"$ref": "#/$defs/numbers"}, {"type": "boolean"},
              {"type": "object", "additionalProperties": {"type": ["number", "string"]}}]}},
    "expected": {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/numbers"}}}}
KERNEL = {**FILE, "title": "Golden cases of one kernel", "$defs": {"numbers": NUMBERS},
          "properties": {**FILE["properties"], "schema": {"const": "kernel.json"}, "area": {"enum": ["kernels", "pieces"]},
                         "cases": {"type": "array", "minItems": 1, "items": KERNEL_CASE}}}
IDS = {"type": "array", "minItems": 1, "items": COUNT}
ROW = {"type": "object", "additionalProperties": False, "required": ["prompt", "response", "group", "source", "reward", "mask"],
       "properties": {"prompt": IDS, "response": IDS, "group": COUNT, "source": {"enum": ["policy", "expert"]}, "reward": NUMBER,
                      "mask": {"type": "array", "items": {"enum": [0, 1]}}}}
TRACE_INPUTS = {"type": "object", "additionalProperties": False,
                "required": ["model", "algorithm", "convention", "settings", "updates", "minibatches", "temperature", "optimizer", "steps"],
                "properties": {"model": {"type": "string"}, "algorithm": {"type": "string"}, "convention": {"type": "string"},
                               "settings": {"type": "object"}, "updates": COUNT, "minibatches": COUNT, "temperature": NUMBER,
                               "optimizer": {"type": "object", "additionalProperties": {"type": ["number", "string"]}},
                               "steps": {"type": "array", "items": {"type": "array", "minItems": 1, "items": ROW}}}}
COLUMNS = ("loss", "grad_norm", "learning_rate", "weight_sum", "weight_norm")
TRACE_CASE = {**CASE, "properties": {**CASE["properties"], "inputs": TRACE_INPUTS, "expected": {
    "type": "object", "additionalProperties": False, "required": [*COLUMNS, "weights"],
    "properties": {**{k: LIST for k in COLUMNS}, "weights": {"type": "string"}}}}}
TRAINING = {**FILE, "title": "Golden traces of training steps",
            "properties": {**FILE["properties"], "schema": {"const": "training.json"}, "area": {"const": "training"},
                           "cases": {"type": "array", "minItems": 1, "items": TRACE_CASE}}}
ALL = {"batch": BATCH, "answer": ANSWER, "algorithm": FILE, "kernel": KERNEL, "training": TRAINING}


def check():
    import jsonschema
    import referencing
    schemas = {p.name: json.loads(p.read_text()) for p in OUT.glob("*.json")}
    registry = referencing.Registry().with_resources((name, referencing.Resource.from_contents(s)) for name, s in schemas.items())
    count = 0
    for path in sorted(OUT.parent.glob("*/*.json")):
        document = json.loads(path.read_text())
        name = document.get("schema") if isinstance(document, dict) else None
        if name in schemas and path.parent != OUT:
            jsonschema.Draft202012Validator(schemas[name], registry=registry).validate(document)
            count += 1
    print(f"{count} files are valid")


def main():
    if "--check" in sys.argv:
        check()
        return
    OUT.mkdir(parents=True, exist_ok=True)
    for name, schema in ALL.items():
        text = json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{name}.json", **schema}, indent=1)
        (OUT / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
