#!/usr/bin/env python3
"""Measures carryover against references and prints a table of medians.

Each measurement alternates with its reference, so that a change in the machine's load meets both.
The peak resident size of each process comes from wait4. A child starts as a copy of this one, so
sizes below about 15 MB mean "at most that".
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time


class Run:
    def __init__(self, seconds, peak):
        self.seconds = seconds
        self.peak = peak


def execute(command):
    """Runs a command and returns its time and peak memory; a failure ends the program."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    # 1 means findings or losses in the sessions, which is no failure here.
    if process.returncode not in (0, 1):
        sys.stderr.buffer.write(output[-4000:])
        sys.exit(f"measure: exit code {process.returncode}: {' '.join(map(str, command))}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit)


def remove(path):
    """Removes a file with SQLite's side files, or a folder."""
    for name in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal", f"{path}.idx.json",
                 f"{path}.sha256"):
        if os.path.isdir(name):
            shutil.rmtree(name)
        elif os.path.exists(name):
            os.remove(name)


def set_aside(path):
    """Removes what an earlier run made; folders only leave the way, and go when all is measured.

    Some file systems search long for a new file while others were removed a moment ago, which a
    conversion that people run does not meet. The files are emptied: the memory that holds them would
    be missing, and writing them to the disk would go on during the next run.
    """
    if os.path.isdir(path):
        for folder, _, names in os.walk(path):
            for name in names:
                os.truncate(os.path.join(folder, name), 0)
        aside = path.parent / "aside"
        aside.mkdir(exist_ok=True)
        path.rename(aside / str(len(os.listdir(aside))))
    else:
        remove(path)


class Measurement:
    """One command, the reference it is held against, and what each leaves behind."""

    def __init__(self, name, size, command, made=None, reference=None, reference_made=None):
        self.name = name
        self.size = size
        self.command = command
        self.made = made
        self.reference = reference
        self.reference_made = reference_made
        self.runs = []
        self.reference_runs = []

    def run(self, times):
        for _ in range(times):
            if self.made:
                set_aside(self.made)
            self.runs.append(execute(self.command))
            if self.reference:
                if self.reference_made:
                    set_aside(self.reference_made)
                self.reference_runs.append(execute(self.reference))

    def row(self):
        seconds = statistics.median(run.seconds for run in self.runs)
        peak = max(run.peak for run in self.runs)
        cells = [self.name, f"{self.size / 1e6:.0f}", f"{seconds:.2f}",
                 f"{self.size / seconds / 1e6:.0f}", f"{peak / 2**20:.0f}"]
        if not self.reference_runs:
            return cells + ["", "", ""]
        reference = statistics.median(run.seconds for run in self.reference_runs)
        reference_peak = max(run.peak for run in self.reference_runs)
        return cells + [f"{reference:.2f}", f"{reference_peak / 2**20:.0f}",
                        f"{seconds / reference:.2f}"]


HEADINGS = ["measurement", "MB", "s", "MB/s", "peak MiB", "reference s", "reference peak",
            "time ÷ reference"]


