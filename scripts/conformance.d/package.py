"""Programs from PyPI, installed once into the cache."""
import os
import re
import shutil
import sys

from common import CACHE, cut, run


def folder(requirement):
    return CACHE / requirement


def is_installed(requirement):
    return (folder(requirement) / ".complete").exists()


def newest(known):
    """The newest version of a package that there is; the known one where that cannot be told."""
    name = known.partition("==")[0]
    done = run(sys.executable, "-m", "pip", "index", "versions", "--disable-pip-version-check", name)
    found = re.match(r"\S+ \((\S+)\)", done.stdout)
    return f"{name}=={found[1]}" if done.returncode == 0 and found else known


def choose(known):
    """Installs the newest version that can be had, else the one that is known to work; gives which."""
    for requirement in dict.fromkeys([newest(known), known]):
        if install(requirement):
            return requirement
    return known


def install(requirement):
    """Whether a package is there now; says why not."""
    if is_installed(requirement):
        return True
    aside = CACHE / f"{requirement}.{os.getpid()}"
    done = run(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
               "--retries", "1", "--target", aside, requirement)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        print(f"conformance: {requirement} cannot be had: {cut(last)}", file=sys.stderr)
        shutil.rmtree(aside, ignore_errors=True)
        return False
    (aside / ".complete").touch()
    shutil.rmtree(folder(requirement), ignore_errors=True)
    aside.rename(folder(requirement))
    return True
