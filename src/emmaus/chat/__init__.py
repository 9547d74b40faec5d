"""Reads Character, Passage. Writes Turn, Conversation: one turn with one character, kept only with consent."""

from emmaus.chat.care import Crisis, crises, crisis
from emmaus.chat.helplines import Helplines, help_text, helplines
from emmaus.chat.render import Exchange, Prompt, prompt_hash, render, render_whole
from emmaus.chat.scene import Scene
from emmaus.chat.speaker import Speaker, answer, checked_question, stream
from emmaus.chat.talk import Talk

__all__ = [
    "Crisis",
    "Exchange",
    "Helplines",
    "Prompt",
    "Scene",
    "Speaker",
    "Talk",
    "answer",
    "checked_question",
    "crises",
    "crisis",
    "help_text",
    "helplines",
    "prompt_hash",
    "render",
    "render_whole",
    "stream",
]
