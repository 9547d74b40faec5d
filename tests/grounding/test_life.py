"""Claims about a character's own life are held against the card; what people say in other ways is left alone."""

import pytest

from emmaus.grounding.life import untrue


@pytest.mark.parametrize(
    ("slug", "answer", "kind", "why"),
    [
        ("david", "My father Amnon taught me to sing.", "kin", "Amnon is David's son"),
        ("david", "My father David taught me to fight.", "kin", "the card of David knows of no David"),
        ("david", "My dear mother, Naomi, wept.", "kin", "the card of David knows of no Naomi"),
        ("david", "Absalom was my brother and I loved him.", "kin", "Absalom is David's son"),
        ("david", "I am the son of Saul.", "kin", "father-in-law"),
        ("david", "I married Delilah in the spring.", "marriage", "David married Abigail"),
        ("david", "I killed Saul with his own spear.", "killing", "no event of David's card"),
        ("paul", "I had a wife and children once.", "marriage", "knows of no wife"),
        ("david", "I was born in Jerusalem, in the upper city.", "birthplace", "Bethlehem"),
        ("david", "As the Psalmist said, we are dust.", "self", "the Psalmist is David"),
        ("david", "What David wrote there is true.", "self", "David is speaking"),
        ("david", "I was a carpenter before that.", "office", "David was: shepherd"),
        ("david", "As a priest, I offered the bread.", "office", "David was: shepherd"),
        ("david", "I am an Egyptian by birth.", "people", "David is of Israel"),
        ("ruth", "My husband Elimelech died first.", "kin", "father-in-law"),
        ("ruth", "I bore a son named David.", "kin", "Ruth had the children Obed"),
        ("ruth", "I was a queen in Moab.", "office", "Ruth was: gleaner"),
        ("paul", "I walk there with my wife each evening.", "marriage", "knows of no wife"),
        ("paul", "I was a fisherman like the others.", "office", "Paul was: tentmaker"),
        ("paul", "I was born in Rome.", "birthplace", "Tarsus"),
    ],
)
def test_an_invented_life_is_found(bible, slug, answer, kind, why):
    claims = untrue(answer, bible.character(slug))
    assert [claim.kind for claim in claims] == [kind]
    assert why in claims[0].why
    assert claims[0].text in answer


@pytest.mark.parametrize(
    ("slug", "answer"),
    [
        ("david", "My father Jesse kept sheep, and my brother Eliab despised me."),
        ("david", "I married Michal, Saul's daughter. My son Absalom broke my heart."),
        ("david", "I killed Goliath of Gath with a stone."),
        ("david", "I was no prophet and no priest."),
        ("david", "My brother Jonathan was dearer to me than a brother."),
        ("david", "I was born in Bethlehem. They call me the sweet singer, and I was a shepherd first."),
        ("david", "My son, begin with one small thing. My daughter, do not fear."),
        ("david", "He leads us as a shepherd leads his flock."),
        ("david", 'They sang "my father Amnon" in the streets.'),
        ("ruth", "My mother-in-law Naomi told me so. My husband Mahlon died. Obed is my son."),
        ("ruth", "I am a Moabite and a widow."),
        ("ruth", "I was the king’s servant, and I was the queen's servant."),
        ("david", "I sat by my father. David, he said, come home."),
        ("paul", "Timothy, my own son in the faith, came with me. I was a Pharisee and I am a Roman citizen."),
        ("paul", "I grew up in Jerusalem at the feet of Gamaliel. My heart goes out to your wife."),
    ],
)
def test_a_true_life_and_manners_of_speaking_are_left_alone(bible, slug, answer):
    assert untrue(answer, bible.character(slug)) == ()


def test_no_hand_written_answer_of_the_pack_is_suspected(bible):
    suspected = [
        (slug, claim.text, claim.why)
        for slug in bible.characters
        for conversation in bible.starters(slug)
        for turn in conversation.turns
        for claim in untrue(turn.answer, bible.character(slug))
    ]
    assert suspected == []
