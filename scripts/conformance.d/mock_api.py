#!/usr/bin/env python3
"""A model on the loopback that answers every request with one short text and keeps what it was sent.

usage: mock_api.py PORT FOLDER

Speaks enough of the Anthropic Messages API and of the OpenAI Responses API, streaming or not, for the
real programs to finish one turn. Request bodies are written to FOLDER/NNN-<kind>.json.
"""
import itertools
import json
import pathlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPLY = "Understood."


def stream(events):
    """Server-sent events; each is a dictionary with its type."""
    lines = (f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    return "text/event-stream", "".join(lines).encode()


def plain(value):
    return "application/json", json.dumps(value).encode()


def messages(body):
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {
        "id": "msg_mock", "type": "message", "role": "assistant", "content": [],
        "model": body.get("model", "mock"), "stop_reason": None, "stop_sequence": None,
        "usage": usage,
    }
    if not body.get("stream"):
        text = {"type": "text", "text": REPLY}
        return plain({**message, "content": [text], "stop_reason": "end_turn"})
    return stream([
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": REPLY}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ])


def responses(body):
    item = {
        "type": "message", "id": "msg_mock", "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": REPLY, "annotations": []}],
    }
    response = {
        "id": "resp_mock", "object": "response", "created_at": 1, "status": "completed",
        "model": body.get("model", "mock"), "output": [item],
        "usage": {
            "input_tokens": 1, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 1, "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 2,
        },
    }
    if not body.get("stream"):
        return plain(response)
    return stream([
        {"type": "response.created",
         "response": {**response, "status": "in_progress", "output": []}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": response},
    ])


KINDS = {
    "/messages": ("messages", messages),
    "/responses": ("responses", responses),
    "/count_tokens": ("count", lambda body: plain({"input_tokens": 1})),
}


def handler(folder):
    numbers = itertools.count(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status, kind, body):
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer(200, *plain({"data": [], "models": []}))

        def do_HEAD(self):
            self.answer(200, "application/json", b"")

        def do_POST(self):
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                body = json.loads(raw)
            except ValueError:
                body = {}
            path = self.path.split("?")[0]
            found = [value for end, value in KINDS.items() if path.endswith(end)]
            kind, reply = found[0] if found else ("other", None)
            name = f"{next(numbers):03d}-{kind}.json"
            (folder / name).write_text(json.dumps({"path": path, "body": body}))
            if reply:
                self.answer(200, *reply(body))
            else:
                self.answer(404, *plain({}))

        def log_message(self, *arguments):
            pass

    return Handler


if __name__ == "__main__":
    port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    ThreadingHTTPServer(("127.0.0.1", port), handler(folder)).serve_forever()
