"""What Claude Code is to send of a session of another format, by the rules of CONVERSIONS.md."""
import json

import accepted
from claude_turns import Turns, numbers, text, words

# Levels of arguments that are passed on as they are.
DEEPEST = 512


class Call:
    """A call that is told from others by more than its identifier, which may occur twice."""

    def __init__(self, block):
        self.id = block["id"]


def expected(view):
    """The effective view as turns."""
    turns, waiting, has_replied = Turns(), [], False
    for message in accepted.view(view):
        role = message["role"]
        content = message["content"]
        if role not in ("user", "assistant", "system", "developer", "tool"):
            continue
        if role == "assistant":
            if has_replied:
                answer(waiting, turns)
            blocks = list(said(content, waiting))
        else:
            blocks = list(replied(content, waiting))
        if blocks:
            turns.add("assistant" if role == "assistant" else "user", blocks)
            has_replied = role != "assistant"
    answer(waiting, turns)
    return turns.turns


def answer(waiting, turns):
    """Calls that have no result get one, as the API demands."""
    turns.add("user", [("result", call, True, [text("[interrupted]")]) for call in waiting])
    waiting.clear()


def said(content, waiting):
    for block in content:
        if block["type"] == "tool_call":
            call = Call(block)
            waiting.append(call)
            yield ("call", call, block["name"], numbers(arguments_of(block)))
        elif block["type"] == "tool_result":
            yield from told(block, is_answer=True)
        elif block["type"] != "thinking":
            yield from words(block, is_answer=True)


def arguments_of(call):
    """An object: another value stands in one, and one that is nested too deeply is told as text."""
    arguments = call.get("arguments", {})
    if depth(arguments) > DEEPEST:
        return {"value": json.dumps(arguments, separators=(",", ":"))}
    return arguments if isinstance(arguments, dict) else {"value": arguments}


def depth(value):
    """How many levels a value has."""
    level, count = [value], 0
    while level := [v for v in level if isinstance(v, (dict, list))]:
        count += 1
        level = [v for item in level for v in (item.values() if isinstance(item, dict) else item)]
    return count


def replied(content, waiting):
    for block in content:
        if block["type"] == "tool_call":
            yield text(f"[tool call {block['name']}: {json.dumps(block.get('arguments'))}]")
        elif block["type"] == "tool_result":
            call = next((c for c in waiting if c.id == block["call_id"]), None)
            if call is None:
                yield from told(block, is_answer=False)
                continue
            waiting.remove(call)
            parts = [w for part in block.get("content", []) for w in words(part, is_answer=False)]
            yield ("result", call, bool(block.get("is_error")), parts)
        elif block["type"] != "thinking":
            yield from words(block, is_answer=False)


def told(result, is_answer):
    """A result without a call, as text."""
    content = result.get("content", [])
    texts = [part["text"] for part in content if part["type"] == "text"]
    yield text(f"[tool result {result['call_id']}: " + "\n".join(texts) + "]")
    for part in content:
        if part["type"] != "text":
            yield from words(part, is_answer)
