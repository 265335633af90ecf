"""The sessions that are tried: every fixture of the formats that agents resume, and a large one."""
import dataclasses
import pathlib

from common import ROOT

FORMATS = ["ggcode", "term-llm", "claude-code", "codex"]


@dataclasses.dataclass
class Case:
    name: str
    format: str
    path: pathlib.Path


def cases(wanted):
    """The cases whose names begin with one of the wanted; all without any."""
    found = []
    for kind in FORMATS:
        for folder in sorted((ROOT / "Fixtures" / kind).iterdir()):
            name = f"{kind}/{folder.name}"
            inputs = sorted(folder.glob("input*"))
            if inputs:
                found.append(Case(name, kind, inputs[0]))
            elif folder.name == "store":
                files = sorted(folder.glob("*.db"))
                found += [Case(f"{name}/{file.name}", kind, file) for file in files]
                if not files:
                    found.append(Case(name, kind, folder))
    return [case for case in found if not wanted or case.name.startswith(tuple(wanted))]
