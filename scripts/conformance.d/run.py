#!/usr/bin/env python3
"""Resumes what we write with the real programs and compares what they send with what we say.

usage: run.py [all|claude|codex|hermes|letta]... [-- CASE...]

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
from hermes import Hermes
from letta import Letta
from common import UNAVAILABLE, Wrong, cut, run
from model import Model

PROGRAMS = {"claude": Claude, "codex": Codex, "hermes": Hermes, "letta": Letta}
# Those that are tried when none is named; the others take seconds for each session.
USUAL = ["claude", "codex"]


class Outcome:
    """How the sessions of a case, or of all, fared with one program."""

    def __init__(self):
        self.agreed, self.refused, self.wrong = 0, 0, []

    def add(self, other):
        self.agreed += other.agreed
        self.refused += other.refused
        self.wrong += other.wrong


class Source:
    """What a case holds, in our own words."""

    def __init__(self, case, folder):
        self.path = case.make(folder)
        self.format = case.format
        self.views = carryover.views(self.path, case.format, folder / "views")
        self.listed = carryover.listed(self.path, case.format)


def try_case(case, programs, model):
    """The outcome of a case with each program, by its name."""
    outcomes = {program.name: Outcome() for program in programs}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="carryover-conformance-"))
    try:
        source = Source(case, folder)
    except Exception as problem:  # A case that fails in any way is one failure of that case.
        for program in programs:
            outcomes[program.name].wrong.append(failure(program, case.name, problem))
    else:
        for program in programs:
            place = folder / program.name
            place.mkdir()
            try_program(case.name, source, program, model, place, outcomes[program.name])
    shutil.rmtree(folder, ignore_errors=True)
    return outcomes


def failure(program, name, problem):
    if not isinstance(problem, Wrong):
        problem = f"{type(problem).__name__}: {problem}"
    return f"✗ {program.name} {name}: {cut(str(problem), 600)}"


def try_program(name, source, program, model, folder, outcome):
    workspace, resumed = folder / "workspace", {}
    store = program.store(folder) if hasattr(program, "store") else folder / "store"
    workspace.mkdir()
    try:
        report = carryover.convert(source.path, source.format, store, program.format)
        written = {s["source"]: s["target"] for s in report if s["status"] == "written"}
        is_own = source.format == program.format
        broken = carryover.findings(store, program.format) if is_own and written else {}
        for session, target in written.items():
            head, view = source.views[session]
            if not program.can_ask(target, view):
                outcome.refused += 1
                continue
            try:
                if not is_own and program.lists_at_once:
                    check_title(program, store, target, head)
                done, sent = program.resume(store, target, is_own, model, workspace)
                is_resumed = done.returncode == 0 and sent
                if broken.get(target, set()) & program.refusals:
                    outcome.refused += 1
                    if is_resumed:
                        raise Wrong("it is resumed, though we say that it is not")
                    continue
                if not is_resumed:
                    raise Wrong(f"exit code {done.returncode}: {cut(done.stderr.strip())}")
                program.compare(view, is_own, sent)
                if not is_own and not program.lists_at_once:
                    check_title(program, store, target, head)
                resumed[session] = target
            except Exception as problem:
                outcome.wrong.append(failure(program, f"{name} {session}", problem))
        if resumed:
            wrong = comeback.check(source, program, store, folder / "back", resumed)
            for session, problem in wrong.items():
                outcome.wrong.append(failure(program, f"{name} {session}", problem))
            outcome.agreed += len(resumed) - len(wrong)
    except Exception as problem:
        outcome.wrong.append(failure(program, name, problem))


def check_title(program, store, session, head):
    title = (head.get("title") or "").strip()
    is_shown, shown = program.shows(store, session, title)
    if title and not is_shown:
        raise Wrong(f"listed as {cut(shown)}, not as {cut(title)}")


def try_all(cases, programs, model):
    """Prints what is wrong, and how many sessions agree; gives the number of failures."""
    totals = {program.name: Outcome() for program in programs}
    start = time.monotonic()
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        for outcomes in pool.map(lambda case: try_case(case, programs, model), cases):
            for name, outcome in outcomes.items():
                totals[name].add(outcome)
                for line in outcome.wrong:
                    print(line, flush=True)
    for name, total in totals.items():
        print(f"{name}: {total.agreed} sessions agree, {len(total.wrong)} do not; "
              f"{total.refused} are of a kind that it does not resume")
    print(f"conformance: {time.monotonic() - start:.0f} s", flush=True)
    return sum(len(total.wrong) for total in totals.values())


def main():
    words = sys.argv[1:]
    place = words.index("--") if "--" in words else len(words)
    names, wanted = words[:place] or USUAL, words[place + 1:]
    if names == ["all"]:
        names = list(PROGRAMS)
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
            os.environ[chosen(name)] = package.choose(PROGRAMS[name].requirement)
        network.enter(way)
    cases = fixtures.cases(wanted)
    if not cases:
        print(f"conformance: no case begins with {' or '.join(wanted)}", file=sys.stderr)
        return 2
    programs = [program for program in map(prepared, names) if program]
    network.start_loopback()
    # Fixtures nest deeply.
    sys.setrecursionlimit(50_000)
    threading.stack_size(256 * 1024 * 1024)
    wrong = try_all(cases, programs, Model()) if programs else 0
    return 1 if wrong else 0 if len(programs) == len(names) else UNAVAILABLE


def chosen(name):
    """The variable by which the run without a network knows which version was installed."""
    return f"CARRYOVER_CONFORMANCE_{name.upper()}"


def prepared(name):
    """A program that is there and runs, the newest first; else says that it was not tried."""
    known = PROGRAMS[name].requirement
    for requirement in dict.fromkeys([os.environ.get(chosen(name), known), known]):
        if not package.is_installed(requirement):
            continue
        program = PROGRAMS[name](requirement)
        done = program.version() if hasattr(program, "version") else run(program.binary, "--version")
        if done.returncode == 0:
            print(f"conformance: {name} is {requirement} ({done.stdout.strip()}); "
                  f"known to work is {known}", flush=True)
            return program
        print(f"conformance: {requirement} does not run here: {cut(done.stderr.strip())}",
              file=sys.stderr)
    print(f"conformance: {name} was not tried", file=sys.stderr)
    return None


if __name__ == "__main__":
    sys.exit(main())
