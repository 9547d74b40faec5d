"""What a person is told before the first answer."""

from dataclasses import replace

from emmaus.cli.chatting import preparing
from emmaus.grounding.recall import Recall
from emmaus.grounding.retrieval import Index
from parts import Lost


def test_it_is_said_why_verses_are_found_by_words_alone(stoa, small_pack, tmp_path):
    embedder = Lost()
    with Index.open(tmp_path, small_pack, embedder=embedder) as index:
        scene = replace(stoa, index=index, recall=Recall([], embedder, tmp_path))
        assert preparing(scene) == ""
        scene.prompt("A burglar took my lamp")
        assert preparing(scene) == ("(verses are found by their words alone: the embedding server was lost: start it)")
        embedder.away = False
        scene.prompt("A burglar took my lamp")
        assert preparing(scene) == ""
