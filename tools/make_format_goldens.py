#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden data for the formats layer: dequantised blocks, and two tiny checkpoints written by other people's libraries.

Two origins or three for every number of blocks.json: the arithmetic written out below in float64 from the description of the blocks,
and the `gguf` package (float32); with libggml-python also the C functions of llama.cpp. The script refuses to write when they
differ by one bit in float32.

    python tools/make_format_goldens.py        needs: numpy, gguf, safetensors; libggml-python if you can
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


def fifth(word, low):
    bits = int.from_bytes(word, "little")
    return [q | (bits >> j & 1) << 4 for j, q in enumerate(nibbles(low))]


def q5_0(b):
    return [half(b[:2]) * (q - 16) for q in fifth(b[2:6], b[6:])]


def q5_1(b):
    return [half(b[:2]) * q + half(b[2:4]) for q in fifth(b[4:8], b[8:])]


def pairs_of_bits(q):
    """256 two-bit numbers of 64 bytes: halves of 128, in each four runs of 32."""
    return [q[32 * (i // 128) + i % 32] >> 2 * (i // 32 % 4) & 3 for i in range(256)]


def q2_k(b):
    d, m, q = half(b[80:82]), half(b[82:84]), pairs_of_bits(b[16:80])
    return [d * (b[i // 16] & 15) * q[i] - m * (b[i // 16] >> 4) for i in range(256)]


def q3_k(b):
    d, q, packed = half(b[108:]), pairs_of_bits(b[32:96]), b[96:108]
    words = int.from_bytes(packed[:8], "little"), int.from_bytes(packed[8:], "little")
    s = []
    for j in range(16):
        low = words[0] >> (8 * (j % 8) + 4 * (j // 8)) & 15
        high = words[1] >> (8 * (j % 4) + 2 * (j // 4)) & 3
        s.append(low + 16 * high - 32)
    return [d * s[i // 16] * (q[i] - (0 if b[i % 32] >> (i // 32) & 1 else 4)) for i in range(256)]


def q5_k(b):
    d, m, packed, high, low = half(b[:2]), half(b[2:4]), b[4:16], b[16:48], b[48:]
    s = [x & 63 for x in packed[:4]] + [(packed[8 + j] & 15) + 16 * (packed[j] >> 6) for j in range(4)]
    t = [x & 63 for x in packed[4:8]] + [(packed[8 + j] >> 4) + 16 * (packed[4 + j] >> 6) for j in range(4)]
    out = []
    for k in range(8):
        run = nibbles(low[32 * (k // 2):32 * (k // 2) + 32])[32 * (k % 2):][:32]
        out += [d * s[k] * (x + 16 * (high[j] >> k & 1)) - m * t[k] for j, x in enumerate(run)]
    return out


IQ4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]


def iq4_nl(b):
    return [half(b[:2]) * IQ4[q] for q in nibbles(b[2:])]


def iq4_xs(b):
    d, high = half(b[:2]), int.from_bytes(b[2:4], "little")
    out = []
    for k in range(8):
        s = (b[4 + k // 2] >> 4 * (k % 2) & 15) + 16 * (high >> 2 * k & 3) - 32
        out += [d * s * IQ4[q] for q in nibbles(b[8 + 16 * k:24 + 16 * k])]
    return out


KINDS = {"Q8_0": (q8_0, 32, 34, [0]), "Q4_0": (q4_0, 32, 18, [0]), "Q4_1": (q4_1, 32, 20, [0, 2]),
         "Q4_K": (q4_k, 256, 144, [0, 2]), "Q6_K": (q6_k, 256, 210, [208]), "Q5_0": (q5_0, 32, 22, [0]),
         "Q5_1": (q5_1, 32, 24, [0, 2]), "Q2_K": (q2_k, 256, 84, [80, 82]), "Q3_K": (q3_k, 256, 110, [108]),
         "Q5_K": (q5_k, 256, 176, [0, 2]), "IQ4_NL": (iq4_nl, 32, 18, [0]), "IQ4_XS": (iq4_xs, 256, 136, [0])}
FIRST = ["Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"]
SCALES = {"ordinary": 0.0123, "negative": -1.5, "subnormal": 3e-6}


def blocks(rng):
    groups = []
    later = np.random.default_rng(7)  # the kinds of the second edition, so that the numbers of the first stay
    ggml = third_origin()
    for kind, (decode, values, size, halves) in KINDS.items():
        cases, source = [], rng if kind in FIRST else later
        for label, scale in SCALES.items():
            raw = bytearray(source.integers(0, 256, size, dtype=np.uint8).tobytes())
            for k, at in enumerate(halves):
                raw[at:at + 2] = np.array(scale * (1 + k), "<f2").tobytes()
            raw = bytes(raw)
            mine = np.array(decode(raw))
            theirs = gguf.quants.dequantize(np.frombuffer(raw, np.uint8), Q[kind]).reshape(-1)
            assert len(mine) == values and (mine.astype(np.float32) == theirs).all(), kind
            assert ggml is None or (ggml(kind, raw, values) == theirs).all(), kind
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
            "source": {"oracles": ["NumPy float64, written from the layout", f"gguf {gguf_version()} (float32), equal",
                                   "llama.cpp's own dequantize_row functions (package libggml-python), equal"]},
            "notes": {}, "groups": groups}


def third_origin():
    """dequantize_row of the library that llama.cpp is made of, or None where the package is not installed."""
    try:
        import ctypes
        import libggml
    except ImportError:
        print("libggml-python is not installed: two origins only")
        return None
    folder = pathlib.Path(libggml.__file__).parent / "lib64"
    library = ctypes.CDLL(str(folder / "libggml-base.so"))

    def decode(kind, raw, values):
        out = (ctypes.c_float * values)()
        row = getattr(library, "dequantize_row_" + (kind if kind.endswith("_K") else kind.lower()).replace("Q", "q"))
        row(ctypes.c_char_p(raw), out, ctypes.c_int64(values))
        return np.frombuffer(out, np.float32)
    return decode


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
