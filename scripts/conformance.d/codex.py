#!/usr/bin/env python3
"""Resumes what we write with the real Codex program, offline, and compares what it sends.

usage: codex.py [--binary CARRYOVER] [--only TEXT] [--keep FOLDER] [FIXTURE...]

The program comes from PyPI (openai-codex-cli-bin) into a cache folder. It runs in a network
namespace with nothing but the loopback, where a model that gives one short answer records every
request. For each session of each fixture: the program resumes it (exit code 0), what it sends is
our effective view, its own list shows our title, and with its turn added the session comes back to
its format with the old bytes in front.

Exit codes: 0 all well, 1 something differs, 77 the program or the namespace cannot be had.
"""
import argparse
import http.server
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import zipfile

PACKAGE = "openai-codex-cli-bin"
VERSION = "0.163.0"
PROMPT = "Say that you are there."
ANSWER = "Understood."
UNAVAILABLE = 77
ROOT = pathlib.Path(__file__).resolve().parents[2]


# The program


def cache_folder():
    base = os.environ.get("CARRYOVER_CONFORMANCE_CACHE")
    if base:
        return pathlib.Path(base)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(home) / "carryover-conformance"


def install():
    """The program's path; fetched on first use."""
    if os.environ.get("CODEX_BIN"):
        return pathlib.Path(os.environ["CODEX_BIN"])
    folder = cache_folder() / f"codex-{VERSION}"
    program = folder / "codex_cli_bin" / "bin" / "codex"
    if program.exists():
        return program
    with tempfile.TemporaryDirectory() as wheels:
        fetched = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", wheels,
             f"{PACKAGE}=={VERSION}"], capture_output=True, text=True)
        found = list(pathlib.Path(wheels).glob("*.whl"))
        if fetched.returncode != 0 or not found:
            return None
        aside = pathlib.Path(f"{folder}.{os.getpid()}")
        shutil.rmtree(aside, ignore_errors=True)
        with zipfile.ZipFile(found[0]) as wheel:
            wheel.extractall(aside)
        for file in (aside / "codex_cli_bin" / "bin").iterdir():
            file.chmod(0o755)
        try:
            aside.rename(folder)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
    return program if program.exists() else None


# The model


class Model:
    """Answers every request for a response with one text, and keeps what it was sent."""

    def __init__(self):
        self.requests = []
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self, kind, body, code=200):
                self.send_response(code)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.reply("application/json", b'{"data":[],"models":[]}')

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                if not self.path.split("?")[0].endswith("/responses"):
                    self.reply("application/json", b"{}", 404)
                    return
                model.requests.append(json.loads(body))
                self.reply("text/event-stream", model.stream())

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def stream():
        item = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
                "content": [{"type": "output_text", "text": ANSWER, "annotations": []}]}
        usage = {"input_tokens": 1, "input_tokens_details": {"cached_tokens": 0},
                 "output_tokens": 1, "output_tokens_details": {"reasoning_tokens": 0},
                 "total_tokens": 2}
        response = {"id": "resp_1", "object": "response", "created_at": 1, "model": "mock",
                    "status": "completed", "output": [item], "usage": usage}
        events = [
            {"type": "response.created", "response": {**response, "status": "in_progress",
                                                      "output": []}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": response},
        ]
        return "".join(
            f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events
        ).encode()


def resume(program, home, thread, model, folder):
    """Lets the program resume a thread; its exit code, its errors and what it sent first."""
    model.requests.clear()
    settings = {
        "model_provider": "mock", "model": "mock", "model_providers.mock.name": "mock",
        "model_providers.mock.base_url": f"http://127.0.0.1:{model.port}/v1",
        "model_providers.mock.env_key": "MOCK_KEY", "model_providers.mock.wire_api": "responses",
        "model_providers.mock.request_max_retries": "0",
    }
    command = [str(program), "exec", "--skip-git-repo-check"]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    command += ["resume", thread, PROMPT]
    with tempfile.TemporaryDirectory() as person:
        environment = {"PATH": os.environ["PATH"], "HOME": person, "CODEX_HOME": str(home),
                       "MOCK_KEY": "none"}
        run = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=180)
    sent = model.requests[0]["input"] if model.requests else None
    return run.returncode, run.stderr[-2000:], sent


# What was sent, and what we say is in view


