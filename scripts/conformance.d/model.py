"""A model on the loopback that answers every request with one short text and keeps what it was sent.

It speaks enough of the Anthropic Messages API and of the OpenAI Responses and Chat APIs, streaming or
not, for the programs to finish one turn.
"""
import itertools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from common import ANSWER


def stream(events):
    """Server-sent events; each is a dictionary with its type."""
    lines = (f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    return "text/event-stream", "".join(lines).encode()


def plain(value):
    return "application/json", json.dumps(value).encode()


def messages(body):
    text = {"type": "text", "text": ANSWER}
    message = {
        "id": "msg_mock", "type": "message", "role": "assistant", "content": [],
        "model": body.get("model", "mock"), "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    if not body.get("stream"):
        return plain({**message, "content": [text], "stop_reason": "end_turn"})
    return stream([
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ANSWER}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ])


def responses(body):
    item = {
        "type": "message", "id": "msg_mock", "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": ANSWER, "annotations": []}],
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


def chat(body):
    answer = {"role": "assistant", "content": ANSWER}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    head = {"id": f"chatcmpl-{next(NUMBERS)}", "created": 1, "model": body.get("model", "mock")}
    if not body.get("stream"):
        choice = {"index": 0, "finish_reason": "stop", "message": answer}
        return plain({**head, "object": "chat.completion", "usage": usage, "choices": [choice]})
    chunks = [
        {**head, "object": "chat.completion.chunk",
         "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
        for delta, reason in ((answer, None), ({}, "stop"))]
    chunks.append({**head, "object": "chat.completion.chunk", "usage": usage, "choices": []})
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]
    return "text/event-stream", "".join(lines).encode()


# Some programs take an answer that they had before for the same one.
NUMBERS = itertools.count()
ANSWERS = {
    "/chat/completions": chat,
    "/messages": messages, "/responses": responses,
    "/count_tokens": lambda body: plain({"input_tokens": 1}),
}


class Model:
    """The server. Every program that is started talks to an address of its own."""

    def __init__(self):
        self.requests = {}
        self.numbers = itertools.count()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self.requests))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def address(self):
        """A new base address, and the list of conversations that are sent there."""
        key = str(next(self.numbers))
        self.requests[key] = []
        return f"http://127.0.0.1:{self.server.server_address[1]}/{key}", self.requests[key]


def handler(requests):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status, kind, body):
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer(200, *plain({"data": [{"id": "mock", "object": "model"}], "models": []}))

        def do_HEAD(self):
            self.answer(200, "application/json", b"")

        def do_POST(self):
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.split("?")[0]
            reply = next((ANSWERS[end] for end in ANSWERS if path.endswith(end)), None)
            if reply is None:
                self.answer(404, *plain({}))
                return
            body = json.loads(raw)
            if reply in (messages, responses, chat):
                requests[path.split("/")[1]].append(body)
            self.answer(200, *reply(body))

        def log_message(self, *arguments):
            pass

    return Handler
