"""The child process of the embedded engine: llama.cpp's server, and nothing of this program.

The first line on stdin is the configuration, and every further line asks for one more server beside those that run.
Each line is answered by one on stdout (`{"address": ...}` or `{"error": ...}`); logs go to stderr, HTTP is on the
loopback.
Stdin closes when the parent closes it or dies, however it dies, and the process ends with it, at the latest when it has
loaded the model: no orphan is left behind.
Run by its path: it imports only the standard library and xllamacpp.
"""

import json
import os
import sys
from typing import Any, TextIO

READ_AT_ONCE = 128
"""Tokens of a prompt between two looks whether somebody still waits for the answer. With llama.cpp's 2,048 a prompt of
3,451 tokens that nobody waited for any more was read to its end: the next one waited for 33 s, with 128 for 2.5 s (two
cores that four others shared)."""


def main() -> None:
    """Serve until stdin closes."""
    report = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever native code prints must not be taken for the report
    config = json.loads(sys.stdin.readline())
    servers = []
    while True:
        try:
            servers.append(_serve(config))
            said = {"address": servers[-1].listening_address}
        except Exception as error:
            said = {"error": str(error)}
        if not _tell(report, said) or not servers:
            os._exit(1)
        if not sys.stdin.readline():
            os._exit(0)


def _tell(report: TextIO, said: dict[str, str]) -> bool:
    """Tell the parent; False where it is gone.

    Raised instead, this would end the process by way of Python's own shutdown, which waits for the server's threads.
    """
    try:
        report.write(json.dumps(said) + "\n")
        report.flush()
    except OSError:
        return False
    return True


def _serve(config: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = config["model"]
    params.n_parallel = config["slots"]
    params.n_batch = READ_AT_ONCE
    params.n_ctx = config["slots"] * config["context"]
    params.kv_unified = False
    params.cpuparams.n_threads = config["threads"]
    params.cpuparams_batch.n_threads = config["batch_threads"]
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


if __name__ == "__main__":
    main()
