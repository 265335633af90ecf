"""What Codex is to send of a session, and where what it sent differs."""
import json
from decimal import Decimal

import accepted
from common import PROMPT, Wrong, apart, cut

UNREADABLE = "image content omitted because it could not be processed"
REMOTE = "image content omitted because remote image URLs are not supported"
SILENT = "audio content omitted because you do not support audio input"
CALLS = ("function_call", "custom_tool_call")
OUTPUTS = ("function_call_output", "custom_tool_call_output")
# Calls that the service ran, of which no result is an item of its own.
SERVER_CALLS = ("web_search_call", "image_generation_call")
# What the program puts before the prompt by itself.
CONTEXT = ("<environment_context>", "# AGENTS.md")
# The longest identifier of a call that the service accepts.
LONGEST = 64


def compare(view, is_own, sent):
    """Says what is wrong with a conversation, which is our view between the program's context."""
    items = list(sent_items(sent))
    ours = answered(own_items(view) if is_own else foreign_items(view))
    history, rest = items[1:1 + len(ours)], items[1 + len(ours):]
    names = Names()
    for number, (mine, theirs) in enumerate(zip(ours, history)):
        if not same(mine, theirs, names):
            raise Wrong(f"item {number}: {apart(mine, theirs)}")
    if len(history) < len(ours):
        raise Wrong(f"{len(ours)} items, sent {len(items)}: ours {cut(ours[len(history):])}")
    if rest[-1:] != [("message", "user", [PROMPT])]:
        raise Wrong(f"the prompt is not last: {cut(rest[-1:])}")
    for item in rest[:-1]:
        is_context = item[0] == "message" and (
            item[1] == "developer" or all(part.startswith(CONTEXT) for part in item[2]))
        if not is_context:
            raise Wrong(f"sent beyond our view: {cut(item)}")


# What was sent


def sent_items(items):
    for item in items:
        kind = item.get("type", "message")
        if kind == "message":
            yield (kind, item["role"], sent_parts(item["content"]))
        elif kind in CALLS:
            yield (kind, item["call_id"], item["name"], item.get("arguments", item.get("input")))
        elif kind in OUTPUTS:
            output = item["output"]
            yield (kind, item["call_id"], output if isinstance(output, str) else sent_parts(output))
        elif kind == "reasoning":
            texts = [*item["summary"], *(item.get("content") or [])]
            yield (kind, [part["text"] for part in texts], item.get("encrypted_content"))
        else:
            yield (kind,)


def sent_parts(parts):
    return [part.get("text", part.get("image_url")) for part in parts]


# What we say


