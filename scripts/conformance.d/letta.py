"""Letta Code, its local backend: how a conversation is resumed, what it sends, what its list shows.

Reasoning with a signature of another provider goes out in front of the text. Pictures are left out for a
model of which it does not know that it sees.
"""
import json
import os
import sys

import chat_view
import package
from common import PROMPT, run

REQUIREMENT = "letta==0.34.12"
# What it says in the place of a result that is missing.
PLACEHOLDERS = ("Tool return not available", "automatically closed", "[Tool")


class Letta:
    name = "letta"
    format = "letta-code"
    requirement = REQUIREMENT
    model = "mock"
    provider = "openai-compatible"
    refusals = set()
    lists_at_once = True

    def __init__(self, requirement):
        self.folder = package.folder(requirement)
        self.binary = self.folder / "bin/letta"

    def version(self):
        return run(sys.executable, self.binary, "--version",
                   env={"PATH": os.environ["PATH"], "PYTHONPATH": str(self.folder)})

    def store(self, folder):
        return folder / "home/.letta/lc-local-backend"

    def can_ask(self, session, view):
        return True

    def call(self, store, *words, **options):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(store.parents[1]), "NO_COLOR": "1",
            "PYTHONPATH": str(self.folder),
        }
        return run(sys.executable, self.binary, *words, env=environment, timeout=180, **options)

    def resume(self, store, session, is_own, model, workspace):
        """What the program prints and the conversations that it sends."""
        address, sent = model.address()
        # Without this `connect` talks to Letta's own servers.
        self.call(store, "backend", "local", cwd=workspace)
        self.call(store, "connect", "openai-compatible", "--base-url", address + "/v1",
                  "--api-key", "none", cwd=workspace)
        done = self.call(store, "--backend", "local", "-p", PROMPT, "--conversation", session,
                         "-m", "openai-compatible/mock", cwd=workspace)
        return done, [body["messages"] for body in sent if body.get("tools")]

    def compare(self, view, is_own, sent):
        """Says what is wrong with the last conversation that was sent."""
        theirs = chat_view.sent_turns(sent[-1], is_reminder, PLACEHOLDERS)
        ours = chat_view.expected(
            view, [("system", "user"), ("developer", "user")],
            lambda block: bool(block.get("signature") or block.get("encrypted")))
        chat_view.compare(*map(chat_view.without_images, (ours, theirs)))

    def shows(self, store, session, title):
        """Whether what its list is made from has a conversation under a title."""
        files = (store / "conversations").glob("*/conversation.json")
        found = (json.loads(file.read_text()) for file in files)
        shown = next((c["summary"] for c in found if c["id"] == session), None)
        return shown is not None and shown.strip() == title, shown


def is_reminder(text):
    return text.lstrip().startswith(("<system-reminder>", "(image omitted:", "(tool image omitted:"))
