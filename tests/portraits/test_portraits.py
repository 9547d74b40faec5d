"""Every portrait is a sound picture of its own: the same each time, told in words, and nothing that a browser runs."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emmaus.packs import load_pack
from emmaus.packs.looks import allowed
from emmaus.portraits import describe, draw
from emmaus.types import Portrait

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "desc", "defs", "clipPath", "filter", "feDropShadow", "g", "path", "circle", "ellipse", "rect"}
PLAIN = Portrait("man", head="veil", robe="draped", colours=("sand", "rust", "white"))
FEATURES = [(name, value) for name, values in allowed().items() for value in values]


@pytest.fixture(scope="module")
def bible():
    return load_pack()


def drawn(character):
    return ElementTree.fromstring(draw(character))


def test_each_of_the_twenty_has_a_picture_of_its_own(bible):
    assert all(character.portrait for character in bible.characters.values())
    assert len({draw(character).split("</desc>")[1] for character in bible.characters.values()}) == 20
    assert len({describe(character) for character in bible.characters.values()}) == 20


def test_a_picture_is_named_and_told_for_those_who_cannot_see_it(bible):
    for character in bible.characters.values():
        picture = drawn(character)
        assert picture.find(f"{SVG}title").text == character.name
        assert picture.find(f"{SVG}desc").text == describe(character)
        assert picture.get("role") == "img"
    told = describe(bible.character("david"))
    assert told.startswith("a man, ")
    assert "holding a harp" in told
    assert describe(bible.character("sarah")).startswith("an old woman, ")
    assert describe(bible.character("ruth")).startswith("a young woman, ")


def test_nothing_in_it_runs_is_fetched_or_written(bible):
    for character in bible.characters.values():
        for element in drawn(character).iter():
            assert element.tag.removeprefix(SVG) not in (
                "script",
                "style",
                "image",
                "foreignObject",
                "text",
                "use",
                "a",
            )
            for name, value in element.attrib.items():
                assert name != "style"
                assert not name.startswith("on")
                assert "url(" not in value or value.startswith("url(#emmaus-")
                assert "href" not in name


def test_it_is_the_same_each_time(bible):
    assert draw(bible.character("moses")) == draw(load_pack().character("moses"))


@pytest.mark.parametrize(("name", "value"), FEATURES, ids=lambda one: str(one))
def test_every_feature_can_be_drawn_and_be_seen(bible, name, value):
    given = (value, "umber", "grey") if name == "colours" else value
    looks = replace(PLAIN, **{name: given})
    if name == "hair" or name == "hair_colour":
        looks = replace(looks, head="bare", beard="full")
    character = replace(bible.character("peter"), portrait=looks)
    picture = draw(character)
    ElementTree.fromstring(picture)
    others = [one for one in allowed()[name] if one != value]
    for other in others[:1]:
        changed = (other, "umber", "grey") if name == "colours" else other
        assert draw(replace(character, portrait=replace(looks, **{name: changed}))) != picture


@pytest.mark.parametrize("colours", [("sand",), ("sand", "rust")])
def test_a_robe_may_have_fewer_colours(bible, colours):
    for robe in allowed()["robe"]:
        looks = replace(PLAIN, robe=robe, colours=colours)
        ElementTree.fromstring(draw(replace(bible.character("peter"), portrait=looks)))


def test_every_feature_stands_in_the_description_of_the_format():
    page = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    for name, values in allowed().items():
        if name != "head_colour":
            assert [value for value in values if f"`{value}`" not in rows[name]] == []


def test_without_features_the_first_letter_is_drawn(small_pack):
    marcus = small_pack.character("marcus")
    assert drawn(marcus).find(f".//{SVG}text").text == "M"
    assert describe(marcus) == "The first letter of Marcus Aurelius"
    named = replace(marcus, name='<b>"&', slug="strange")
    assert drawn(named).find(f".//{SVG}text").text == "<"
