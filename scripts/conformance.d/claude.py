"""Claude Code: how a session is resumed, what it sends, what its list shows.

The comparison is turn by turn: consecutive messages of one role count as one, as the API takes them; in
a turn of the user results come first, in one of the model calls come last, as the program sends them.
Left out on both sides are reasoning and blank texts. CONVERSIONS.md lists every other exception.
"""
import os
import re
import sys
import threading

import claude_own
import package
from claude_turns import Turns, attachment_free, compare, image, numbers, text
from claude_view import expected
from common import PROMPT, Wrong, apart, run

# The version that is known to work; the newest is tried first.
REQUIREMENT = "claude-agent-sdk==0.2.186"


class Claude:
    name = "claude"
    format = "claude-code"
    requirement = REQUIREMENT
    # The model that answers; for newer ones the program compacts a session that is too long for them.
    model = "claude-haiku-4-5"
    # Our findings that say that the program does not resume a session of its own.
    refusals = {"claude-code.session-id", "claude-code.resumable", "claude-code.leaf-time"}
    # Its list shows what lies in the folder, whether or not the program has seen it.
    lists_at_once = True
    listing = threading.Lock()

    def __init__(self, requirement):
        self.folder = package.folder(requirement)
        self.binary = self.folder / "claude_agent_sdk/_bundled/claude"
        os.chmod(self.binary, 0o755)
        # Does nothing in the test's own process but read folders.
        sys.path.insert(0, str(self.folder))

    def can_ask(self, session, view):
        """Whether a session can be asked for: not those of helpers, not those without messages."""
        return "/" not in session and bool(expected(view))

    def resume(self, store, session, is_own, model, workspace):
        """What the program prints and the conversations that it sends."""
        address, sent = model.address()
        home = workspace.parent / "home"
        home.mkdir(exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "CLAUDE_CONFIG_DIR": str(store),
            "ANTHROPIC_BASE_URL": address, "ANTHROPIC_API_KEY": "none",
            "IS_SANDBOX": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_AUTOUPDATER": "1", "DISABLE_ERROR_REPORTING": "1",
        }
        name, _, project = session.partition("@")
        file = sorted((store / "projects").glob(f"{project or '*'}/{name}.jsonl"))[0]
        place = file
        if is_own:
            # From another folder the program finds a session by a look at its text only.
            key = re.sub(r"[^a-zA-Z0-9]", "-", str(workspace.resolve()))
            place = store / "projects" / key / file.name
            place.parent.mkdir(exist_ok=True)
            file.rename(place)
        try:
            done = run(self.binary, "-p", PROMPT, "--resume", name, "--model", self.model,
                       env=environment, cwd=workspace, timeout=180)
        finally:
            if place != file:
                place.rename(file)
        return done, [body["messages"] for body in sent]

    def compare(self, view, is_own, sent):
        """Says what is wrong with the last conversation that was sent."""
        theirs = sent_turns(sent[-1])
        if is_own:
            claude_own.compare(view, theirs)
        else:
            compare(expected(view), theirs)

    def shows(self, store, session, title):
        """Whether the official list has a session under a title; and what it shows."""
        import claude_agent_sdk
        with self.listing:
            os.environ["CLAUDE_CONFIG_DIR"] = str(store)
            sessions = claude_agent_sdk.list_sessions()
        shown = next((s.summary for s in sessions if s.session_id == session), None)
        return shown is not None and shown.strip() == title, shown


# What was sent


def sent_turns(messages):
    """A conversation as turns, without what the program adds to every one."""
    turns = Turns()
    for message in messages:
        content = message["content"]
        if message["role"] == "system":
            continue
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        turns.add(message["role"], [block for part in content for block in sent_block(part)])
    last = turns.turns[-1] if turns.turns else ("user", [])
    if last[0] != "user" or last[1][-1:] != [text(PROMPT)]:
        raise Wrong(f"the prompt is not last: {apart(PROMPT, last)}")
    last[1].pop()
    if not last[1]:
        turns.turns.pop()
    # The program's answer to a conversation that ends with the user.
    if turns.turns and turns.turns[-1] == ("assistant", [text("No response requested.")]):
        turns.turns.pop()
    return turns.turns


def sent_block(block):
    kind = block["type"]
    if kind == "text":
        value = block["text"]
        if not value.startswith("<system-reminder>") and value.strip():
            yield text(value)
    elif kind == "tool_use":
        yield ("call", block["id"], block["name"], numbers(block.get("input", {})))
    elif kind == "tool_result":
        parts, content = [], block.get("content") or []
        for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if not isinstance(part, dict) or part.get("type") != "text":
                parts += sent_block(part) if isinstance(part, dict) else [("text", part)]
                continue
            value = attachment_free(part["text"])
            if value and not value.startswith("[Tool references removed"):
                parts.append(text(value))
        yield ("result", block["tool_use_id"], bool(block.get("is_error")), parts)
    elif kind == "image":
        source = block["source"]
        yield image(source.get("media_type"), source.get("data") or source.get("url"))
    elif kind == "document":
        yield ("document", block["source"].get("data"))
    elif kind not in ("thinking", "redacted_thinking"):
        yield (kind,)
