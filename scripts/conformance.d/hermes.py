"""Hermes Agent: how a session is resumed, what it sends, what its list shows."""
import os
import sqlite3
import sys

import chat_view
import package
from common import PROMPT, run

REQUIREMENT = "hermes-agent==0.19.0"
SETTINGS = """model:
  default: mock
  provider: custom
  base_url: {}/v1
  api_key: none
  supports_vision: true
agent:
  image_input_mode: native
"""


class Hermes:
    name = "hermes"
    format = "hermes"
    requirement = REQUIREMENT
    # The model that answers.
    model = "mock"
    refusals = set()
    lists_at_once = True

    def __init__(self, requirement):
        self.folder = package.folder(requirement)
        self.binary = self.folder / "bin/hermes"

    def version(self):
        return run(sys.executable, self.binary, "--version",
                   env={"PATH": os.environ["PATH"], "PYTHONPATH": str(self.folder)})

    def store(self, folder):
        return folder / "home/.hermes/state.db"

    def can_ask(self, session, view):
        """Whether a session can be asked for: it says that others are empty."""
        return bool(chat_view.expected(view))

    def environment(self, store):
        return {
            "PATH": os.environ["PATH"], "HOME": str(store.parents[1]), "NO_COLOR": "1",
            "PYTHONPATH": str(self.folder), "COLUMNS": "400",
        }

    def resume(self, store, session, is_own, model, workspace):
        """What the program prints and the conversations that it sends."""
        address, sent = model.address()
        (store.parent / "config.yaml").write_text(SETTINGS.format(address))
        done = run(sys.executable, self.binary, "chat", "-q", PROMPT, "-Q", "--resume", session,
                   env=self.environment(store), cwd=workspace, timeout=180)
        return done, [body["messages"] for body in sent if body.get("tools")]

    def compare(self, view, is_own, sent):
        """Says what is wrong with the last conversation that was sent."""
        theirs = chat_view.sent_turns(sent[-1], lambda text: False, ("[Result unavailable",))
        chat_view.compare(chat_view.expected(view), theirs)

    def shows(self, store, session, title):
        """Whether its list has a session under a title, of which it shows the beginning.

        Archived ones and those of helpers are not in the list.
        """
        with sqlite3.connect(store) as database:
            is_hidden, = database.execute(
                "SELECT archived OR parent_session_id IS NOT NULL OR model_config IS NOT NULL"
                " FROM sessions WHERE id = ?", (session,)).fetchone()
        if is_hidden:
            return True, title
        done = run(sys.executable, self.binary, "sessions", "list", "--limit", "1000",
                   env=self.environment(store), timeout=180)
        line = next((l for l in done.stdout.splitlines() if l.rstrip().endswith(session)), None)
        shown = plain((line or "").split("  ")[0])
        return line is not None and shown != "" and plain(title).startswith(shown), line


def plain(title):
    """A title's letters and digits, as control characters and marks are left out in the list."""
    return "".join(c for c in title if c.isalnum())