def sent_items(items):
    """The items of a request in a plain form."""
    plain = []
    for item in items:
        kind = item.get("type", "message")
        if kind == "message":
            parts = [part.get("text", part.get("image_url")) for part in item["content"]]
            plain.append(("message", item["role"], parts))
        elif kind in ("function_call", "custom_tool_call"):
            plain.append((kind, item["call_id"], item["name"],
                          item.get("arguments", item.get("input"))))
        elif kind in ("function_call_output", "custom_tool_call_output"):
            output = item["output"]
            if not isinstance(output, str):
                output = [part.get("text", part.get("image_url")) for part in output]
            plain.append((kind, item["call_id"], output))
        elif kind == "reasoning":
            texts = [*item["summary"], *(item.get("content") or [])]
            plain.append((kind, [part["text"] for part in texts],
                          item.get("encrypted_content")))
        else:
            plain.append((kind,))
    return plain


def picture(block):
    if block.get("base64") is not None:
        return f"data:{block.get('media_type', 'image/png')};base64,{block['base64']}"
    path = block.get("path") or ""
    if path.startswith("http"):
        return "image content omitted because remote image URLs are not supported"
    if path.startswith("data:"):
        return "image content omitted because it could not be processed"
    return path


def extras(block):
    return (block.get("extras") or {}).get("codex") or {}


# Items that the program knows; others in a compaction's list are sent without their content.
KNOWN = {"compaction", "context_compaction", "compaction_summary"}


def view_items(message):
    """The items that a message of the canonical form stands for."""
    items, parts, thoughts, encrypted = [], [], None, None

    def flush():
        if parts:
            items.append(("message", message["role"], parts.copy()))
            parts.clear()

    content = message.get("content", [])
    own_type = extras(message).get("type")
    if own_type == "agent_message" or "inter_agent_communication" in extras(message):
        return [("agent_message",)]
    if "event" in extras(message):
        # Of a file that only has the log of the screen: shown, not sent.
        return []
    if not content and own_type == "reasoning":
        return [("reasoning", [], None)]
    if not content and not own_type:
        items.append(("message", message["role"], []))
    for block in content:
        kind = block["type"]
        if kind == "text":
            parts.append(block["text"])
        elif kind == "image":
            parts.append(picture(block))
        elif kind == "thinking":
            thoughts = thoughts or []
            # Reasoning of the old kind "text" is kept, but not sent.
            is_old = block.get("kind") == "raw" and extras(block).get("type") == "text"
            if block.get("text") and not is_old:
                thoughts.append(block["text"])
            encrypted = encrypted or block.get("encrypted")
        elif kind == "tool_call":
            flush()
            arguments = block.get("arguments_text", block.get("arguments"))
            own = extras(block)
            own = own.get("type", "function_call")
            if own in ("function_call", "custom_tool_call"):
                items.append((own, block["id"], block["name"], arguments))
            else:
                items.append((own,))
                if own == "image_generation_call":
                    return items
        elif kind == "tool_result":
            flush()
            texts = [part["text"] if part["type"] == "text" else picture(part)
                     for part in block.get("content", [])]
            only = block.get("content", [])
            single = len(only) == 1 and only[0]["type"] == "text"
            if single and not extras(block).get("output_is_array"):
                texts = texts[0]
            own = extras(block).get("type", "function_call_output")
            items.append((own,) if own == "tool_search_output" else (own, block["call_id"], texts))
        else:
            kind = block.get("kind") or block.get("block_type") or kind
            if kind == "input_audio":
                parts.append("audio content omitted because you do not support audio input")
                continue
            flush()
            items.append((kind if kind in KNOWN else "other",))
    flush()
    if thoughts is not None:
        items.append(("reasoning", thoughts, encrypted))
    return items


def effective_view(lines):
    """Our view of a session in the canonical form: effective messages and compactions, in order."""
    items = []
    for line in lines:
        record = json.loads(line, parse_float=str)
        if record.get("effective") is False:
            continue
        if record["record"] == "message":
            items += view_items(record)
        elif record["record"] == "checkpoint":
            for message in record.get("messages") or []:
                items += view_items(message)
    answered = {item[1] for item in items if item[0].endswith("call_output")}
    complete = []
    for item in items:
        complete.append(item)
        # A call that was never answered is sent with this answer.
        if item[0] in ("function_call", "custom_tool_call") and item[1] not in answered:
            complete.append((item[0] + "_output", item[1], "aborted"))
    return complete


def same_content(sent, ours):
    """Whether texts and pictures are the same; a picture that cannot be decoded is sent as a notice."""
    if not isinstance(sent, list) or not isinstance(ours, list):
        return sent == ours
    notice = "image content omitted because it could not be processed"
    return len(sent) == len(ours) and all(
        a == b or (a == notice and str(b).startswith("data:")) for a, b in zip(sent, ours))


