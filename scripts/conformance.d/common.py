"""Paths and words that everything here shares, and how processes are run."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("CARRYOVER_CACHE") or pathlib.Path.home() / ".cache/carryover")
# What each session is resumed with, and what the model answers.
PROMPT = "Say that you are there."
ANSWER = "Understood."
# Exit code: cannot be had or run here.
UNAVAILABLE = 77


class Wrong(Exception):
    """What is wrong with a session."""


def run(*command, **options):
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, errors="replace",
        stdin=subprocess.DEVNULL, **options)


def cut(value, length=200):
    """A value as text, with its middle left out when it is long."""
    text = value if isinstance(value, str) else repr(value)
    if len(text) <= length:
        return text
    return f"{text[:length // 2]}…({len(text)} characters)…{text[-length // 4:]}"


def apart(ours, sent):
    """Two values that differ, from a little before where they do."""
    a, b = repr(ours), repr(sent)
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    start = max(0, same - 60)
    lead = "…" if start else ""
    return f"ours {lead}{cut(a[start:])}, sent {lead}{cut(b[start:])}"