def clean(value):
    """Text as it can be sent: without half characters."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value)


def answered(items):
    """With the answer that the program gives to calls that have none, without those to no call."""
    outputs = {item[1] for item in items if item[0].endswith("call_output")}
    calls = {item[1] for item in items if item[0].endswith("call") and len(item) > 1}
    done = []
    for item in items:
        if item[0] in OUTPUTS and item[1] not in calls:
            continue
        done.append(item)
        if item[0] in CALLS and item[1] not in outputs:
            done.append((item[0] + "_output", item[1], "aborted"))
    return done


def foreign_items(view):
    """The items of a session of another format, by the rules of CONVERSIONS.md."""
    items, calls = [], Calls()
    for message in accepted.view(view):
        role, content = message["role"], message.get("content", [])
        has_result = any(block["type"] == "tool_result" for block in content)
        if role not in ("user", "assistant", "system", "developer", "tool"):
            continue
        if role == "tool" and not has_result:
            continue
        parts = []

        def flush():
            if parts:
                said = "developer" if role == "system" else role
                items.append(("message", said, parts.copy()))
                parts.clear()

        for block in content:
            kind = block["type"]
            if kind == "tool_call":
                flush()
                arguments = block.get("arguments", {})
                items.append(("function_call", calls.take(block["id"]), block["name"], arguments))
            elif kind == "tool_result":
                flush()
                inner = block.get("content", [])
                output = [part for b in inner for part in plain(b, is_answer=False)]
                if len(inner) == 1 and inner[0]["type"] != "image" and output:
                    output = output[0]
                items.append(
                    ("function_call_output", calls.answer(block["call_id"]), output or ""))
            elif kind == "thinking":
                flush()
            else:
                parts += plain(block, role == "assistant")
        flush()
    return items


def plain(block, is_answer):
    """A text, a picture or a file as a part of a message."""
    kind, path = block["type"], block.get("path")
    if kind == "text":
        yield clean(block["text"])
    elif kind == "image" and not is_answer:
        if block.get("base64") is not None:
            yield data_url(block)
        elif path:
            yield f"[image: {path}]"
    elif kind == "file" and not is_answer:
        told = accepted.file_text(block)
        if told:
            yield clean(told)


def data_url(block):
    return f"data:{block.get('media_type', 'image/png')};base64,{block['base64']}"


class Calls:
    """Identifiers of calls: those that occur again, and what answers them, told apart."""

    def __init__(self):
        self.count, self.open, self.last = {}, {}, {}

    def take(self, name):
        self.count[name] = self.count.get(name, 0) + 1
        call = (name, self.count[name])
        self.open.setdefault(name, []).append(call)
        self.last[name] = call
        return call

    def answer(self, name):
        waiting = self.open.get(name)
        return waiting.pop(0) if waiting else self.last.get(name, (name, 0))


class Names:
    """What calls of ours are called in what was sent."""

    def __init__(self):
        self.ours, self.sent = {}, {}

    def same(self, mine, theirs):
        if isinstance(mine, str):
            return mine == theirs
        name, count = mine
        if count == 1 and 0 < len(name) <= LONGEST and name != theirs:
            return False
        is_new = mine not in self.ours and theirs not in self.sent
        if is_new:
            self.ours[mine], self.sent[theirs] = theirs, mine
        return self.ours.get(mine) == theirs


def extras(block):
    return (block.get("extras") or {}).get("codex") or {}


# Items that the program knows; others in a compaction's list are sent without their content.
KNOWN = {"compaction", "context_compaction", "compaction_summary"}


def own_items(view):
    return [item for message in view for item in own_message(message)]


def own_message(message):
    """The items that a message of the format's own stands for."""
    items, parts, thoughts, encrypted = [], [], None, None
    content, kind = message.get("content", []), extras(message).get("type")
    if kind == "agent_message" or "inter_agent_communication" in extras(message):
        return [("agent_message",)]
    if "event" in extras(message):
        # Of a file that only has the log of the screen: shown, not sent.
        return []
    if not content:
        return [("reasoning", [], None)] if kind == "reasoning" else \
            [] if kind else [("message", message["role"], [])]

    def flush():
        if parts:
            items.append(("message", message["role"], parts.copy()))
            parts.clear()

    for block in content:
        kind, own = block["type"], extras(block)
        if kind in ("text", "image"):
            parts.append(own_part(block))
        elif kind == "thinking":
            thoughts = thoughts or []
            # Reasoning of the old kind "text" is kept, but not sent.
            is_old = block.get("kind") == "raw" and own.get("type") == "text"
            if block.get("text") and not is_old:
                thoughts.append(block["text"])
            encrypted = encrypted or block.get("encrypted")
        elif kind == "tool_call":
            flush()
            type = own.get("type", "function_call")
            if type in CALLS:
                arguments = block.get("arguments")
                items.append((type, block["id"], block["name"], arguments))
            elif type in SERVER_CALLS:
                items.append((type,))
            else:
                items.append((type, block["id"]) if block["id"] else (type,))
        elif kind == "tool_result" and own.get("type") in SERVER_CALLS:
            # It stands in the item of the call.
            continue
        elif kind == "tool_result":
            flush()
            type, inner = own.get("type", "function_call_output"), block.get("content", [])
            output = [own_part(part) for part in inner]
            if len(inner) == 1 and inner[0]["type"] == "text" and "output_is_array" not in own:
                output = output[0]
            items.append((type,) if type not in OUTPUTS else (type, block["call_id"], output))
        else:
            kind = block.get("kind") or block.get("block_type") or kind
            if kind == "input_audio":
                parts.append(SILENT)
                continue
            flush()
            items.append((kind if kind in KNOWN else "other",))
    flush()
    if thoughts is not None:
        items.append(("reasoning", thoughts, encrypted))
    return items


def own_part(block):
    if block["type"] == "text":
        return clean(block["text"])
    if block["type"] != "image":
        return block["type"]
    if block.get("base64") is not None:
        return data_url(block)
    path = block.get("path") or ""
    return REMOTE if path.startswith("http") else UNREADABLE if path.startswith("data:") else path


# Items of both


def same(mine, theirs, names):
    """Whether an item was sent as we have it; arguments are compared as the values they are."""
    if mine[0] not in (*CALLS, *OUTPUTS):
        is_message = mine[0] == theirs[0] == "message"
        if is_message:
            return mine[1] == theirs[1] and same_parts(mine[2], theirs[2])
        return mine[:1] == theirs[:1] and (len(mine) < 3 or mine == theirs)
    if mine[0] != theirs[0] or not names.same(mine[1], theirs[1]):
        return False
    if mine[0] in OUTPUTS:
        return same_output(mine[2], theirs[2])
    is_named = mine[2] == theirs[2] or accepted.is_name(mine[2], theirs[2])
    return is_named and same_arguments(mine[3], theirs[3])


def same_arguments(mine, theirs):
    if isinstance(mine, str) and clean(mine) == theirs:
        return True
    try:
        return json.loads(theirs, parse_float=Decimal) == mine
    except ValueError:
        return False


def same_output(mine, theirs):
    if isinstance(mine, str) and isinstance(theirs, str) and "chars truncated" in theirs:
        return mine[:1000] == theirs[:1000] and mine[-1000:] == theirs[-1000:]
    return same_parts(mine, theirs)


def same_parts(mine, theirs):
    """Whether texts and pictures are the same; one that cannot be decoded is sent as a notice."""
    if not isinstance(mine, list) or not isinstance(theirs, list):
        return mine == theirs
    return len(mine) == len(theirs) and all(
        a == b or (b == UNREADABLE and str(a).startswith("data:")) for a, b in zip(mine, theirs))