def print_table(rows):
    widths = [max(len(row[i]) for row in [HEADINGS] + rows) for i in range(len(HEADINGS))]
    for index, row in enumerate([HEADINGS] + rows):
        cells = [cell.ljust(width) if i == 0 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("| " + " | ".join(cells) + " |")
        if index == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def session_bytes(store):
    return sum(path.stat().st_size for path in store.rglob("*.jsonl"))


def conversions(arguments, kind, store, work):
    """Reading a ggcode store and taking it to each form and back."""
    size = session_bytes(store)
    carryover = arguments.carryover
    json_loads = [sys.executable, pathlib.Path(__file__).with_name("json_loads.py"), store]
    yield Measurement(f"{kind}: list", size, [carryover, "list", store])
    yield Measurement(f"{kind}: validate ÷ json.loads", size, [carryover, "validate", store],
                      reference=json_loads)
    canonical = work / f"{kind}-canonical"
    yield Measurement(f"{kind}: to canonical, one job ÷ json.loads", size,
                      [carryover, "convert", store, canonical, "--to", "canonical", "--jobs", "1",
                       "--quiet"],
                      made=canonical, reference=json_loads)
    set_aside(canonical)

    database = work / f"{kind}.db"
    to_database = [carryover, "convert", store, database, "--to", "term-llm", "--quiet"]
    execute(to_database)
    # The reference reads a copy: the measured conversion replaces the database.
    finished = work / f"{kind}-finished.db"
    shutil.copyfile(database, finished)
    bare = work / f"{kind}-bare.db"
    yield Measurement(f"{kind}: to term-llm ÷ bare SQLite", size, to_database, made=database,
                      reference=[arguments.bare_sqlite, finished, bare], reference_made=bare)
    yield Measurement(f"{kind}: to term-llm again (nothing to do)", size, to_database)
    back = work / f"{kind}-back"
    yield Measurement(f"{kind}: back to ggcode ÷ json.loads", size,
                      [carryover, "convert", finished, back, "--to", "ggcode", "--quiet"],
                      made=back, reference=json_loads)
    for path in (database, finished, bare, back):
        set_aside(path)


def backups(arguments, kind, store, work):
    """Backing a ggcode store up, against what the usual tools take for the same files."""
    size = session_bytes(store)
    carryover = arguments.carryover
    bundle, plain = work / f"{kind}.tar.gz", work / f"{kind}-plain.tar.gz"
    yield Measurement(f"{kind}: backup ÷ tar | gzip -6", size,
                      [carryover, "backup", store, bundle, "--jobs", "2", "--quiet"], made=bundle,
                      reference=["sh", "-c", f"tar c -C '{store}' . | gzip -6 >'{plain}'"],
                      reference_made=plain)
    print(f"{kind}: the bundle has {bundle.stat().st_size} bytes, "
          f"tar and gzip make {plain.stat().st_size}")
    yield Measurement(f"{kind}: verify ÷ gzip -dc | sha256sum", size,
                      [carryover, "verify", bundle],
                      reference=["sh", "-c", f"gzip -dc '{bundle}' | sha256sum"])
    session = sorted(store.glob("*.jsonl"))[0].stem
    one, whole = work / f"{kind}-one", work / f"{kind}-whole"
    yield Measurement(f"{kind}: restore one session ÷ all", size,
                      [carryover, "restore", bundle, one, "--session", session, "--quiet"],
                      made=one, reference=[carryover, "restore", bundle, whole, "--quiet"],
                      reference_made=whole)
    for path in (bundle, plain, one, whole):
        set_aside(path)
    yield from repeated_backups(arguments, kind, store, work)


def repeated_backups(arguments, kind, store, work):
    """The proof of a backup, and what is done once more when there is nothing to do."""
    size = session_bytes(store)
    carryover = arguments.carryover
    bundle, unproven = work / f"{kind}-proven.tar.gz", work / f"{kind}-unproven.tar.gz"
    backup = [carryover, "backup", store]
    yield Measurement(f"{kind}: backup with proof ÷ without", size, backup + [bundle, "--quiet"],
                      made=bundle, reference=backup + [unproven, "--quiet", "--no-proof"],
                      reference_made=unproven)
    there, whole = work / f"{kind}-there", work / f"{kind}-restored"
    execute([carryover, "restore", bundle, there, "--quiet"])
    yield Measurement(f"{kind}: restore again ÷ first time", size,
                      [carryover, "restore", bundle, there, "--quiet"],
                      reference=[carryover, "restore", bundle, whole, "--quiet"],
                      reference_made=whole)
    vault, first = work / f"{kind}-vault", work / f"{kind}-first-vault"
    execute(backup + [vault, "--quiet"])
    yield Measurement(f"{kind}: vault again ÷ first time", size, backup + [vault, "--quiet"],
                      reference=backup + [first, "--quiet"], reference_made=first)
    vault_size = sum(path.stat().st_size for path in vault.rglob("*") if path.is_file())
    print(f"{kind}: the vault is {vault_size / bundle.stat().st_size:.3f} times the archive")
    for path in (bundle, unproven, there, whole, vault, first):
        set_aside(path)


def between_agents(arguments, kind, store, work):
    """A Claude Code session to Codex and back."""
    size = session_bytes(store)
    carryover = arguments.carryover
    json_loads = [sys.executable, pathlib.Path(__file__).with_name("json_loads.py"), store]
    codex, back = work / f"{kind}-codex", work / f"{kind}-back"
    yield Measurement(f"{kind}: to codex ÷ json.loads", size,
                      [carryover, "convert", store, codex, "--to", "codex", "--quiet"],
                      made=codex, reference=json_loads)
    yield Measurement(f"{kind}: back from codex ÷ json.loads", size,
                      [carryover, "convert", codex, back, "--to", "claude-code", "--quiet"],
                      made=back, reference=json_loads)
    for path in (codex, back):
        set_aside(path)


def again(arguments, kind, store, work):
    """Many sessions of Claude Code to each tool once more, when there is nothing to do."""
    size = session_bytes(store)
    for target, name in (("codex", "codex"), ("ggcode", "ggcode"), ("term-llm", "db")):
        there, first = work / f"{kind}-there.{name}", work / f"{kind}-first.{name}"
        convert = [arguments.carryover, "convert", store]
        options = ["--to", target, "--quiet"]
        execute(convert + [there] + options)
        yield Measurement(f"{kind}: to {target} again ÷ first time", size,
                          convert + [there] + options,
                          reference=convert + [first] + options, reference_made=first)
        set_aside(there)
        set_aside(first)


def measurements(arguments, kind):
    store = arguments.cache / f"{kind}-{arguments.percent}"
    work = arguments.cache / "work"
    if kind == "claude-many":
        yield from again(arguments, kind, store, work)
        yield from repeated_backups(arguments, kind, store, work)
        return
    if kind.startswith("claude"):
        yield from between_agents(arguments, kind, store, work)
        return
    yield from conversions(arguments, kind, store, work)
    if kind == "ordinary":
        yield from backups(arguments, kind, store, work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--carryover", type=pathlib.Path, required=True)
    parser.add_argument("--bare-sqlite", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--percent", type=int, required=True)
    parser.add_argument("--times", type=int, required=True)
    parser.add_argument("kinds", nargs="+")
    arguments = parser.parse_args()

    work = arguments.cache / "work"
    remove(work)
    work.mkdir()
    rows = []
    for kind in arguments.kinds:
        for measurement in measurements(arguments, kind):
            print(f"measuring {measurement.name}", file=sys.stderr, flush=True)
            measurement.run(arguments.times)
            rows.append(measurement.row())
    remove(work)
    print_table(rows)


if __name__ == "__main__":
    main()
