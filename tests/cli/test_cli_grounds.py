"""Texts are searched, quotations checked, dangers seen: one by one for people, line by line for programs."""

import json
import select

import pytest

QUOTING = (
    'He said "For God so loved the world, that he gave his one and only Son" (John 3:16, WEB), and '
    '"The LORD is my shepherd; I shall not hunger" (Psalm 23:1). See John 3:99. My aunt said "pass the salt, dear".\n'
)


def lines(*texts):
    return "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))


def test_verses_are_found_for_people_and_for_programs(emmaus):
    ran = emmaus("search", "do not worry about tomorrow", "-k", "5")
    assert ran.code == 0
    assert "Matthew 6:34 (WEB)" in ran.out
    found = emmaus("search", "do not worry about tomorrow", "-k", "5", "--json").json["passages"]
    assert "Matt.6.34" in [hit["osis"] for hit in found]
    scores = [hit["score"] for hit in found]
    assert len(found) == 5
    assert scores == sorted(scores, reverse=True)


def test_a_place_comes_first_and_nothing_found_is_said(emmaus):
    ran = emmaus("search", "john 3:16", "-k", "2")
    assert ran.out.startswith("John 3:16 (WEB)\n  For God so loved the world")
    found = emmaus("search", "Psalm 23", "-k", "8", "--json").json["passages"]
    assert [hit["osis"] for hit in found[:6]] == [f"Ps.23.{verse}" for verse in range(1, 7)]
    scores = [hit["score"] for hit in found]
    assert scores == sorted(set(scores), reverse=True)
    ran = emmaus("search", "?!")
    assert (ran.code, ran.out, ran.err) == (0, "no verse was found\n", "")


def test_a_place_that_is_nowhere_is_said(emmaus):
    ran = emmaus("search", "John 3:99", "-k", "1")
    assert ran.code == 0
    assert ran.err == "(there is no John 3:99 here: it was looked for as words)\n"


def test_danger_is_seen_whatever_the_home_is_like(emmaus, tmp_path):
    ran = emmaus("care", "I want to kill myself", EMMAUS_HELPLINES=str(tmp_path / "none"))
    assert ran.code == 0
    assert "988" in ran.out


def test_a_character_finds_only_what_they_can_know(emmaus):
    found = emmaus("search", "do not worry about tomorrow", "--character", "ruth", "--json").json["passages"]
    books = {hit["osis"].split(".")[0] for hit in found}
    assert books <= {"Gen", "Exod", "Lev", "Num", "Deut", "Josh", "Judg", "Ruth"}


def test_quotations_of_a_file_are_checked(emmaus, tmp_path):
    file = tmp_path / "sermon.txt"
    file.write_text(QUOTING)
    ran = emmaus("verify", str(file))
    assert ran.code == 1
    assert "altered" in ran.out
    assert "I shall not want" in ran.out
    assert "2 to mend" in ran.out
    kinds = [found["kind"] for found in emmaus("verify", "-", "--json", stdin=QUOTING).json["quotations"]]
    assert kinds[1:] == ["altered", "nonexistent"]
    assert kinds[0] in ("exact", "normalised", "partial")
    file.write_text("Nothing is quoted here, and John 3:16 is only named.")
    assert emmaus("verify", str(file)).code == 0


@pytest.mark.parametrize(("command", "field"), [("search", "passages"), ("verify", "quotations")])
def test_lines_are_answered_in_their_order(emmaus, command, field):
    ran = emmaus(command, "--json", stdin=lines("the lost sheep", "", QUOTING, "¿Dónde está Dios?", "x" * 15_000))
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert [answer["id"] for answer in answers] == [0, 1, 2, 3, 4]
    assert all(isinstance(answer[field], list) for answer in answers)
    assert answers[1][field] == []


def test_danger_is_seen_and_help_named(emmaus):
    ran = emmaus("care", "I want to kill myself", EMMAUS_COUNTRY="GB")
    assert ran.code == 0
    assert "116 123" in ran.out
    assert emmaus("care", "Who was Boaz?").out == "no sign of a crisis\n"
    said = emmaus("care", "My husband beats me", EMMAUS_COUNTRY="GB").out
    seen = emmaus("care", "My husband beats me", "--json", EMMAUS_COUNTRY="GB").json
    assert seen == {"crisis": True, "kind": "abuse", "answer": said.removesuffix("\n")}
    assert "0808 2000 247" in said
    nothing = {"crisis": False, "kind": None, "answer": None}
    assert emmaus("care", "Who was Boaz?", "--json").json == nothing
    asked = lines("Who was Boaz?", "I have taken an overdose", "", "My feet are killing me", "a. " * 5_000)
    ran = emmaus("care", "--json", stdin=asked)
    assert [json.loads(line) for line in ran.out.splitlines()] == [
        {"id": number, "crisis": kind is not None, "kind": kind}
        for number, kind in enumerate([None, "emergency", None, None, None])
    ]


