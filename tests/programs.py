"""Small real HTTP servers that answer as Ollama, LM Studio, llama-server and vLLM document it."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PHI4 = 9_053_116_391


def ollama(models=None):
    """Ollama with phi-4, a small model and an embedder, or with these: name -> (size, parameters, embeds)."""
    models = models or {
        "phi4:latest": (PHI4, 14_659_507_200, False),
        "llama3.2:1b": (1_321_098_329, 1_235_814_432, False),
        "nomic-embed-text:latest": (274_302_450, 136_727_040, True),
    }

    def show(body):
        _, parameters, embeds = models[body["model"]]
        family = "nomic-bert" if embeds else "phi3"
        info = {"general.parameter_count": parameters, f"{family}.context_length": 2048 if embeds else 16384}
        return {"model_info": info, "capabilities": ["embedding"] if embeds else ["completion"]}

    tags = [
        {"name": name, "size": size, "details": {"parameter_size": "14.7B", "quantization_level": "Q4_K_M"}}
        for name, (size, _, _) in models.items()
    ]
    listed = [{"id": name, "object": "model", "owned_by": "library"} for name in models]
    return {
        "/api/version": {"version": "0.12.11"},
        "/api/tags": {"models": tags},
        "/api/show": show,
        "/v1/models": {"object": "list", "data": listed},
        "/v1/chat/completions": chat,
        "/v1/embeddings": embeddings,
    }


def lm_studio():
    loaded = [{"id": "gemma-3-270m-it-qat", "config": {"context_length": 4096}}]
    chats = {
        "type": "llm",
        "key": "gemma-3-270m-it-qat",
        "quantization": {"name": "Q4_0", "bits_per_weight": 4},
        "size_bytes": 241410208,
        "params_string": "270M",
        "loaded_instances": loaded,
        "max_context_length": 32768,
    }
    embeds = {"type": "embedding", "key": "text-embedding-nomic", "size_bytes": 274290560, "params_string": None}
    return {"/api/v1/models": {"models": [chats, {**embeds, "loaded_instances": [], "max_context_length": 2048}]}}


def lm_studio_before():
    """LM Studio 0.3, which answers what it does not know with an error and status 200."""
    data = [
        {"id": "meta-llama-3.1-8b-instruct", "type": "llm", "quantization": "Q4_K_M", "max_context_length": 131072},
        {"id": "text-embedding-nomic", "type": "embeddings", "max_context_length": 2048},
    ]
    return {"/api/v0/models": {"object": "list", "data": data}, "*": {"error": "Unexpected endpoint or method."}}


def llama_server():
    meta = {"n_ctx_train": 131072, "n_params": 8030261248, "size": 4912898304}
    return {
        "/props": {"default_generation_settings": {"n_ctx": 8192}, "total_slots": 2, "build_info": "b6800-abc"},
        "/v1/models": {
            "models": [{"name": "Llama-3.1-8B.gguf", "model": "Llama-3.1-8B.gguf", "capabilities": ["completion"]}],
            "data": [{"id": "Llama-3.1-8B.gguf", "object": "model", "owned_by": "llamacpp", "meta": meta}],
        },
        "/v1/chat/completions": chat,
    }


def vllm():
    card = {"object": "model", "created": 1, "owned_by": "vllm", "root": "x", "parent": None}
    data = [{"id": "microsoft/phi-4", "max_model_len": 16384, **card}, {"id": "BAAI/bge-m3", **card}]
    return {"/version": {"version": "0.11.0"}, "/v1/models": {"object": "list", "data": data}}


WORDS = [" the", " shepherd", " counts", " his", " sheep", "."]


def chat(body):
    """A chat completion with log-probabilities where they are asked for, or its pieces as events."""
    if body.get("stream"):
        return [{"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]} for word in WORDS]
    message = {"role": "assistant", "content": "Yes"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    if body.get("logprobs"):
        choice["logprobs"] = {"content": [{"token": "Yes", "logprob": -0.1, "top_logprobs": []}]}
    return {"choices": [choice], "usage": {"completion_tokens": 1}}


def chat_without_logprobs(body):
    return chat({**body, "logprobs": False})


def embeddings(body):
    return {"data": [{"index": at, "embedding": [1.0, 2.0, len(text)]} for at, text in enumerate(body["input"])]}


class Program:
    """A program that runs: its address, and what it was asked."""

    def __init__(self, url):
        self.url = url
        self.asked = []
        self.keys = []

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])


@contextmanager
def running(answers, *, key=None, port=0):
    """Run a program that gives these answers by path; `*` answers the rest. With `key`, `/v1` asks for it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer(None)

        def do_POST(self):
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body):
            program.asked.append(self.path)
            program.keys.append(self.headers.get("Authorization"))
            if key and self.path.startswith("/v1") and self.headers.get("Authorization") != f"Bearer {key}":
                return self._send(401, {"error": {"message": "Invalid API Key"}})
            found = answers.get(self.path, answers.get("*"))
            found = found(body) if callable(found) else found
            if isinstance(found, list):
                return self._stream(found)
            return self._send(404, {"error": {"message": "no such path"}}) if found is None else self._send(200, found)

        def _stream(self, events):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for event in events:
                self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
                self.wfile.flush()
                threading.Event().wait(0.01)
            self.wfile.write(b"data: [DONE]\n\n")

        def _send(self, status, body):
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        program = Program(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield program
        server.shutdown()
        thread.join()
