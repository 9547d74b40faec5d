"""The child process of the embedded engine: llama.cpp's server, and nothing of this program.

Reads one line of JSON on stdin, writes one line of JSON on stdout (`{"address": ...}` or `{"error": ...}`), logs to
stderr, serves HTTP on the loopback until stdin closes. Stdin closes when the parent closes it or dies, however it
dies, so no orphan is left behind. Run by its path: it imports only the standard library and xllamacpp.
"""

import json
import os
import sys
import threading
from typing import Any


def main() -> None:
    """Serve until stdin closes."""
    report = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever native code prints must not be taken for the report
    config = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        server = _serve(config)
        report.write(json.dumps({"address": server.listening_address}) + "\n")
    except Exception as error:
        report.write(json.dumps({"error": str(error)}) + "\n")
        report.flush()
        os._exit(1)
    report.flush()
    threading.Event().wait()


def _serve(config: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = config["model"]
    params.n_parallel = config["slots"]
    params.n_ctx = config["slots"] * config["context"]
    params.kv_unified = False
    params.cpuparams.n_threads = config["threads"]
    params.cpuparams_batch.n_threads = config["threads"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config["key"]]
    params.ui = False
    params.fit_params = False  # it would open the model twice, to fit it to a device that is not there
    params.verbosity = 2
    # The parent owns slots and their caches. llama.cpp's own caches take no notice of adapters and would mix them.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    params.slot_prompt_similarity = 0.0
    adapters = []
    for path in config["adapters"]:
        adapter = xllamacpp.CommonAdapterLoraInfo()
        adapter.path = path
        adapter.scale = 0.0
        adapters.append(adapter)
    params.lora_adapters = adapters
    return xllamacpp.Server(params)


def _leave_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
