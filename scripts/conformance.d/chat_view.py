"""Conversations as programs send them to the chat API, and what they are to send of a view.

The comparison is turn by turn: consecutive messages of one role count as one. Of texts the words count,
of calls the names, arguments and order, of pictures their number. Left out on both sides are reasoning,
blank texts, results without a call and what stands for a result that is missing.
"""
import json
import re
from decimal import Decimal

from common import PROMPT, Wrong, apart


class Turns:
    """Messages in order; those of one role that follow each other are one turn."""

    def __init__(self):
        self.turns = []

    def add(self, role, **said):
        if not any(said.values()):
            return
        if not self.turns or self.turns[-1]["role"] != role:
            self.turns.append({"role": role, "words": [], "calls": [], "results": [], "images": 0})
        for key, value in said.items():
            self.turns[-1][key] += value


def compare(ours, sent):
    """Says where two conversations differ."""
    for number, (mine, theirs) in enumerate(zip(ours, sent), 1):
        if mine != theirs:
            raise Wrong(f"turn {number}: {apart(mine, theirs)}")
    if len(ours) != len(sent):
        place = min(len(ours), len(sent))
        raise Wrong(f"{len(ours)} turns, sent {len(sent)}: {apart(ours[place:], sent[place:])}")


def words(text):
    return (text or "").encode("utf-16", "surrogatepass").decode("utf-16", "replace").split()


def without_images(turns):
    """Turns for a program that sends texts in the place of pictures."""
    said = ("words", "calls", "results")
    return [{**turn, "images": 0} for turn in turns if any(turn[key] for key in said)]


def arguments(value):
    """An object; what is none stands in one. Numbers are doubles."""
    return doubles(value) if isinstance(value, dict) else {"input": doubles(value)}


def doubles(value):
    if isinstance(value, dict):
        return {key: doubles(item) for key, item in value.items()}
    if isinstance(value, list):
        return [doubles(item) for item in value]
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return float(value)
    return value


def expected(view, roles=(), thinks=lambda block: False):
    """The effective view as turns.

    `roles` renames roles; `thinks` tells reasoning that is sent in front of the text that follows it.
    """
    turns, open_calls = Turns(), {}
    for message in view:
        role = dict(roles).get(message["role"], message["role"])
        if role not in ("user", "assistant", "system", "developer", "tool"):
            continue
        lead = ""
        for block in message.get("content", []):
            kind = block["type"]
            if kind == "tool_result":
                if open_calls.pop(block["call_id"], None) is None:
                    continue
                parts = block.get("content", [])
                text = [w for part in parts for w in words(part.get("text"))]
                turns.add("tool", results=[text], images=sum(map(is_image, parts)))
            elif kind == "tool_call" and role == "assistant":
                open_calls[block["id"]] = True
                turns.add(role, calls=[(block["name"], arguments(block.get("arguments", {})))])
            elif kind == "thinking" and role == "assistant" and thinks(block):
                lead += block["text"]
            elif kind in ("text", "file") and block.get("text", "").strip():
                said = "user" if role == "tool" else role
                turns.add(said, words=words(lead + block["text"]))
                lead = ""
            elif is_image(block) and role != "assistant":
                turns.add("user" if role == "tool" else role, images=1)
        if lead:
            turns.add(role, words=words(lead))
    return turns.turns


def is_image(block):
    path = block.get("path") or ""
    return block["type"] == "image" and (bool(block.get("base64")) or path.startswith("http"))


def sent_turns(messages, is_own_text, placeholders):
    """A request as turns, without the program's instructions, additions and the new prompt.

    `is_own_text` tells texts that the program adds; `placeholders` are the beginnings of results that it
    makes up.
    """
    turns, calls = Turns(), set()
    for number, message in enumerate(messages):
        role, content = message["role"], message.get("content") or []
        if number == 0 and role in ("system", "developer"):
            continue
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        texts = [part["text"] for part in content if part.get("type") in ("text", "input_text")]
        images = sum(part.get("type") == "image_url" for part in content)
        if role == "tool":
            if not "".join(texts).startswith(placeholders):
                said = re.sub(r"\(tool image omitted: [^)]*\)", "", " ".join(texts))
                turns.add("tool", results=[words(said)], images=images)
            continue
        for text in texts:
            if not is_own_text(text):
                turns.add(role, words=words(text))
        turns.add(role, images=images)
        for call in message.get("tool_calls") or []:
            function = call["function"]
            turns.add(role, calls=[(function["name"], doubles(json.loads(function["arguments"] or "{}")))])
    last, asked = turns.turns[-1] if turns.turns else None, words(PROMPT)
    if last is None or last["role"] != "user" or last["words"][-len(asked):] != asked:
        raise Wrong(f"the prompt is not last: {apart(PROMPT, last)}")
    del last["words"][-len(asked):]
    if not last["words"] and not last["images"]:
        turns.turns.pop()
    return turns.turns