def test_a_line_that_cannot_be_read_is_said_and_the_rest_answered(emmaus):
    ran = emmaus("verify", "--json", stdin='{"id": "a", "text": 5}\nnot json\n\n' + lines("Nothing."))
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 1
    assert [answer["id"] for answer in answers] == ["a", None, 0]
    assert "line 1 has no text" in answers[0]["error"]
    assert "line 2 is not JSON" in answers[1]["error"]
    assert answers[2] == {"id": 0, "quotations": []}


def test_what_is_found_decides_the_code_of_a_file_and_not_of_lines(emmaus):
    assert emmaus("verify", "-", "--json", stdin=QUOTING).code == 1
    ran = emmaus("verify", "--json", stdin=lines(QUOTING))
    assert "altered" in [found["kind"] for found in ran.json["quotations"]]
    assert ran.code == 0
    page = " ".join(emmaus("verify", "--help").out.split())
    assert "one of the last three was found in FILE" in page
    assert "the exit code is 0 whatever was found in them" in page


def test_a_text_that_is_too_long_stops_no_other(emmaus):
    ran = emmaus("search", "--json", stdin=lines("the lost sheep", "x" * 200_001, "the good shepherd"))
    first, second, third = (json.loads(line) for line in ran.out.splitlines())
    assert ran.code == 1
    assert first["passages"]
    assert second["id"] == 1
    assert second["error"].startswith("line 2: the text has 200,001 characters")
    assert third["passages"]


def test_a_line_is_answered_before_the_next_is_written(emmaus):
    running = emmaus.start("verify", "--json")

    def answered(*pieces):
        for piece in pieces:
            running.stdin.write(piece)
            running.stdin.flush()
        ready, _, _ = select.select([running.stdout], [], [], 60)
        assert ready, "nothing was answered"
        return json.loads(running.stdout.readline())

    try:
        whole = answered(lines(QUOTING))
        assert (whole["id"], len(whole["quotations"])) == (0, 3)
        assert answered('{"id": "in pie', 'ces", "text": "Nothing."}\n') == {"id": "in pieces", "quotations": []}
        out, err = running.communicate('{"id": "without an end", "text": "Nothing."}', timeout=60)
    finally:
        running.kill()
    assert json.loads(out) == {"id": "without an end", "quotations": []}
    assert err == ""
    assert running.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["search"], "add --json to read lines"),
        (["care"], "add --json to read lines"),
        (["verify", "nowhere.txt"], "nowhere.txt cannot be read"),
        (["search", "hope", "--character", "noah"], "has no character 'noah'"),
        (["search", "hope", "-k", "0"], "greater than or equal to 1"),
        (["search", "hope", "-k", "1001"], "less than or equal to 1000"),
    ],
)
def test_mistakes_are_said_in_one_line(emmaus, arguments, says):
    ran = emmaus(*arguments)
    assert ran.code == 2 or says.startswith("has no character")
    assert says in " ".join(ran.err.split())


def test_an_unknown_translation_is_said(emmaus):
    ran = emmaus("search", "hope", EMMAUS_TRANSLATION="NIV")
    assert ran.code != 0
    assert "has no translation 'NIV': it has KJV, WEB, ASV" in ran.err


@pytest.mark.parametrize(("command", "field"), [("search", "passages"), ("verify", "quotations"), ("care", "crisis")])
def test_lines_that_are_no_text_are_answered_too(emmaus, command, field):
    half = '{"id": "\\ud800", "text": "\\ud800 hope in the lost sheep"}\n'
    digits = '{"id": ' + "1" * 5000 + ', "text": "hope"}\n'
    ran = emmaus(command, "--json", stdin=half + digits + lines("hope"))
    first, second, third = (json.loads(line) for line in ran.out.splitlines())
    assert ran.code == 1
    assert (first["id"], field in first) == ("\ud800", True)
    assert "line 2 is not JSON" in second["error"]
    assert field in third


def test_a_text_that_is_half_a_character_is_searched(emmaus):
    ran = emmaus("search", "\udcff the lost sheep", "--json")
    assert ran.code == 0
    assert ran.json["passages"]


def test_an_embedder_that_fails_is_told_beside_what_words_find(emmaus):
    for arguments in (["search", "the lost sheep"], ["search", "the lost sheep", "--json"], ["ask", "david", "Peace?"]):
        ran = emmaus(*arguments, EMMAUS_EMBEDDER_URL=emmaus.url)
        assert ran.code == 0
        assert ran.out.strip()
        assert ran.err.splitlines()[-1].startswith("(verses are found by their words alone: the embedding server at")
    assert emmaus("search", "the lost sheep").err == ""


def test_texts_are_searched_and_checked_where_the_store_is_damaged(emmaus):
    (emmaus.home / "emmaus.db").write_bytes(b"not a database" * 1000)
    assert emmaus("jobs").code == 1
    assert "John 3:16" in emmaus("search", "John 3:16", "-k", "1").out
    assert emmaus("care", "Who was Boaz?").out == "no sign of a crisis\n"
    assert emmaus("verify", "-", stdin="Nothing is quoted here.").code == 0
