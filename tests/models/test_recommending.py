"""What is recommended follows from memory and from what was found; nothing that does not fit is."""

from hypothesis import given
from hypothesis import strategies as st

from emmaus.models.choice import ROLES
from emmaus.models.discovery import Model, Server
from emmaus.models.machine import Machine
from emmaus.models.recommending import PHI4_BYTES, needed, recommend

GB = 10**9
PHI4 = Model("phi4:latest", "chat", PHI4_BYTES, 16384, 14_659_507_200)
SMALL = Model("llama3.2:1b", "chat", 1_321_098_329, 131072, 1_235_814_432)
MIDDLE = Model("qwen2.5:7b", "chat", 4_683_087_332, 32768, 7_615_616_512)
LARGE = Model("llama3.3:70b", "chat", 42_520_413_916, 131072, 70_553_706_560)
EMBEDS = Model("nomic-embed-text", "embedding", 274_302_450, 2048, 136_727_040)
LAPTOP = Machine(16 * GB, 13 * GB)
GAMER = Machine(32 * GB, 28 * GB, 16 * GB, 15 * GB, "RTX 4080")


def ollama(*models):
    return (Server("Ollama", "http://127.0.0.1:11434", "0.12", models),)


def by_role(machine, servers):
    return {found.role: found for found in recommend(machine, servers)}


def test_phi4_is_recommended_where_it_fits():
    chat = by_role(GAMER, ollama(LARGE, SMALL, PHI4, EMBEDS))["chat"]
    assert (chat.name, chat.url) == ("phi4:latest", "http://127.0.0.1:11434")
    assert "16 GB of video memory" in chat.reason
    assert (
        "without a graphics card expect a few words" in by_role(Machine(24 * GB, 20 * GB), ollama(PHI4))["chat"].reason
    )


def test_a_smaller_one_where_it_does_not():
    assert by_role(LAPTOP, ollama(LARGE, PHI4, SMALL, MIDDLE))["chat"].name == "phi4:latest"
    assert by_role(Machine(8 * GB, 7 * GB), ollama(LARGE, PHI4, SMALL, MIDDLE))["chat"].name == "qwen2.5:7b"
    assert by_role(Machine(4 * GB, 3 * GB), ollama(LARGE, PHI4, SMALL))["chat"].name == "llama3.2:1b"


def test_what_fits_in_video_memory_goes_before_what_fits_in_memory_only():
    machine = Machine(64 * GB, 60 * GB, 8 * GB, 8 * GB, "RTX 3060")
    found = by_role(machine, ollama(PHI4, MIDDLE))
    assert found["chat"].name == "qwen2.5:7b"
    assert (found["generator"].name, found["judge"].name) == ("phi4:latest", "phi4:latest")
    assert "nobody waits" in found["generator"].reason


def test_the_embedded_model_where_nothing_fits_or_nothing_was_found():
    found = by_role(Machine(4 * GB, 2 * GB), ollama(PHI4))["chat"]
    assert (found.url, found.name) == ("", "")
    assert "none of the models that were found fits in 2.0 GB" in found.reason
    alone = by_role(LAPTOP, ())
    assert "no other found" in alone["chat"].reason
    assert alone["generator"].url == alone["judge"].url == alone["embedder"].url == ""


def test_phi4_is_offered_where_it_would_fit_and_ollama_is_without_it():
    assert by_role(GAMER, ollama(SMALL))["chat"].fetch == "ollama pull phi4"
    assert by_role(GAMER, ollama())["chat"].fetch == "ollama pull phi4"
    assert by_role(Machine(8 * GB, 6 * GB), ollama(SMALL))["chat"].fetch == ""
    assert by_role(GAMER, ollama(SMALL, PHI4))["chat"].fetch == ""


def test_what_runs_already_fits_and_what_tells_no_size_is_tried_first():
    served = (Server("vLLM", "http://127.0.0.1:8000", "0.11", (Model("big", "chat", context=16384),)),)
    assert "it is loaded already" in by_role(Machine(8 * GB, 1 * GB), served)["chat"].reason
    untold = (Server("LM Studio", "http://127.0.0.1:1234", "", (Model("some", "chat"),)),)
    assert "try it out before" in by_role(LAPTOP, untold)["chat"].reason
    assert by_role(LAPTOP, (*untold, *ollama(SMALL)))["chat"].name == "llama3.2:1b"


def test_a_size_that_is_not_told_is_read_from_the_name():
    models = (Model("Qwen2.5-32B-Instruct", "chat"), Model("microsoft/phi-4", "chat"), Model("gemma-3-270m", "chat"))
    found = by_role(GAMER, (Server("vLLM", "http://127.0.0.1:8000", "0.11", models),))
    assert found["chat"].name == "microsoft/phi-4"
    assert found["generator"].name == found["judge"].name == "Qwen2.5-32B-Instruct"


def test_a_small_model_is_no_judge_and_phi4_mini_is_not_phi4():
    assert "say yes to nearly everything" in by_role(LAPTOP, ollama(SMALL))["judge"].reason
    mini = Model("phi4-mini:latest", "chat", 2_500_000_000, 131072, 3_836_021_856)
    assert by_role(GAMER, ollama(mini, MIDDLE))["chat"].name == "qwen2.5:7b"


MODELS = st.builds(
    Model, st.text("abc", min_size=1), st.sampled_from(["chat", "embedding"]), st.integers(1, 10**12) | st.none()
)
MACHINES = st.builds(Machine, st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**11))


@given(MACHINES, st.lists(MODELS))
def test_whatever_is_there_each_role_has_one_sentence_and_nothing_too_large(machine, models):
    found = recommend(machine, ollama(*models))
    assert [one.role for one in found] == list(ROLES)
    assert all(one.reason and "\n" not in one.reason for one in found)
    sizes = {model.name: [m.size_bytes for m in models if m.name == model.name] for model in models}
    for one in found:
        if one.name:
            room = max(machine.video, machine.free)
            assert any(size is None or needed(size, None) <= room for size in sizes[one.name])
