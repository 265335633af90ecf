"""The sessions that are tried: every fixture of the formats that agents resume, and a large one."""
import dataclasses
import pathlib

import carryover
import large
from common import ROOT

FORMATS = ["ggcode", "term-llm", "claude-code", "codex"]


@dataclasses.dataclass
class Case:
    name: str
    format: str
    path: pathlib.Path | None = None

    def make(self, folder):
        """Where the case's store is; the large one is made in the folder."""
        if self.path is not None:
            return self.path
        store = large.make(folder / "large")
        if self.format == "ggcode":
            return store
        carryover.convert(store, "ggcode", folder / "source", self.format, "--no-carry")
        return folder / "source"


def cases(wanted):
    """The cases whose names begin with one of the wanted; all without any.

    The large session takes its time: in formats other than ggcode it is tried when it is asked for.
    """
    found = [Case(f"large/{kind}", kind) for kind in FORMATS if wanted or kind == "ggcode"]
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
