#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes data/golden/v1/schema/*.json (JSON Schema 2020-12): the batch, the oracle's answer, a golden file of an algorithm."""
import json
import pathlib

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
CASE = {"type": "object", "required": ["id", "comment", "flags", "inputs", "expected", "tolerance"], "additionalProperties": False,
        "properties": {"id": {"type": "string"}, "comment": {"type": "string"}, "flags": {"type": "array", "items": {"type": "string"}},
                       "inputs": {"$ref": "batch.json"},
                       "expected": {"type": "object", "minProperties": 1,
                                    "propertyNames": {"enum": ["paper", "trl", "verl", "release"]}, "additionalProperties": EXPECTED},
                       "tolerance": {"type": "object", "required": ["f64", "f32"], "properties": {"f64": NUMBER, "f32": NUMBER}}}}
FILE = {"title": "Golden cases of one algorithm", "type": "object",
        "required": ["schema", "area", "subject", "source", "notes", "cases"], "additionalProperties": False,
        "properties": {"schema": {"const": "algorithm.json"}, "area": {"const": "algorithms"}, "subject": {"type": "string"},
                       "source": {"type": "object"}, "notes": {"type": "object", "additionalProperties": {"type": "string"}},
                       "cases": {"type": "array", "minItems": 1, "items": CASE}}}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, schema in (("batch", BATCH), ("answer", ANSWER), ("algorithm", FILE)):
        text = json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{name}.json", **schema}, indent=1)
        (OUT / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
