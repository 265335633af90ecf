#!/usr/bin/env python3
"""Resumes what we write with the real programs and compares what they send with what we say.

usage: run.py [claude|codex]... [-- CASE...]

For every session of every case: the program resumes it (exit code 0), what it sends to its model is
our effective view, its own list shows our title; and with the turn that it added, the session comes
back to its format with the old bytes in front.
"""
import os
import pathlib
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import carryover
import comeback
import fixtures
import network
import package
from claude import Claude
from codex import Codex
from common import UNAVAILABLE, Wrong, cut
from model import Model

PROGRAMS = {"claude": Claude, "codex": Codex}


class Check:
    """One case with one program."""

    def __init__(self, program, model, case):
        self.program, self.model, self.case = program, model, case
        self.agreed, self.refused, self.wrong = 0, 0, []

    def run(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="carryover-conformance-"))
        try:
            self.all_sessions(folder)
        except Exception as problem:  # A case that fails in any way is one failure of that case.
            self.fail("", problem)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return self

    def fail(self, session, problem):
        if not isinstance(problem, (Wrong, str)):
            problem = f"{type(problem).__name__}: {problem}"
        name = f"{self.case.name} {session}".rstrip()
        self.wrong.append(f"✗ {self.program.name} {name}: {cut(str(problem), 600)}")

    def all_sessions(self, folder):
        program, case = self.program, self.case
        store, workspace = folder / "store", folder / "workspace"
        workspace.mkdir()
        is_own = case.format == program.format
        report = carryover.convert(case.path, case.format, store, program.format)
        written = {s["source"]: s["target"] for s in report if s["status"] == "written"}
        if not written:
            return
        views = carryover.views(case.path, case.format, folder / "views")
        broken = carryover.findings(store, program.format)
        resumed = {}
        for source, target in written.items():
            if not program.is_session(target):
                continue
            if broken.get(target, set()) & program.refusals:
                self.refused += 1
                continue
            try:
                self.session(store, target, *views[source], is_own, workspace)
                resumed[source] = target
            except Exception as problem:
                self.fail(source, problem)
        if resumed:
            wrong = comeback.check(program, case, store, folder / "back", resumed)
            for source, problem in wrong.items():
                self.fail(source, problem)
            self.agreed += len(resumed) - len(wrong)

    def session(self, store, target, head, view, is_own, workspace):
        done, sent = self.program.resume(store, target, is_own, self.model, workspace)
        if done.returncode != 0 or not sent:
            raise Wrong(f"exit code {done.returncode}: {cut(done.stderr.strip())}")
        self.program.compare(view, is_own, sent)
        title = (head.get("title") or "").strip()
        is_shown, shown = self.program.shows(store, target, title)
        if title and not is_shown and not is_own:
            raise Wrong(f"listed as {cut(shown)}, not as {cut(title)}")


def try_all(name, cases, model):
    program = PROGRAMS[name]()
    start = time.monotonic()
    agreed = refused = wrong = 0
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        for check in pool.map(lambda case: Check(program, model, case).run(), cases):
            agreed += check.agreed
            refused += check.refused
            wrong += len(check.wrong)
            for line in check.wrong:
                print(line, flush=True)
    seconds = time.monotonic() - start
    print(f"{name}: {agreed} sessions agree, {wrong} do not; {refused} are of a kind that it does not "
          f"resume ({seconds:.0f} s)", flush=True)
    return wrong


def main():
    words = sys.argv[1:]
    place = words.index("--") if "--" in words else len(words)
    names, wanted = words[:place] or list(PROGRAMS), words[place + 1:]
    for name in names:
        if name not in PROGRAMS:
            print(f"conformance: there is no {name}, only {', '.join(PROGRAMS)}", file=sys.stderr)
            return 2
    if not network.is_entered():
        way = network.way()
        if way is None:
            print("conformance: no right to make a network of its own", file=sys.stderr)
            return UNAVAILABLE
        for name in names:
            package.install(PROGRAMS[name].requirement)
        network.enter(way)
    had = [name for name in names if package.is_installed(PROGRAMS[name].requirement)]
    for name in names:
        if name not in had:
            print(f"conformance: {name} was not tried", file=sys.stderr)
    cases = fixtures.cases(wanted)
    if not cases:
        print(f"conformance: no case begins with {' or '.join(wanted)}", file=sys.stderr)
        return 2
    network.start_loopback()
    # Fixtures nest deeply.
    sys.setrecursionlimit(50_000)
    threading.stack_size(256 * 1024 * 1024)
    model = Model()
    wrong = sum(try_all(name, cases, model) for name in had)
    return 1 if wrong else 0 if had == names else UNAVAILABLE


if __name__ == "__main__":
    sys.exit(main())
