# SPDX-License-Identifier: MIT
"""The wheel: Meson builds the two shared libraries from the sources beside this folder; the golden vectors and the known mistakes
are copied from where they live (data/golden, tools). Nothing of them is kept twice in the repository.

The wheel is for one platform and any Python 3: the libraries are opened with ctypes and link to no Python. It is built without
BLAS and OpenMP, which change no bit of the oracle. tools/wheel builds it and makes it fit other Linux machines (auditwheel).
"""
import os
import pathlib
import re
import shutil
import subprocess

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.dist import Distribution

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70.1
    from wheel.bdist_wheel import bdist_wheel

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARIES = ("rephrase", "rephrase-verify")
REFERENCE = ["tools/*_mistakes.py", "tools/golden/oracle_numpy.py", "tools/golden/conventions.py", "tools/golden/draws.py",
             "tools/golden/kernels_numpy.py", "tools/golden/pieces_numpy.py", "data/golden/v1/algorithms/*.json", "data/golden/v1/kernels/*.json",
             "data/golden/v1/pieces/*.json", "LICENSE"]
FLAGS = ["--buildtype=release", "-Dtests=false", "-Dblas=disabled", "-Dopenmp=disabled"]


def version():
    return re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text()).group(1)


def build_libraries(into, work):
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "build.ninja").exists():
        subprocess.run(["meson", "setup", *FLAGS, str(work), str(ROOT)], check=True)
    targets = subprocess.run(["ninja", "-C", str(work), "-t", "targets", "all"], check=True, capture_output=True, text=True).stdout
    for name in LIBRARIES:
        found = re.search(rf"^(src/capi/(?:lib)?{name}(?:-\d+)?\.(?:so[.\d]*|[.\d]*dylib|dll)): c_LINKER", targets, re.M)
        subprocess.run(["ninja", "-C", str(work), found.group(1)], check=True)
        suffix = ".dll" if ".dll" in found.group(1) else ".dylib" if "dylib" in found.group(1) else ".so"
        shutil.copy2(work / found.group(1), into / f"lib{name}{suffix}")


class Build(build_py):
    def run(self):
        super().run()
        if getattr(self, "editable_mode", False):
            return  # in place the package finds the build directory, tools and data of the repository
        package = pathlib.Path(self.build_lib) / "rephrase_oracle"
        (package / "_lib").mkdir(parents=True, exist_ok=True)
        build_libraries(package / "_lib", pathlib.Path(os.environ.get("REPHRASE_WHEEL_BUILD", self.build_lib)).resolve().parent / "meson")
        for pattern in REFERENCE:
            for source in sorted(ROOT.glob(pattern)):
                target = package / "_repository" / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)


class Wheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


class WithLibraries(Distribution):
    def has_ext_modules(self):
        return True


setup(version=version(), cmdclass={"build_py": Build, "bdist_wheel": Wheel}, distclass=WithLibraries)
