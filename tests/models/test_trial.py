"""A model tried out: what it can do is told, and why it cannot be used."""

import pytest

from emmaus.errors import BadInput
from emmaus.models.trial import try_out
from programs import chat, chat_without_logprobs, lm_studio, ollama, running


def tried(program, name="phi4", key="", **options):
    return try_out(program.url, name, key, timeout=5, sleep=lambda _: None, **options)


def test_a_model_shows_what_it_can():
    with running(ollama()) as program:
        trial = tried(program)
    assert (trial.kind, trial.streams, trial.logprobs, trial.context, trial.error) == ("chat", True, True, 16384, "")
    assert 0 < trial.first_token < 5
    assert 5 < trial.tokens_per_second < 200


def test_a_server_that_drops_logprobs_is_told_apart():
    with running({**ollama(), "/v1/chat/completions": chat_without_logprobs}) as program:
        assert tried(program).logprobs is False


def test_a_server_that_refuses_logprobs_still_answers():
    def refusing(body):
        return {"error": {"message": "logprobs are not supported", "code": 400}} if body.get("logprobs") else chat(body)

    with running({**ollama(), "/v1/chat/completions": refusing}) as program:
        trial = tried(program)
    assert (trial.logprobs, trial.streams, trial.error) == (False, True, "")


def test_an_answer_in_one_piece_is_no_stream():
    def whole(body):
        return chat(body)[:1] if body.get("stream") else chat(body)

    with running({**ollama(), "/v1/chat/completions": whole}) as program:
        trial = tried(program)
    assert (trial.streams, trial.tokens_per_second) == (False, None)


def test_an_embedder_is_known_by_its_server_and_measured():
    with running(ollama()) as program:
        trial = tried(program, "nomic-embed-text")
        assert (trial.kind, trial.dimensions, trial.streams) == ("embedding", 3, None)
        assert trial.texts_per_second > 0
        assert tried(program, "unlisted", embeds=True).dimensions == 3


def test_what_is_wrong_is_one_sentence_with_its_mending():
    with running(ollama(), key="secret") as program:
        refused = tried(program, key="other")
        assert "refused the API key" in refused.error
        assert "choose another" in refused.error
        assert "EMMAUS" not in refused.error
        assert tried(program, key="secret").error == ""
    gone = try_out("http://127.0.0.1:9", "phi4", sleep=lambda _: None)
    assert gone.error.startswith("no model server answers at http://127.0.0.1:9")
    with running(lm_studio()) as program:
        assert "does not exist" in tried(program, "gemma").error
        assert "choose another" in tried(program, "text-embedding-nomic").error


def test_a_model_that_says_nothing_is_none_to_talk_with():
    def thinking(body):
        return [{"choices": [{"delta": {}, "finish_reason": "length"}]}] if body.get("stream") else chat(body)

    with running({**ollama(), "/v1/chat/completions": thinking}) as program:
        assert "gave no word" in tried(program).error


def test_what_is_no_address_is_refused():
    with pytest.raises(BadInput, match="no password may stand in it"):
        try_out("http://me:secret@127.0.0.1:9", "phi4")
