"""Who says outright that they are in danger is answered by the program; who asks about death is not."""

import pytest

from emmaus.chat import crisis
from emmaus.packs import load_pack

IN_DANGER = [
    "I want to die.",
    "i just want to die",
    "I really, really want to die",
    "Honestly I want so much to die",
    "I deserve to die",
    "I am ready to die. I wrote the letters.",
    "Want to die",
    "I wish I were dead",
    "i wish i was never born",
    "I wish that I could just die",
    "I’m going to kill myself",
    "I am thinking about killing myself",
    "I could just go and hang myself",
    "I'm killing myself tonight.",
    "David, when all is dark I think of killing myself. What did you do?",
    "I want to end my life.",
    "I have decided to take my own life",
    "I have been thinking about suicide",
    "I feel suicidal",
    "Suicidal. Please help",
    "I keep having suicidal thoughts",
    "I don't want to live anymore.",
    "I do not want to wake up tomorrow",
    "i dont want to exist",
    "I see no reason to live",
    "There is nothing left and I find no point in going on",
    "My kids would be better off without me",
    "I'd be better off dead",
    "I can't stop cutting myself",
    "I hurt myself again",
    "I want to hurt myself",
    "My husband beats me",
    "He comes home drunk and hits me",
    "My uncle touches me at night",
    "She strangled me yesterday",
    "I was raped",
    "I am being abused at home",
    "I took too many of them",
    "I have swallowed a bottle of pills",
    "I've just taken twenty pills",
    "I keep thinking everyone would be better off if I was dead",
    "hurting my arms is the only thing that calms me down",
    "My boyfriend hurt me again last night",
    "sometimes i just want it all to end. like really end",
    "He beat me again last night. He says a good wife forgives.",
]
SAFE = [
    "How did Saul die?",
    "Why did Saul kill himself on his own sword?",
    "I wonder why Saul would commit suicide.",
    "Was it suicide when Judas hanged himself?",
    "Did Uriah deserve to die?",
    "Were you ready to die when the lion came?",
    "Paul, did you want to die and be with Christ?",
    "I want to die to self.",
    "How can I die to myself daily?",
    "I want to die to sin and live for God",
    "Would you be willing to die for your sheep? I want to die for something too.",
    "I do not want to die.",
    "I am afraid to die.",
    "My doctor says I am going to die. How do I tell my children?",
    "This job is killing me.",
    "My wife says I'm killing myself with work.",
    "I work seven days a week. My wife says I'm killing myself.",
    "My mother will kill me when she sees this.",
    "I nearly died laughing",
    "My feet are killing me",
    "My brother beat me at chess again",
    "He hit me with a hard question",
    "I was cutting my legs off the old chair",
    "I want this war to end",
    "I cut myself shaving and the blood reminded me of the altar.",
    "I am burning myself out at work",
    "I want to take my life in a new direction",
    "I want to end my life's work well",
    "I don't want to live in fear",
    "I don't want to wake up so early",
    "I loathe my life. I don’t want to live forever.",
    "My God, why have you forsaken me? I am poured out like water.",
    "I am afflicted and ready to die from my youth up. While I suffer your terrors, I am distracted.",
    "What does 'my soul is full of troubles, my life draws near to Sheol' mean?",
    "Jonah said it was better for him to die than to live. Why?",
    "Elijah prayed that he might die. Did you ever feel so?",
    "Saul said: draw your sword and thrust me through. Would you have done it?",
    "Did you want to die when Absalom was killed?",
    "My brother beats me at chess",
    "When I pray, his mercy touches me",
    "He touches me with his kindness",
    "I was beaten in a race by a boy half my age",
    "I took my pills this morning and I feel better",
    "Is suicide a sin?",
    "My friend talks of suicide. How do I help her?",
    "I have no reason to complain",
]


@pytest.mark.parametrize("text", IN_DANGER)
def test_danger_that_is_said_outright_is_recognised(text):
    answer = crisis(text)
    assert answer
    assert "988" in answer
    assert crisis(text.upper()) == crisis(f"Good evening.\n\n  {text}\n") == answer


@pytest.mark.parametrize("text", SAFE)
def test_talk_about_death_is_left_to_the_character(text):
    assert crisis(text) is None


def test_no_question_that_the_pack_composes_is_taken_for_a_crisis():
    pack = load_pack()
    asked = [question for topic in pack.topics for question in topic.questions] + list(pack.situations)
    asked += [probe.ask for slug in pack.characters for probe in pack.probes(slug)]
    assert [text for text in asked if crisis(text)] == []


def test_verses_of_lament_are_not_taken_for_a_crisis():
    assert [place for place, words in load_pack().corpus().lines().items() if crisis(words)] == []


def test_a_long_question_is_looked_through_in_no_time():
    assert crisis("i am so very much thinking about " * 180 + "sheep") is None
