"""What Claude Code sends of its own sessions, with the repairs that it makes itself.

It drops what does not pair, or puts its own words there; both sides are brought to what does pair.
"""
import json
import re

from claude_turns import Turns, compare as compare_turns, numbers, text, words

REPAIRS = re.compile(
    r"(\[Tool (call interrupted|result missing|use interrupted)|No response requested\.$|"
    r"\(no content\)$|\[Orphaned tool result)")


def compare(view, sent):
    compare_turns(paired(without_repairs(ours(view))), paired(without_repairs(sent)), is_own=True)


def ours(view):
    """Our effective view as turns."""
    turns = Turns()
    for message in in_order(by_parents(view)):
        record = message.get("extras", {}).get("claude-code", {}).get("record", {})
        if isinstance(record.get("attachment"), dict):
            # The program words it in its own way.
            continue
        is_answer = message["role"] == "assistant"
        blocks = []
        for block in message.get("content", []):
            if block["type"] == "tool_call":
                arguments = numbers(block.get("arguments", {}))
                blocks.append(("call", block["id"], block["name"], arguments))
            elif block["type"] == "tool_result":
                blocks.append(result(block))
            elif block["type"] == "opaque":
                blocks.append((block["kind"],))
            elif block["type"] != "thinking":
                blocks += words(block, is_answer)
        turns.add("assistant" if is_answer else "user", blocks)
    return turns.turns


def result(block):
    other = block.get("extras", {}).get("claude-code", {}).get("content")
    parts = []
    if isinstance(other, (dict, int, float)):
        parts.append(text(json.dumps(other, separators=(",", ":"), ensure_ascii=False)))
    for part in block.get("content", []):
        parts += words(part, is_answer=False)
    return ("result", block["call_id"], bool(block.get("is_error")), parts)


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


def paired(turns):
    """Without calls that the next turn does not answer and results that answer no call before."""
    done, answered, waiting = Turns(), set(), []
    for number, (role, blocks) in enumerate(turns):
        kept, pairs = [], []
        if role == "assistant":
            following = turns[number + 1][1] if number + 1 < len(turns) else []
            results = {b[1] for b in following if b[0] == "result"}
            for block in blocks:
                if block[0] != "call":
                    kept.append(block)
                elif block[1] in results and block[1] not in answered:
                    answered.add(block[1])
                    pairs.append(block)
            waiting = [call[1] for call in pairs]
        else:
            for block in blocks:
                if block[0] != "result":
                    kept.append(block)
                elif block[1] in waiting:
                    waiting.remove(block[1])
                    pairs.append(block)
            # The program sends them in the order in which they came, we in that of the file.
            pairs.sort(key=lambda b: b[1])
        done.add(role, kept + pairs)
    return done.turns


def without_repairs(turns):
    """Without what the program puts in place of what does not pair."""
    done = Turns()
    for role, blocks in turns:
        done.add(role, [b for b in blocks if not is_repair(b)])
    return done.turns


def is_repair(block):
    if block[0] == "result":
        return any(part[0] == "text" and REPAIRS.match(part[1]) for part in block[3])
    return block[0] == "text" and REPAIRS.match(block[1]) is not None
