"""What is written of messages of other formats: what services refuse, differently (CONVERSIONS.md)."""
import base64
import binascii
import re

PERMISSIONS = "<permissions instructions>"
LEGAL = re.compile("[A-Za-z0-9_-]{1,64}")
TYPES = {
    b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF87a": "image/gif",
    b"GIF89a": "image/gif", b"BM": None, b"II*\0": None, b"MM\0*": None, b"\0\0\1\0": None,
    b"<svg": None, b"<?xml": None, b"%PDF": None,
}


def view(messages):
    """Messages as they are accepted; none without content."""
    for message in messages:
        content = list(blocks(message.get("content", []), message["role"]))
        if content:
            yield {**message, "content": content}


def blocks(content, role):
    for block in content:
        kind = block["type"]
        if kind == "text":
            block = {**block, "text": without_permissions(block["text"], role)}
            if not block["text"]:
                continue
        if kind == "opaque":
            json = block["json"] if isinstance(block["json"], dict) else {}
            text = json.get("text") or json.get("Text")
            if isinstance(text, str) and text:
                yield {"type": "text", "text": text}
        elif kind == "tool_result":
            yield {**block, "content": list(blocks(block.get("content", []), "tool"))}
        elif kind == "image" and block.get("base64") is not None and role != "assistant":
            yield picture(block)
        else:
            yield block


def without_permissions(text, role):
    """A text without what a program told its model of permissions; as a person's, where it begins."""
    if role in ("assistant", "tool") or role == "user" and not text.lstrip().startswith(PERMISSIONS):
        return text
    kept = re.sub(PERMISSIONS + "(.*?)(</permissions instructions>|$)", "", text, flags=re.DOTALL)
    return text if kept == text else kept if kept.strip() else ""


def picture(block):
    """A picture with the type of its bytes; what is none that is taken, as text."""
    stated = block.get("media_type")
    try:
        data = base64.b64decode(block["base64"], validate=True)
    except (binascii.Error, ValueError):
        data = None
    found = [media for start, media in TYPES.items() if data is not None and data.startswith(start)]
    if data is not None and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = ["image/webp"]
    if data and not found:
        found = [stated if stated in TYPES.values() or stated == "image/webp" else None]
    if found and found[0]:
        return {**block, "media_type": found[0]}
    about = [block.get("path"), stated or "of unknown type",
             "its data does not decode" if data is None else None]
    return {"type": "text", "text": f"[image: {', '.join(part for part in about if part)}]"}


def is_name(mine, theirs):
    """Whether a tool's name is written as it is or, where it is refused, as one made from it."""
    if LEGAL.fullmatch(mine):
        return theirs == mine
    kept = "".join(c if LEGAL.fullmatch(c) else "_" * len(c.encode()) for c in mine)[:48]
    return theirs.startswith(kept or "tool") and LEGAL.fullmatch(theirs) is not None


def file_text(block):
    """A file's text under its name, unless the text says it."""
    name, text = block.get("name") or block.get("path"), block.get("text")
    if not text:
        return f"[file: {name}]" if name else None
    if not name or name in text.split("\n", 1)[0]:
        return text
    end = "" if text.endswith("\n") else "\n"
    return f"<file name=\"{name.replace(chr(34), chr(39))}\">\n{text}{end}</file>"
