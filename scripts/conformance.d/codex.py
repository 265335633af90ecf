"""Codex: how a session is resumed, what it sends, what its picker shows.

The comparison is item by item. CONVERSIONS.md lists the exceptions.
"""
import json
import os
import sqlite3

import codex_view
import package
from common import PROMPT, run

# The version that is known to work; the newest is tried first.
REQUIREMENT = "openai-codex-cli-bin==0.163.0"


class Codex:
    name = "codex"
    format = "codex"
    requirement = REQUIREMENT
    # The model that answers.
    model = "mock"
    # Our findings that say that the program does not resume a session of its own.
    refusals = {
        "codex.meta-first", "codex.layout", "codex.history-mode", "codex.file-name", "codex.utf8",
        "codex.history-base",
    }
    # Its picker takes threads from a database that the program fills when it starts.
    lists_at_once = False

    def __init__(self, requirement):
        folder = package.folder(requirement) / "codex_cli_bin/bin"
        self.binary = folder / "codex"
        for file in folder.iterdir():
            file.chmod(0o755)

    def can_ask(self, session, view):
        """Whether a session can be asked for: not the earlier part of one in two files."""
        return len(session) == 36

    def resume(self, store, session, is_own, model, workspace):
        """What the program prints and the conversations that it sends."""
        address, sent = model.address()
        settings = {
            "model_provider": "mock", "model": self.model, "model_providers.mock.name": "mock",
            "model_providers.mock.base_url": f"{address}/v1",
            "model_providers.mock.env_key": "MOCK_KEY",
            "model_providers.mock.wire_api": "responses",
            "model_providers.mock.request_max_retries": "0",
            # Both only wait for answers from the net.
            "analytics.enabled": "false", "features.plugins": "false",
        }
        options = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
        home = workspace.parent / "home"
        home.mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "CODEX_HOME": str(store),
                       "MOCK_KEY": "none"}

        def codex(*words):
            return run(self.binary, *words, env=environment, cwd=workspace, timeout=180)

        is_archived = any((store / "archived_sessions").glob(f"*{session}.jsonl"))
        if is_archived:
            # As the program itself demands.
            codex("unarchive", session)
        done = codex("exec", "--skip-git-repo-check", *options, "resume", session, PROMPT)
        if is_archived:
            codex("archive", session)
        return done, [body["input"] for body in sent]

    def compare(self, view, is_own, sent):
        """Says what is wrong with the first conversation that was sent."""
        codex_view.compare(view, is_own, sent[0])

    def shows(self, store, session, title):
        """Whether the picker lists a session under a title; and what it shows."""
        shown = self.shown(store, session)
        # A title that is only the beginning of the first prompt is not written: the prompt is shown.
        line = next(iter((shown or "").strip().splitlines()), "").strip()
        return shown is not None and (
            shown.strip() == title or line == title
            or (title.endswith("…") and line.startswith(title[:-1]))), shown

    def shown(self, store, session):
        with sqlite3.connect(store / "state_5.sqlite") as database:
            row = database.execute(
                "SELECT name, title, preview FROM threads WHERE id = ?", (session,)).fetchone()
        if row is None or not row[2]:
            return None
        return row[0] or named(store, session) or row[1]


def named(store, session):
    """The last name in the file that the picker takes names from."""
    index = store / "session_index.jsonl"
    name = None
    for line in index.read_text().splitlines() if index.exists() else []:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry["id"] == session and entry["thread_name"].strip():
            name = entry["thread_name"]
    return name
