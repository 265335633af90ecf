"""What the drivers of the programs share: fixtures, our own view of a session, reports."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FIXTURES = ROOT / "Fixtures"
CARRYOVER = os.environ.get("CARRYOVER_BIN", "carryover")
CACHE = pathlib.Path(os.environ.get("CARRYOVER_CACHE", pathlib.Path.home() / ".cache/carryover"))
sys.setrecursionlimit(50_000)
FORMATS = ["ggcode", "term-llm", "claude-code", "codex"]


def cases(wanted):
    """(format, name, path) of the fixtures to try."""
    found = []
    for kind in FORMATS:
        folder = FIXTURES / kind
        if not folder.is_dir():
            continue
        for case in sorted(folder.iterdir()):
            inputs = sorted(case.glob("input*"))
            if inputs:
                found.append((kind, f"{kind}/{case.name}", inputs[0]))
            elif case.name == "store" and kind == "ggcode":
                found.append((kind, f"{kind}/store", case))
            elif case.name == "store":
                found += [(kind, f"{kind}/store/{d.name}", d) for d in sorted(case.glob("*.db"))]
    return [c for c in found if not wanted or any(c[1].startswith(w) for w in wanted)]


def run(*arguments, **options):
    return subprocess.run(
        [str(a) for a in arguments], capture_output=True, text=True, errors="replace", **options)


def convert(source, kind, target, to, *options):
    """The report of a conversion; None when it did not run."""
    done = run(CARRYOVER, "convert", source, target, "--from", kind, "--to", to, "--json", *options)
    try:
        return json.loads(done.stdout)
    except ValueError:
        print(f"  {done.stderr.strip()}", file=sys.stderr)
        return None


def install(package):
    """A folder with a PyPI package, installed once; None when it cannot be had."""
    folder = CACHE / package
    if (folder / ".complete").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    done = run(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
               "--target", folder, package)
    if done.returncode != 0:
        print(f"conformance: {package} cannot be installed\n{done.stderr[-400:]}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        return None
    (folder / ".complete").write_text("")
    return folder


def effective(canonical):
    """The effective view in a canonical file: its messages in order."""
    with open(canonical, encoding="utf-8", errors="replace", newline="\n") as lines:
        records = [json.loads(line) for line in lines]
    head = next((r["head"] for r in records if r.get("record") == "session"), {})
    view = []
    for record in records:
        if record.get("effective") is False:
            continue
        if record.get("record") == "checkpoint" and "messages" in record:
            view = list(record["messages"])
        elif record.get("record") == "message" and "side-chain" not in record.get("flags", []):
            view.append(record)
    return head, view


class Report:
    """Counts cases and prints the ones that differ."""

    def __init__(self, program):
        self.program, self.passed, self.failed = program, 0, 0

    def ok(self):
        self.passed += 1

    def fail(self, case, reason):
        self.failed += 1
        print(f"✗ {self.program} {case}: {reason}", flush=True)

    def finish(self):
        print(f"{self.program}: {self.passed} sessions agree, {self.failed} do not")
        return 1 if self.failed else 0


def scratch():
    return pathlib.Path(tempfile.mkdtemp(prefix="carryover-conformance-"))
