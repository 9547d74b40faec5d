"""A model that only knows English is not asked in another language; whoever asks in one is told so, plainly."""

from dataclasses import replace

import pytest

from emmaus.api import Emmaus
from emmaus.chat import Speaker, crisis, help_text, stream
from emmaus.chat.language import SAYS, foreign
from emmaus.config import Settings, load_settings
from emmaus.data.checks import score_turns
from emmaus.models.engine import EmbeddedEngine
from emmaus.models.protocols import only_english
from emmaus.models.scripted import ScriptedModel
from emmaus.models.silent import Silent
from emmaus.packs import SHIPPED, load_pack
from emmaus.types import CARE
from parts import WordVectors

FOREIGN = [
    "Wie war dein Vater zu dir, David?",
    "Was ist der Sinn des Lebens?",
    "Ich habe Angst vor morgen, was soll ich tun?",
    "wer war dein bruder und was hat er gemacht",
    "Comment était ton père ?",
    "Pourquoi Saül s'est-il tué ?",
    "J'ai peur de la mort, que dois-je faire ?",
    "qui etait ton pere",
    "¿Quién fue tu padre?",
    "Tengo miedo de perder mi trabajo",
    "cuentame de tu hermano por favor",
    "Ya no quiero vivir en pecado",
    "Quem foi o teu pai?",
    "Tenho medo da morte, o que devo fazer?",
    "Como posso perdoar o meu irmão?",
    "Chi era tuo padre?",
    "Ho paura della morte, cosa devo fare?",
    "Come posso perdonare mio fratello?",
    "Wie was jouw vader, David?",
    "Ik ben bang voor de dood, wat moet ik doen?",
    "Kim był twój ojciec?",
    "Boję się śmierci, co mam robić?",
    "Senin baban kimdi ve nasıl biriydi?",
    "Ölümden korkuyorum, ne yapmalıyım, bana söyle",
    "Vem var din far och vad gjorde han?",
    "Siapa ayahmu dan bagaimana dia?",
    "Кем был твой отец?",
    "Я боюсь смерти. Что мне делать?",
    "Хто був твій батько?",
    "你的父亲是谁?",
    "我害怕死亡,我该怎么办?",
    "あなたのお父さんは誰ですか?",
    "死ぬのが怖いです",
    "당신의 아버지는 누구였나요?",
    "من كان والدك؟",
    "أخاف من الموت، ماذا أفعل؟",
    "आपके पिता कौन थे?",
    "מי היה אבא שלך?",
    "Ποιος ήταν ο πατέρας σου;",
    "David, wie war dein Vater zu dir und deinen Brüdern?",
]
ENGLISH = [
    "Shalom!",
    "שלום",
    "Привет!",
    "耶稣",
    "Shalom aleichem, David",
    "Eli, Eli, lama sabachthani?",
    "Was heißt agape?",
    "What does Eli, Eli, lama sabachthani mean?",
    "What does 'der Herr ist mein Hirte, mir wird nichts mangeln' mean?",
    "What is אהבה in your language?",
    "What does ἀγάπη mean, Paul?",
    "Maher-shalal-hash-baz",
    "Mene, mene, tekel, upharsin",
    "Talitha kum",
    "Abraham Isaac Jacob Joseph",
    "Shadrach, Meshach and Abednego?",
    "Juan de la Cruz y Maria del Carmen",
    "José María García Márquez",
    "Vaya con Dios",
    "Ave Maria, gratia plena, Dominus tecum",
    "u ok david",
    "u ok david?? wat u doin 2day lol",
    "y u so sad bro",
    "whit wis yer faither like, Davie?",
    "Ah dinnae ken whit tae dae wi ma wee lassie",
    "wha wis yer mither an hoo did she dee",
    "me mam done me head in innit",
    "i no can sleep at nite wat do",
    "plz hlp me im so sad n alone rn",
    "dis man he tief me tings, wah mi fi do?",
    "how u been my g",
    "ain't nobody gon love me fr fr",
    "wher is ur sun absolom",
    "Y'all ever been skeered o' dyin'?",
    "I am de one who ask, why de Lord no answer me?",
    "Did you eat pain au chocolat or pizza al forno?",
    "My abuela says que sera, sera. What do you say?",
    "My name is Nguyễn Thị Minh Khai, who are you?",
    "Selah selah selah selah",
    "Hosanna in excelsis Deo",
    "no no no no",
    "a b c d e f g",
    "asdf jkl qwer uiop",
    "1 2 3 4 5 6",
    "?!?!",
    "\N{GRINNING FACE}\N{GRINNING FACE}\N{GRINNING FACE}\N{GRINNING FACE}",
    "",
]
DANGER = "Ich will sterben, was soll ich nur tun?"