def same(sent, ours):
    """Whether an item was sent as we have it; arguments are compared as the values they are."""
    if sent[0] != ours[0] or len(sent) != len(ours):
        return False
    if sent[0] in ("function_call", "custom_tool_call"):
        if sent[1:3] != ours[1:3]:
            return False
        arguments = ours[3]
        if isinstance(arguments, str) and arguments == sent[3]:
            return True
        try:
            return json.loads(sent[3], parse_float=str) == arguments
        except ValueError:
            return False
    if sent[0].endswith("call_output") and isinstance(sent[2], str) and isinstance(ours[2], str):
        if "chars truncated" in sent[2] and sent[2] != ours[2]:
            return sent[2][:1000] == ours[2][:1000] and sent[2][-1000:] == ours[2][-1000:]
    return sent[:-1] == ours[:-1] and same_content(sent[-1], ours[-1])


def compare(sent, ours):
    """What is wrong with a request; None when it is our view between the program's own context."""
    plain = sent_items(sent)
    history = plain[1:1 + len(ours)]
    for index, (theirs, mine) in enumerate(zip(history, ours)):
        if not same(theirs, mine):
            return f"item {index}: sent {str(theirs)[:300]}, in view {str(mine)[:300]}"
    rest = plain[1 + len(ours):]
    if len(history) < len(ours):
        return f"{len(ours)} items in view, {len(plain)} sent"
    if not rest or rest[-1] != ("message", "user", [PROMPT]):
        return f"the prompt is not last: {str(rest[-1:])[:300]}"
    for item in rest[:-1]:
        is_context = item[0] == "message" and (
            item[1] == "developer" or all(
                part.startswith(("<environment_context>", "# AGENTS.md")) for part in item[2]))
        if not is_context:
            return f"sent beyond our view: {str(item)[:300]}"
    return None


# Fixtures


def fixtures(only):
    """Inputs of every format that is written, with the format's name."""
    for folder in sorted((ROOT / "Fixtures").iterdir()):
        if folder.name in ("cli", "claude-code"):
            continue
        for case in sorted(folder.iterdir()):
            inputs = sorted(case.glob("input*"))
            if not inputs and case.name == "store":
                inputs = sorted(case.glob("*.db")) or [case]
            for path in inputs[:1] if case.name != "store" else inputs:
                name = f"{folder.name}/{case.name}"
                if case.name == "store" and path != case:
                    name += f"/{path.name}"
                if not only or only in name:
                    yield folder.name, name, path


