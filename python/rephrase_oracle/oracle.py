# SPDX-License-Identifier: MIT
"""The oracle: losses and derivatives of librephrase (double precision) on NumPy arrays.

Per-token arrays are either padded (B, T) arrays with a mask, or lists of rows of different lengths; results have the form of
`logp`. Per-row arrays (reward, group, source) have one item per row. Oracle.ask(command, document) is the JSON interface with
all commands: loss, advantage, kl, gae, adamw, list.
"""
import ctypes
import json

import numpy as np

from . import places
from .places import OracleError

_U8, _U32, _I32, _F64 = (ctypes.POINTER(t) for t in (ctypes.c_uint8, ctypes.c_uint32, ctypes.c_int32, ctypes.c_double))
_SOURCES = {"policy": 0, "expert": 1, "rephrased": 2}


class _Batch(ctypes.Structure):
    _fields_ = [("rows", ctypes.c_size_t), ("start", _U32), ("group", _U32), ("source", _U8), ("mask", _U8), ("prefix", _U8)]
    _fields_ += [(n, _F64) for n in ("logp", "logp_old", "logp_behavior", "logp_ref", "entropy", "value", "value_old", "reward")]
    _fields_ += [("parts", ctypes.c_size_t), ("reward_parts", _F64), ("topk", ctypes.c_size_t), ("topk_ids", _I32),
                 ("token_ids", _I32), ("topk_logp_behavior", _F64), ("topk_logp", _F64)]
    _fields_ += [(n, ctypes.c_size_t) for n in ("total_rows", "total_tokens", "total_expert_rows", "total_expert_tokens")]


_OUT = ("dlogp", "dentropy", "dvalue", "advantage", "weight")


class _Result(ctypes.Structure):
    _fields_ = [("loss", ctypes.c_double)] + [(n, _F64) for n in _OUT]


class Oracle:
    def __init__(self, library=None):
        self._lib = lib = ctypes.CDLL(library or places.library("rephrase"))
        lib.rephrase_open.restype = ctypes.c_void_p
        lib.rephrase_close.argtypes = [ctypes.c_void_p]
        lib.rephrase_error.argtypes, lib.rephrase_error.restype = [ctypes.c_void_p], ctypes.c_char_p
        lib.rephrase_version.restype = ctypes.c_char_p
        text, texts = ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p)
        lib.rephrase_oracle.argtypes = [ctypes.c_void_p, text, text, text, texts, text, ctypes.c_size_t]
        lib.rephrase_oracle.restype = ctypes.c_char_p
        lib.rephrase_loss.argtypes = [ctypes.c_void_p, text, text, texts, ctypes.POINTER(_Batch), ctypes.POINTER(_Result)]
        self._context = lib.rephrase_open()
        if not self._context:
            raise MemoryError("librephrase")
        self.version = lib.rephrase_version().decode()

    def close(self):
        if self._context:
            self._lib.rephrase_close(self._context)
            self._context = None

    __del__ = close

    def _error(self):
        return OracleError(self._lib.rephrase_error(self._context).decode())

    def ask(self, command, document=None, algorithm=None, convention=None, **settings):
        """The JSON interface: a dict in, a dict (or list) out."""
        data = json.dumps(document).encode() if document is not None else None
        answer = self._lib.rephrase_oracle(self._context, command.encode(), _text(algorithm), _text(convention), _texts(settings),
                                           data, len(data or b""))
        if answer is None:
            raise self._error()
        return json.loads(answer)

    def loss(self, algorithm, batch, convention=None, **settings):
        """Loss, dlogp, dentropy, dvalue, advantage, weight; arrays in the form of batch["logp"]."""
        shape = _Shape(batch)
        b, kept = _Batch(rows=shape.rows, start=_pointer(shape.start, _U32)), [shape.start]

        def put(name, array, kind):
            kept.append(array)  # the library reads it during the call
            setattr(b, name, _pointer(array, kind))

        for name, value in batch.items():
            if name in ("logp", "logp_old", "logp_behavior", "logp_ref", "entropy", "value", "value_old"):
                put(name, shape.flat(value, np.float64, name), _F64)
            elif name in ("mask", "prefix"):
                put(name, shape.flat(value, np.uint8, name), _U8)
            elif name == "reward":
                put(name, shape.per_row(value, np.float64, name), _F64)
            elif name == "rewards":
                parts = np.stack([shape.per_row(v, np.float64, name) for v in value.values()], axis=1)
                b.parts = parts.shape[1]
                put("reward_parts", np.ascontiguousarray(parts), _F64)
                if "reward" not in batch:
                    put("reward", np.ascontiguousarray(parts.sum(axis=1)), _F64)
            elif name == "group":
                labels = {g: k for k, g in enumerate(dict.fromkeys(_listed(value)))}
                put(name, shape.per_row([labels[g] for g in _listed(value)], np.uint32, name), _U32)
            elif name == "source":
                put(name, shape.per_row([_SOURCES.get(s, s) for s in value], np.uint8, name), _U8)
            elif name.startswith("total_"):
                setattr(b, name, int(value))
            else:
                raise OracleError(f"{name} is no array of a batch; top-K arrays go through ask()")
        if "group" not in batch:
            put("group", np.zeros(shape.rows, np.uint32), _U32)
        out = {n: np.zeros(max(shape.tokens, 1)) for n in _OUT}
        result = _Result(0.0, *(_pointer(out[n], _F64) for n in _OUT))
        if self._lib.rephrase_loss(self._context, algorithm.encode(), _text(convention), _texts(settings), ctypes.byref(b),
                                   ctypes.byref(result)):
            raise self._error()
        return {"loss": result.loss, **{n: shape.shaped(out[n]) for n in _OUT}}


class _Shape:
    def __init__(self, batch):
        logp = batch["logp"]
        self.padded = getattr(logp, "ndim", 0) == 2
        lengths = [logp.shape[1]] * logp.shape[0] if self.padded else [len(r) for r in logp]
        self.lengths, self.rows, self.tokens = lengths, len(lengths), sum(lengths)
        self.start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)

    def flat(self, value, dtype, name):
        rows = [np.asarray(r) for r in value]
        if [len(r) for r in rows] != self.lengths:
            raise OracleError(f"{name} does not have the shape of logp")
        return np.ascontiguousarray(np.concatenate(rows + [np.zeros(1)]).astype(dtype))

    def per_row(self, value, dtype, name):
        array = np.ascontiguousarray(np.asarray(value, dtype=dtype))
        if array.shape != (self.rows,):
            raise OracleError(f"{name} does not have one item per row")
        return array

    def shaped(self, flat):
        rows = [flat[a:b] for a, b in zip(self.start[:-1], self.start[1:])]
        return np.stack(rows) if self.padded and rows else rows


def _listed(value):
    return value.tolist() if hasattr(value, "tolist") else list(value)


def _pointer(array, kind):
    return array.ctypes.data_as(kind)


def _text(value):
    return None if value is None else value.encode()


def _texts(settings):
    words = [f"{k}={('on' if v else 'off') if isinstance(v, bool) else v}".encode() for k, v in settings.items()]
    return (ctypes.c_char_p * (len(words) + 1))(*words, None)
