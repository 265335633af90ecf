"""A long session, the same at every run: 20,000 messages, 50 MB, a third of them tool calls."""
import json
import random

SESSION = "20260501-090000-00000000000000f1"
ROUNDS = 5_000
WORDS = (
    "beans rows water seeds the a in of and plan garden shed tea naïve 種 🌻 \"quoted\" back\\slash "
    "tab\there <tag> if else return"
).split(" ")
PIXEL = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
         "gg==")


def make(folder):
    """Writes the session as a store of ggcode."""
    numbers = random.Random(1)
    folder.mkdir()

    def words(low, high):
        return " ".join(numbers.choices(WORDS, k=numbers.randint(low, high)))

    def text(low, high):
        return {"type": "text", "text": words(low, high)}

    with open(folder / f"{SESSION}.jsonl", "w", encoding="utf-8") as file:
        def record(kind, **members):
            line = {"type": kind, "session_id": SESSION, **members}
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")

        def say(role, *blocks):
            record("message", message={"role": role, "content": list(blocks)})

        record("meta", title="A long session", workspace="/home/dev/app", vendor="anthropic",
               model="m-1", created_at="2026-05-01T09:00:00Z", updated_at="2026-05-01T09:05:00Z")
        for number in range(ROUNDS):
            picture = {"type": "image", "image_mime": "image/png", "image_data": PIXEL}
            say("user", text(5, 100), *[picture] * (number % 50 == 0))
            calls = [f"call_{number}_{count}" for count in range(1 + number % 2)]
            say("assistant", text(5, 200), *[
                {"type": "tool_use", "tool_name": "read_file", "tool_id": call,
                 "input": {"path": words(1, 3), "limit": numbers.randint(1, 999)}}
                for call in calls])
            say("user", *[
                {"type": "tool_result", "tool_id": call, "output": words(5, 1_900)}
                for call in calls])
            say("assistant", text(5, 200))
    return folder
