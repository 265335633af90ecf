"""What our own program does and says."""
import json
import os
from decimal import Decimal

from common import Wrong, cut, run

PROGRAM = os.environ.get("CARRYOVER_BIN", "carryover")


def answer(*arguments):
    """What a command prints as JSON."""
    done = run(PROGRAM, *arguments, "--json")
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise Wrong(f"carryover {arguments[0]}: {cut(done.stderr.strip())}") from None


def convert(source, kind, target, to, *options):
    """The sessions of a conversion's report."""
    return answer("convert", source, target, "--from", kind, "--to", to, *options)["sessions"]


def listed(path, kind):
    """The sessions of a store by identifier."""
    return {s["id"]: s for s in answer("list", path, "--from", kind)["sessions"]}


def findings(path, kind):
    """The rules that sessions break, by identifier."""
    sessions = answer("validate", path, "--from", kind)["sessions"]
    return {s["id"]: {f["rule"] for f in s["findings"]} for s in sessions}


def views(source, kind, folder):
    """The head and the effective view of every session of a store, by identifier."""
    written = convert(source, kind, folder, "canonical", "--no-carry")
    found = {}
    for file in sorted(folder.glob("*.session.jsonl")):
        head, view = effective(file)
        found[head["id"]] = (head, view)
    missing = [s["source"] for s in written if s["status"] == "written" and s["target"] not in found]
    if missing:
        raise Wrong(f"no canonical form of {cut(missing)}")
    return {s["source"]: found[s["target"]] for s in written if s["status"] == "written"}


def effective(file):
    """The head and the messages in use of a canonical file, compacted ones in their place."""
    head, view = {}, []
    with open(file, encoding="utf-8", errors="replace", newline="\n") as lines:
        for line in lines:
            record = json.loads(line, parse_float=Decimal)
            if record["record"] == "session":
                head = record["head"]
            elif record.get("effective") is False:
                continue
            elif record["record"] == "checkpoint":
                # What it replaces is marked as not in use any more.
                view += record.get("messages", [])
            elif record["record"] == "message" and "side-chain" not in record.get("flags", []):
                view.append(record)
    return head, view
