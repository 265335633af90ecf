"""Conversations as Claude Code sends them, in a form that can be compared."""
import re
from decimal import Decimal

from common import Wrong, apart

# What ids and names may be made of, and how long they may be.
LEGAL = re.compile(r"[a-zA-Z0-9_-]{1,64}")
# How tools that were renamed are called now; the program itself says so.
RENAMED = {"Task": "Agent"}


class Turns:
    """Messages in order; those of one role that follow each other are one turn."""

    def __init__(self):
        self.turns = []

    def add(self, role, blocks):
        blocks = list(blocks)
        if blocks and self.turns and self.turns[-1][0] == role:
            self.turns[-1][1].extend(blocks)
        elif blocks:
            self.turns.append((role, blocks))


def text(value):
    # The program ends texts that it joins with a line end, and has no half characters.
    return ("text", re.sub("[\ud800-\udfff]", "\ufffd", value).rstrip("\n"))


def attachment_free(value):
    """A result's text without the reminders that the program puts behind it."""
    value = re.sub(r"(^|\n\n)<system-reminder>.*</system-reminder>\s*$", "", value, flags=re.S)
    return value


def image(media, data):
    return ("image", media or "image/png", data)


def numbers(value):
    """Numbers as the program passes them on: as doubles, too large ones not at all."""
    if isinstance(value, dict):
        return {text(key)[1]: numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [numbers(item) for item in value]
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return value
    try:
        value = float(value)
    except OverflowError:
        return None
    return None if value in (float("inf"), float("-inf")) else value


def words(block, is_answer):
    """What a block that is neither call, result nor reasoning is sent as."""
    kind = block["type"]
    if kind == "text" and block["text"].strip():
        yield text(block["text"])
    elif kind == "image":
        path = block.get("path") or ""
        if not is_answer and (block.get("base64") or path.startswith("https://")):
            yield image(block.get("media_type"), block.get("base64") or path)
        else:
            yield text(f"[image {path}]" if "path" in block else "[image]")
    elif kind == "file":
        name = block.get("name", block.get("path"))
        is_pdf = "base64" in block and block.get("media_type") == "application/pdf"
        if not is_answer and (is_pdf or block.get("text")):
            yield ("document", block["base64"] if is_pdf else block["text"])
        else:
            yield text("[file]" if name is None else f"[file {name}]")


def compare(ours, sent, is_own=False):
    """Says where two conversations differ; identifiers are compared by what they refer to.

    In the format's own sessions they and names are sent as they are.
    """
    ours, our_ids = numbered(ours)
    sent, sent_ids = numbered(sent)
    for number, (mine, theirs) in enumerate(zip(ours, sent), 1):
        if mine[0] != theirs[0]:
            raise Wrong(f"turn {number}: {apart(mine, theirs)}")
        for a, b in zip(mine[1], theirs[1]):
            if not same(a, b, is_own):
                raise Wrong(f"turn {number}: {apart(a, b)}")
        if len(mine[1]) != len(theirs[1]):
            raise Wrong(f"turn {number}: {apart(mine[1], theirs[1])}")
    if len(ours) != len(sent):
        place = min(len(ours), len(sent))
        raise Wrong(f"{len(ours)} turns, sent {len(sent)}: {apart(ours[place:], sent[place:])}")
    used = set()
    for mine, theirs in zip(our_ids, sent_ids):
        if (is_own or LEGAL.fullmatch(mine)) and mine not in used and mine != theirs:
            raise Wrong(f"call {mine} was sent as {theirs}")
        used.add(mine)


def same(mine, theirs, is_own):
    if mine[0] == "call" == theirs[0]:
        return (mine[1] == theirs[1] and is_name(mine[2], theirs[2], is_own)
                and mine[3] == theirs[3])
    return mine == theirs


def is_name(mine, theirs, is_own):
    """Whether a tool's name is sent as it is or, when the API would refuse it, as one made from it."""
    if is_own or LEGAL.fullmatch(mine):
        return theirs == RENAMED.get(mine, mine)
    kept = "".join(c if LEGAL.fullmatch(c) else "_" * len(c.encode()) for c in mine)[:48]
    return theirs.startswith(kept or "tool") and LEGAL.fullmatch(theirs) is not None


def numbered(turns):
    """Turns with results first or calls last, calls numbered, and the calls' identifiers."""
    ids, numbers, done = [], {}, []
    for role, blocks in turns:
        changed = []
        for block in blocks:
            if block[0] == "call":
                numbers[block[1]] = len(ids)
                ids.append(getattr(block[1], "id", block[1]))
                block = ("call", len(ids) - 1, *block[2:])
            elif block[0] == "result":
                block = ("result", numbers.get(block[1], block[1]), *block[2:])
            changed.append(block)
        last = "call" if role == "assistant" else None
        changed.sort(key=lambda b: b[0] == last if last else b[0] != "result")
        done.append((role, changed))
    return done, ids
