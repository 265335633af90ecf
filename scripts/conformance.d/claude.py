#!/usr/bin/env python3
"""Resumes what we write with Claude Code and compares what it sends with our effective view.

The comparison is turn by turn: consecutive messages of one role count as one, as the API takes them.
Left out on both sides are reasoning, empty texts and the program's own reminders; what the program
puts in place of calls and results that do not pair is followed (CONVERSIONS.md says how).
"""
import json
import os
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

from common import FIXTURES, HERE, Report, cases, convert, effective, install, run, scratch

PROMPT = "Say that you are there."
OWN = re.compile(
    r"^(\[Tool (call interrupted|result missing)|No response requested\.$|\(no content\)$|"
    r"\[Orphaned tool result|\[Tool use interrupted\])")


def sanitized(name):
    # The program's own new name for an old tool.
    if name == "Task":
        return "Agent"
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)


def numbers(value):
    """Numbers as the program's own JSON gives them on: doubles."""
    if isinstance(value, dict):
        return {key: numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [numbers(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def native_record(message):
    """The attachment that a message stands for; the program words it in its own way."""
    record = message.get("extras", {}).get("claude-code", {}).get("record", {})
    return record.get("attachment")


def by_parents(view):
    """In the order of the chain, where parents stand behind their children."""
    index = {m["id"]: m for m in view if "id" in m}
    place = {m["id"]: n for n, m in enumerate(view) if "id" in m}
    if all(place.get(m.get("parent"), -1) < n for n, m in enumerate(view)):
        return view
    def depth(message):
        count, seen = 0, set()
        while message is not None and id(message) not in seen:
            seen.add(id(message))
            message, count = index.get(message.get("parent")), count + 1
        return count
    return sorted(view, key=depth)


def in_order(view):
    """Preserved messages stand before the compaction in the file and are sent behind its summary."""
    for number, message in enumerate(view):
        if number and "compaction-summary" in message.get("flags", []):
            return [message] + view[:number] + view[number + 1:]
    return view


def text(value):
    return ("text", value.rstrip("\n"))


def image(media, data, path):
    return ("image", media or "image/png", data) if data else ("text", f"[image {path}]")


def ours(view, native):
    """Our effective view as turns."""
    turns = []
    for message in in_order(by_parents(view)) if native else view:
        role = message["role"]
        if native and isinstance(native_record(message), dict):
            continue
        if role not in ("user", "assistant", "system", "developer", "tool"):
            continue
        blocks = []
        for block in message.get("content", []):
            kind = block["type"]
            if kind == "text" and block["text"].strip() and not OWN.match(block["text"]):
                blocks.append(text(block["text"]))
            elif kind == "tool_call":
                arguments = numbers(block.get("arguments", {}))
                if not isinstance(arguments, dict) and not native:
                    arguments = {"value": arguments}
                blocks.append(("call", block["id"], sanitized(block["name"]), arguments))
            elif kind == "tool_result":
                blocks.append(result(block))
            elif kind == "image" and role != "assistant" and block.get("base64"):
                blocks.append(image(block.get("media_type"), block["base64"], None))
            elif kind == "image":
                blocks.append(("text", ("[image " + block.get("path", "")).rstrip() + "]"))
            elif kind == "file" and role != "assistant" and not message.get("flags"):
                blocks.append(("document", block.get("text") or block.get("base64")))
        add(turns, "assistant" if role == "assistant" else "user", blocks)
    return turns


def result(block):
    parts = []
    other = block.get("extras", {}).get("claude-code", {}).get("content")
    if isinstance(other, (dict, int, float)):
        parts.append(json.dumps(other, separators=(",", ":"), ensure_ascii=False))
    for part in block.get("content", []):
        if part["type"] == "text" and part["text"]:
            parts.append(part["text"])
        elif part["type"] == "image" and part.get("base64"):
            parts.append(("image", part["base64"]))
        elif part["type"] == "image":
            parts.append(("[image " + part.get("path", "")).rstrip() + "]")
    return ("result", block["call_id"], bool(block.get("is_error")), parts)


def theirs(messages):
    """What the program sent as turns, without what it adds."""
    turns = []
    for message in messages:
        if message["role"] == "system":
            continue
        content = message["content"]
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        blocks = []
        for block in content:
            kind = block["type"]
            if kind == "text":
                value = block["text"]
                if value.startswith("<system-reminder>") or not value.strip() or OWN.match(value):
                    continue
                blocks.append(text(value))
            elif kind == "tool_use":
                blocks.append(("call", block["id"], sanitized(block["name"]), numbers(block.get("input", {}))))
            elif kind == "tool_result":
                blocks.append(sent_result(block))
            elif kind == "image":
                blocks.append(image(block["source"]["media_type"], block["source"]["data"], None))
            elif kind == "document":
                blocks.append(("document", block["source"]["data"]))
        add(turns, message["role"], blocks)
    if turns and turns[-1][0] == "user" and text(PROMPT) in turns[-1][1]:
        turns[-1][1].remove(text(PROMPT))
        if not turns[-1][1]:
            turns.pop()
    return turns


def sent_result(block):
    parts, content = [], block.get("content") or []
    for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
        if part.get("type") == "text" and part["text"]:
            value = re.sub(r"\n\n<system-reminder>.*</system-reminder>\s*$", "", part["text"],
                           flags=re.S)
            if not value.startswith(("<system-reminder>", "[Tool references removed")):
                parts.append(value)
        elif part.get("type") == "image":
            parts.append(("image", part["source"]["data"]))
    return ("result", block["tool_use_id"], bool(block.get("is_error")), parts)


def add(turns, role, blocks):
    if not blocks:
        return
    if turns and turns[-1][0] == role:
        turns[-1][1].extend(blocks)
    else:
        turns.append((role, blocks))


def paired(turns):
    """Calls and results as the program and we both repair them: what does not pair is left out."""
    done = []
    answered = set()
    for number, (role, blocks) in enumerate(turns):
        if role == "assistant":
            following = turns[number + 1][1] if number + 1 < len(turns) else []
            results = [b[1] for b in following if b[0] == "result"]
            kept, calls = [], []
            for block in blocks:
                if block[0] == "call":
                    if block[1] not in results or block[1] in answered:
                        continue
                    answered.add(block[1])
                    calls.append(block)
                else:
                    kept.append(block)
            add(done, role, kept + calls)
            open_calls = [c[1] for c in calls]
        else:
            results, kept = [], []
            for block in blocks:
                if block[0] == "result":
                    if number and block[1] in open_calls:
                        open_calls.remove(block[1])
                        results.append(block)
                else:
                    kept.append(block)
            results.sort(key=lambda b: b[1])
            add(done, role, results + kept)
    return done


def without_repairs(turns):
    """Without what we put in place of what does not pair."""
    done = []
    for role, blocks in turns:
        dropped = {b[1] for b in blocks if b[0] == "result" and b[3] == ["[interrupted]"]}
        add(done, role, [
            b for b in blocks
            if not (b[0] == "result" and (b[1] in dropped or any(map(is_own, b[3]))))
            and not (b[0] == "text" and b[1].startswith(("[tool result ", "[tool call ")))])
    return done


def is_own(part):
    return isinstance(part, str) and OWN.match(part) is not None


def difference(a, b):
    for number, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return f"turn {number + 1}: ours {str(x)[:1500]}, sent {str(y)[:1500]}"
    if len(a) != len(b):
        longer = a if len(a) > len(b) else b
        which = "ours" if longer is a else "sent"
        return f"{len(a)} turns, sent {len(b)}; {which} has {str(longer[min(len(a), len(b))])[:1500]}"
    return None


def program():
    folder = install("claude-agent-sdk")
    binary = folder and folder / "claude_agent_sdk/_bundled/claude"
    if not binary or not binary.exists():
        sys.exit(77)
    os.chmod(binary, 0o755)
    return folder, binary


def resume(binary, config, workspace, session, record):
    home = config / "home"
    home.mkdir(exist_ok=True)
    workspace.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "CLAUDE_CONFIG_DIR": str(config),
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:18080", "ANTHROPIC_API_KEY": "none",
        "IS_SANDBOX": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "DISABLE_ERROR_REPORTING": "1",
    }
    return run(
        HERE / "offline", record, "timeout", "120", binary, "-p", PROMPT, "--resume", session,
        "--model", "claude-sonnet-4-5", env=environment, cwd=workspace, stdin=None)


def place(config, target, workspace):
    """Puts a copied session where the program looks first."""
    name, _, project = target.partition("@")
    found = sorted((config / "projects").glob(f"{project or '*'}/{name}.jsonl"))[0]
    folder = config / "projects" / re.sub(r"[^a-zA-Z0-9]", "-", str(workspace.resolve()))
    folder.mkdir(exist_ok=True)
    found.replace(folder / found.name)


def listed(folder, config):
    """Titles by session as the official SDK lists them."""
    code = ("import json, claude_agent_sdk as s; "
            "print(json.dumps({x.session_id: x.summary for x in s.list_sessions()}))")
    done = run(sys.executable, "-c", code,
               env={**os.environ, "PYTHONPATH": str(folder), "CLAUDE_CONFIG_DIR": str(config)})
    try:
        return json.loads(done.stdout)
    except ValueError:
        return None


def is_resumable(turns):
    return any(role in ("user", "assistant") for role, _ in turns)


def check(report, case, kind, source, folder, binary):
    work = scratch()
    config = work / "config"
    converted = convert(source, kind, config, "claude-code")
    if converted is None:
        shutil.rmtree(work)
        return
    titles = listed(folder, config)
    resumed = []
    for session in converted["sessions"]:
        if session["status"] != "written" or not session["source"]:
            continue
        name = f"{case} {session['source']}"
        ours_file = work / "ours.session.jsonl"
        ours_file.unlink(missing_ok=True)
        # What the source says is what must be sent.
        convert(source, kind, ours_file, "canonical", "--no-carry",
                f"--session={session['source']}")
        head, view = effective(ours_file)
        expected = ours(view, kind == "claude-code")
        target = session["target"]
        if "/" in target or not is_resumable(expected):
            continue
        record = work / "record" / target
        workspace = work / "workspace"
        if kind == "claude-code":
            # From another folder the program finds a session by a look at its text only.
            place(config, target, workspace)
            target = target.split("@")[0]
        done = resume(binary, config, workspace, target, record)
        if done.returncode != 0:
            report.fail(name, f"exit code {done.returncode}: {done.stderr.strip()[-200:]}")
            continue
        requests = sorted(record.glob("*-messages.json"))
        sent = theirs(json.loads(requests[-1].read_text())["body"]["messages"])
        wrong = difference(paired(expected), paired(without_repairs(sent)))
        if wrong:
            report.fail(name, wrong)
            continue
        title = head.get("title")
        if title and titles is not None and kind != "claude-code" \
                and titles.get(target, "").strip() != title.strip():
            report.fail(name, f"listed as {titles.get(target)!r}, not {title!r}")
            continue
        resumed.append(session["source"])
        report.ok()
    if resumed and kind != "claude-code":
        check_return(report, case, kind, source, config, work, resumed)
    shutil.rmtree(work)


def check_return(report, case, kind, source, config, work, resumed):
    """With the program's own turn, the way back gives the old bytes and that turn."""
    if kind != "ggcode":
        return
    back = work / "back"
    returned = convert(config, "claude-code", back, kind)
    if returned is None:
        report.fail(case, "the way back failed")
        return
    written = {s["target"] for s in returned["sessions"] if s["status"] == "written"}
    files = {f.name: f for f in source.rglob("*.jsonl")} if source.is_dir() else {}
    for session in resumed:
        old, new = files.get(f"{session}.jsonl"), back / f"{session}.jsonl"
        if old is None or session not in written:
            continue
        before = old.read_bytes()
        after = new.read_bytes() if new.exists() else b""
        if not after.startswith(before) or b"Understood." not in after[len(before):]:
            report.fail(f"{case} {session}", "the way back is not the old bytes and the new turn")


def main():
    folder, binary = program()
    report = Report("claude")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(check, report, name, kind, path, folder, binary)
                for kind, name, path in cases(sys.argv[1:])]
        for job in jobs:
            job.result()
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
