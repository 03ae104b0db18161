#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden data for the formats layer: dequantised blocks, and two tiny checkpoints written by other people's libraries.

Two origins for every number of blocks.json: the arithmetic written out below in float64 from the description of the blocks,
and the `gguf` package (float32). The script refuses to write when they differ by one bit in float32.

    python tools/make_format_goldens.py        needs: numpy, gguf, safetensors
"""
import json
import pathlib

import gguf
import numpy as np
from safetensors.numpy import save_file

OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "golden" / "v1" / "formats"
Q = gguf.GGMLQuantizationType


def half(raw):
    return float(np.frombuffer(bytes(raw), "<f2")[0])


def q8_0(b):
    return [half(b[:2]) * np.int8(q).item() for q in np.frombuffer(b[2:], np.int8)]


def nibbles(raw):
    return [x & 15 for x in raw] + [x >> 4 for x in raw]


def q4_0(b):
    return [half(b[:2]) * (q - 8) for q in nibbles(b[2:])]


def q4_1(b):
    return [half(b[:2]) * q + half(b[2:4]) for q in nibbles(b[4:])]


def q4_k(b):
    d, m, packed, q = half(b[:2]), half(b[2:4]), b[4:16], b[16:]
    s = [x & 63 for x in packed[:4]] + [(packed[8 + j] & 15) + 16 * (packed[j] >> 6) for j in range(4)]
    t = [x & 63 for x in packed[4:8]] + [(packed[8 + j] >> 4) + 16 * (packed[4 + j] >> 6) for j in range(4)]
    out = []
    for pair in range(4):
        run = nibbles(q[32 * pair:32 * pair + 32])
        for half_of in range(2):
            k = 2 * pair + half_of
            out += [d * s[k] * x - m * t[k] for x in run[32 * half_of:32 * half_of + 32]]
    return out


def q6_k(b):
    low, high, d = b[:128], b[128:192], half(b[208:])
    s = np.frombuffer(b[192:208], np.int8)
    out = []
    for i in range(256):
        part, within = divmod(i, 128)
        run, j = divmod(within, 32)
        bits = low[64 * part + 32 * (run % 2) + j]
        bits = bits >> 4 if run >= 2 else bits & 15
        q = bits + 16 * (high[32 * part + j] >> (2 * run) & 3)
        out.append(d * int(s[i // 16]) * (q - 32))
    return out


KINDS = {"Q8_0": (q8_0, 32, 34, [0]), "Q4_0": (q4_0, 32, 18, [0]), "Q4_1": (q4_1, 32, 20, [0, 2]),
         "Q4_K": (q4_k, 256, 144, [0, 2]), "Q6_K": (q6_k, 256, 210, [208])}
SCALES = {"ordinary": 0.0123, "negative": -1.5, "subnormal": 3e-6}


def blocks(rng):
    groups = []
    for kind, (decode, values, size, halves) in KINDS.items():
        cases = []
        for label, scale in SCALES.items():
            raw = bytearray(rng.integers(0, 256, size, dtype=np.uint8).tobytes())
            for k, at in enumerate(halves):
                raw[at:at + 2] = np.array(scale * (1 + k), "<f2").tobytes()
            raw = bytes(raw)
            mine = np.array(decode(raw))
            theirs = gguf.quants.dequantize(np.frombuffer(raw, np.uint8), Q[kind]).reshape(-1)
            assert len(mine) == values and (mine.astype(np.float32) == theirs).all(), kind
            cases.append({"id": f"{kind}-{label}", "inputs": {"hex": raw.hex()}, "expected": {"values": mine.tolist()},
                          "tolerance": {"f32": 0, "f64": 0}})
        groups.append({"settings": {"type": kind}, "cases": cases})
    halves = np.array([0, 1, 2, 1023, 1024, 15360, 31743, 32768, 32769, 48128, 64511], "<u2")
    groups.append({"settings": {"type": "F16"}, "cases": [
        {"id": "F16-edges", "inputs": {"hex": halves.tobytes().hex()},
         "expected": {"values": halves.view("<f2").astype(float).tolist()}, "tolerance": {"f32": 0, "f64": 0}}]})
    upper = np.array([0, 1, 127, 128, 16256, 32639, 32768, 49024], "<u2")
    groups.append({"settings": {"type": "BF16"}, "cases": [
        {"id": "BF16-edges", "inputs": {"hex": upper.tobytes().hex()},
         "expected": {"values": (upper.astype("<u4") << 16).view("<f4").astype(float).tolist()},
         "tolerance": {"f32": 0, "f64": 0}}]})
    return {"schema": "formats-blocks-1", "area": "formats", "subject": "blocks of stored types as numbers",
            "source": {"oracles": ["NumPy float64, written from the layout", f"gguf {gguf_version()} (float32), equal"]},
            "notes": {}, "groups": groups}


def gguf_version():
    from importlib.metadata import version
    return version("gguf")


def tiny_gguf(rng, path):
    w = gguf.GGUFWriter(path, "llama")
    w.add_uint32("tiny.u32", 4000000000)
    w.add_int32("tiny.i32", -7)
    w.add_uint64("tiny.u64", 1 << 40)
    w.add_int8("tiny.i8", -8)
    w.add_float32("tiny.f32", 0.5)
    w.add_float64("tiny.f64", 0.1)
    w.add_bool("tiny.yes", True)
    w.add_string("tiny.text", "héllo\0nul")
    w.add_array("tiny.words", ["a", "", "ça"])
    w.add_array("tiny.numbers", [3, -1, 70000])
    expected = {}

    def put(name, array, kind):
        raw = gguf.quants.quantize(array, kind)
        back = gguf.quants.dequantize(raw, kind) if kind not in (Q.F32, Q.F16) else raw
        w.add_tensor(name, raw, raw_dtype=kind if kind not in (Q.F32, Q.F16) else None)
        expected[name] = {"type": kind.name, "shape": list(array.shape), "values": back.astype(float).reshape(-1).tolist()}

    put("plain", rng.normal(size=(2, 3)).astype(np.float32), Q.F32)
    put("half", rng.normal(size=(5,)).astype(np.float32), Q.F16)
    put("brain", rng.normal(size=(1, 2, 3)).astype(np.float32), Q.BF16)
    put("small", rng.normal(size=(2, 64)).astype(np.float32), Q.Q4_1)
    put("bytes", rng.normal(size=(3, 32)).astype(np.float32), Q.Q8_0)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    return expected


def tiny_safetensors(rng, path):
    arrays = {"double": rng.normal(size=(2, 2)), "single": rng.normal(size=(3, 1, 2)).astype(np.float32),
              "half": rng.normal(size=(4,)).astype(np.float16), "scalar": np.array(2.5, np.float32),
              "empty": np.zeros((0, 3), np.float32)}
    save_file(arrays, path, metadata={"format": "pt", "note": "two\nlines"})
    names = {"float64": "F64", "float32": "F32", "float16": "F16"}
    return {k: {"type": names[str(v.dtype)], "shape": list(v.shape), "values": v.astype(float).reshape(-1).tolist()}
            for k, v in arrays.items()}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(6)
    (OUT / "blocks.json").write_text(json.dumps(blocks(rng), indent=0) + "\n")
    files = {"tiny.gguf": tiny_gguf(rng, OUT / "tiny.gguf"),
             "tiny.safetensors": tiny_safetensors(rng, OUT / "tiny.safetensors")}
    document = {"schema": "formats-files-1", "area": "formats", "subject": "small checkpoints written by other libraries",
                "source": {"oracles": [f"gguf {gguf_version()}", "safetensors, by numpy"]}, "notes": {}, "files": files}
    (OUT / "files.json").write_text(json.dumps(document, indent=0) + "\n")


if __name__ == "__main__":
    main()
