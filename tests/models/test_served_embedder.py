"""Embeddings from any OpenAI-compatible server, and one sentence where it gives none."""

import numpy as np
import pytest
from servers import hang_up, send, serving

from emmaus.errors import BadInput, ModelError
from emmaus.models.embedding import ServedEmbedder


def answer(*vectors):
    return send(200, {"data": [{"index": n, "embedding": list(vector)} for n, vector in enumerate(vectors)]})


def embedder(server):
    return ServedEmbedder(server.url, "nomic-embed-text", "secret", 5, sleep=lambda _: None)


def test_unit_vectors_come_in_the_order_of_the_texts():
    shuffled = send(200, {"data": [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [3, 4]}]})
    with serving(shuffled) as server:
        vectors = embedder(server).embed(["a", ""])
        assert server.paths == ["/v1/embeddings"]
        assert server.bodies == [{"model": "nomic-embed-text", "input": ["a", " "]}]
        assert server.headers[0]["Authorization"] == "Bearer secret"
    assert np.allclose(vectors, [[0.6, 0.8], [0, 1]])
    assert vectors.dtype == np.float32


def test_many_texts_are_sent_in_portions():
    with serving(answer(*[[1, 0]] * 32), answer([0, 1])) as server:
        assert embedder(server).embed(["text"] * 33).shape == (33, 2)
        assert [len(body["input"]) for body in server.bodies] == [32, 1]


def test_no_texts_are_not_sent():
    with serving(answer()) as server:
        assert embedder(server).embed([]).shape[0] == 0
        assert server.bodies == []


def test_an_overloaded_server_is_asked_again():
    with serving(send(503, {"error": "loading"}), answer([1, 0])) as server:
        assert embedder(server).embed(["a"]).shape == (1, 2)


@pytest.mark.parametrize(
    "step",
    [
        answer([1, 0], [0, 1]),
        send(200, {"data": "nothing"}),
        send(200, {"data": [{"index": 0, "embedding": ["x"]}]}),
        answer([float("nan"), 1]),
        send(200, b"<html>"),
        send(404, {"error": {"message": "no such model"}}),
        hang_up,
    ],
)
def test_what_is_no_embedding_is_said_with_its_mending(step):
    with serving(step) as server, pytest.raises(ModelError, match="EMMAUS_EMBEDDER_NAME") as raised:
        embedder(server).embed(["a"])
    assert "\n" not in str(raised.value)
    assert server.url in str(raised.value)


@pytest.mark.parametrize("url", ["", "ftp://host", "localhost:0"])
def test_what_is_no_address_is_said(url):
    with pytest.raises(BadInput, match="EMMAUS_EMBEDDER_URL"):
        ServedEmbedder(url, "m")