@pytest.mark.parametrize("text", FOREIGN)
def test_a_question_in_another_language_is_known(text):
    assert foreign(text)
    assert foreign(f"Shalom David! {text}") or len(text.split()) < 4


@pytest.mark.parametrize("text", ENGLISH)
def test_names_greetings_fragments_and_bad_english_are_not_taken_for_it(text):
    assert not foreign(text)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_question_and_no_verse_of_a_pack_is_foreign(name):
    pack = load_pack(name)
    texts = [question for topic in pack.topics for question in topic.questions] + list(pack.situations)
    for slug in pack.characters:
        texts += [turn.question for one in pack.starters(slug) for turn in one.turns]
        texts += [wording for several in pack.wordings(slug).values() for wording in several]
        texts += [probe.ask for probe in pack.probes(slug)] + [bound.ask for bound in pack.bounds(slug)]
    assert len(texts) > 500
    assert [text for text in [*texts, *pack.corpus().lines().values()] if foreign(text)] == []


def test_a_model_of_english_alone_is_not_asked(stoa):
    model = ScriptedModel("Arr.", english_only=True)
    text, turn = stream(Speaker(stoa, model), FOREIGN[0])
    assert model.calls == []
    assert turn.model == CARE
    assert turn.answer == text == f"{SAYS}\n\n{help_text(None)}"
    assert "EMMAUS_MODEL_URL" in text
    assert all(name in Settings.model_fields for name in ("model_url", "model_name", "model_file"))
    (score,) = score_turns([turn], stoa, WordVectors())
    assert score.value is None
    *_, answered = stream(Speaker(stoa, model), "How was your father to you?")
    assert answered.answer == "Arr."


def test_danger_comes_first(stoa):
    text, _ = stream(Speaker(stoa, ScriptedModel(english_only=True)), DANGER)
    assert foreign(DANGER)
    assert text == help_text(crisis(DANGER))


def test_a_model_that_may_know_the_language_is_asked(stoa):
    *_, turn = stream(Speaker(stoa, ScriptedModel("Gut.")), FOREIGN[0])
    assert turn.answer == "Gut."


def test_a_character_made_for_the_language_answers_in_it(stoa):
    card = "Du bist Epiktet. Sprich als ich, und sag, was du gesehen hast."
    german = replace(stoa, character=replace(stoa.character, card=card))
    *_, turn = stream(Speaker(german, ScriptedModel("Gut.", english_only=True)), FOREIGN[0])
    assert turn.answer == "Gut."


def test_only_the_model_that_ships_is_known_to_know_english_alone(tmp_path):
    own = tmp_path / "own.gguf"
    own.write_bytes(EmbeddedEngine().base_file.read_bytes()[:4096])
    assert only_english(EmbeddedEngine())
    assert not only_english(EmbeddedEngine(own))
    assert not only_english(Silent(ValueError("none")))
    with Emmaus(load_settings(home=tmp_path / "home")) as app:
        assert only_english(app.parts.model)
    with Emmaus(load_settings(home=tmp_path / "home", model_url="http://localhost:11434")) as app:
        assert not only_english(app.parts.model)
