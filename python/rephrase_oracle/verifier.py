# SPDX-License-Identifier: MIT
"""The verifier: is this mathematical answer the gold answer? librephrase-verify through ctypes.

    verify("1/2", "0.5")                                  Verdict(equal=True, verdict='equal', reason='rational', ...)
    verify("5", "So it is \\boxed{5}.", response=True)    a whole response: its final answer is searched first
"""
import collections
import ctypes
import threading

from . import places
from .places import OracleError

Verdict = collections.namedtuple("Verdict", "equal verdict reason sentence certificate gold answer span offset")
_TEXTS = ("verdict", "reason", "sentence", "certificate", "gold", "answer", "span")
_thread = threading.local()  # a verifier serves one thread at a time


class _Verdict(ctypes.Structure):
    _fields_ = [("equal", ctypes.c_int)] + [(n, ctypes.c_char_p) for n in _TEXTS] + [("offset", ctypes.c_size_t)]


class Verifier:
    def __init__(self, library=None):
        self._verifier = None
        self._lib = lib = ctypes.CDLL(library or places.library("rephrase-verify"))
        text, size = ctypes.c_char_p, ctypes.c_size_t
        lib.rephrase_verifier_open.restype = ctypes.c_void_p
        lib.rephrase_verifier_close.argtypes = [ctypes.c_void_p]
        lib.rephrase_verifier_error.argtypes, lib.rephrase_verifier_error.restype = [ctypes.c_void_p], text
        lib.rephrase_verify.argtypes = [ctypes.c_void_p, text, size, text, size, ctypes.POINTER(text), ctypes.POINTER(_Verdict)]
        self._verifier = lib.rephrase_verifier_open()
        if not self._verifier:
            raise MemoryError("librephrase-verify")

    def close(self):
        if self._verifier:
            self._lib.rephrase_verifier_close(self._verifier)
            self._verifier = None

    __del__ = close

    def verify(self, gold, answer, **options):
        """Options, each True or False: response, lenient, rounded, percent_fraction, units_optional, open_box."""
        gold, answer = (x if isinstance(x, bytes) else str(x).encode("utf-8", "surrogatepass") for x in (gold, answer))
        words = [f"{k}={'on' if v else 'off'}".encode() for k, v in options.items()]
        out = _Verdict()
        if self._lib.rephrase_verify(self._verifier, gold, len(gold), answer, len(answer),
                                     (ctypes.c_char_p * (len(words) + 1))(*words, None), ctypes.byref(out)):
            raise OracleError(self._lib.rephrase_verifier_error(self._verifier).decode())
        texts = {n: getattr(out, n).decode("utf-8", "replace") for n in _TEXTS}
        return Verdict(equal=bool(out.equal), offset=out.offset, **texts)


def verify(gold, answer, **options):
    """One verdict; each thread keeps a verifier of its own."""
    if not hasattr(_thread, "verifier"):
        _thread.verifier = Verifier()
    return _thread.verifier.verify(gold, answer, **options)