class Check:
    def __init__(self, carryover, program, model, work):
        self.carryover, self.program, self.model, self.work = carryover, program, model, work
        self.failures, self.resumed = [], 0

    def run(self, *arguments):
        return subprocess.run([str(self.carryover), *map(str, arguments)], capture_output=True,
                              text=True)

    def convert(self, source, target, to, origin=None, *options):
        report = self.work / "report.json"
        report.unlink(missing_ok=True)
        arguments = ["convert", source, target, "--to", to, "--report", report, "--quiet"]
        if origin:
            arguments += ["--from", origin]
        run = self.run(*arguments, *options)
        if not report.exists():
            return None, run
        return json.loads(report.read_text()), run

    def fail(self, name, message):
        self.failures.append(f"{name}: {message}")
        print(f"  FAILED {name}: {message}", flush=True)

    def fixture(self, origin, name, path):
        folder = self.work / "fixture"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        home, project = folder / "home", folder / "project"
        project.mkdir()
        report, run = self.convert(path, home, "codex", origin)
        if report is None:
            return self.fail(name, f"not converted: {run.stderr.strip()[:300]}")
        written = [s for s in report["sessions"] if s["status"] == "written"]
        if origin == "codex":
            written = [s for s in written if self.can_be_resumed(home, s["target"])]
        if not written:
            return
        views = {}
        plain = self.without_carry(home, folder / "plain")
        for session in written:
            canonical = folder / "view.session.jsonl"
            canonical.unlink(missing_ok=True)
            self.convert(plain, canonical, "canonical", "codex", "--no-carry", "--session",
                         session["target"])
            views[session["target"]] = canonical.read_text().split("\n")[:-1]
        for session in written:
            self.session(f"{name} {session['source']}", home, session["target"],
                         views[session["target"]], project)
        if origin != "codex":
            self.back(name, origin, path, home, folder / "back", written)

    def can_be_resumed(self, home, thread):
        """Whether our rules say that the program can resume a file."""
        run = self.run("validate", home, "--from", "codex", "--session", thread, "--json")
        reasons = ("cannot resume", "history mode is not", "is not the one in the file")
        if any(reason in run.stdout for reason in reasons):
            return False
        if len(thread) != 36:
            # The earlier part of a thread that went on in another file.
            return False
        return not any((home / "archived_sessions").glob(f"*{thread}*"))

    @staticmethod
    def without_carry(home, plain):
        """A copy that reads as what the program finds, not as what it once was."""
        shutil.copytree(home, plain)
        for file in plain.rglob("rollout-*.jsonl"):
            lines = file.read_bytes().splitlines(keepends=True)
            file.write_bytes(b"".join(l for l in lines if b'"type":"carryover"' not in l[:90]))
        return plain

    def session(self, name, home, thread, lines, project):
        code, errors, sent = resume(self.program, home, thread, self.model, project)
        self.resumed += 1
        if code != 0 or sent is None:
            return self.fail(name, f"not resumed (exit code {code}): {errors.strip()[-400:]}")
        difference = compare(sent, effective_view(lines[1:]))
        if difference:
            self.fail(name, difference)
        head = json.loads(lines[0])["head"]
        with sqlite3.connect(home / "state_5.sqlite") as database:
            row = database.execute(
                "SELECT title, preview, name FROM threads WHERE id = ?", (thread,)).fetchone()
        if row is None:
            return self.fail(name, "no row in the list")
        if not row[1]:
            return self.fail(name, "listed without a preview, so not at all")
        title = head.get("title")
        shown = row[2] or self.name(home, thread) or row[0]
        if title and not shown.lstrip().startswith(title.rstrip("…")):
            self.fail(name, f"listed as {shown!r}, not as {title!r}")

    @staticmethod
    def name(home, thread):
        """The last name in the file that the program's picker takes names from."""
        index = home / "session_index.jsonl"
        name = None
        for line in index.read_text().splitlines() if index.exists() else []:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if entry["id"] == thread and entry["thread_name"].strip():
                name = entry["thread_name"]
        return name

    def back(self, name, origin, path, home, target, written):
        """With the program's own turn added, the old bytes come back in front of it."""
        report, run = self.convert(home, target, origin, "codex")
        if report is None:
            return self.fail(name, f"not converted back: {run.stderr.strip()[:300]}")
        by_thread = {session["source"]: session for session in report["sessions"]}
        for session in written:
            result = by_thread.get(session["target"])
            if result is None or result["status"] != "written":
                self.fail(name, f"{session['source']} did not come back: {result}")
                continue
            if origin != "ggcode":
                continue
            file = f"{session['source']}.jsonl"
            before = (path / file if path.is_dir() else path).read_bytes()
            after = (target / file).read_bytes()
            if not after.startswith(before):
                self.fail(name, f"{session['source']}: the old bytes changed")
            added = after[len(before):].decode(errors="replace")
            if PROMPT not in added or ANSWER not in added:
                self.fail(name, f"{session['source']}: the new turn is missing")


def main():
    # Fixtures nest deeply.
    sys.setrecursionlimit(50_000)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=str(ROOT / ".build" / "debug" / "carryover"))
    parser.add_argument("--only", help="fixtures whose name holds this text")
    parser.add_argument("--isolated", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    program = install()
    if program is None:
        print(f"codex: {PACKAGE} {VERSION} cannot be had; not checked")
        return UNAVAILABLE
    if not arguments.isolated:
        again = ["unshare", "-rn", "bash", "-c",
                 'ip link set lo up 2>/dev/null || ifconfig lo up || exit 77; exec "$@"', "bash",
                 sys.executable, __file__, "--isolated", *sys.argv[1:]]
        try:
            return subprocess.run(again, env={**os.environ, "CODEX_BIN": str(program)}).returncode
        except FileNotFoundError:
            print("codex: no network namespaces here (unshare); not checked")
            return UNAVAILABLE
    with tempfile.TemporaryDirectory(prefix="carryover-conformance-") as work:
        check = Check(pathlib.Path(arguments.binary), program, Model(), pathlib.Path(work))
        for origin, name, path in fixtures(arguments.only):
            check.fixture(origin, name, path)
    print(f"codex {VERSION}: {check.resumed} sessions resumed, {len(check.failures)} differences")
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
