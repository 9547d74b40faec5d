"""Reads Character, Passage. Writes Turn, Conversation: one turn with one character, kept only with consent."""

from emmaus.chat.care import Crisis, crises, crisis, judged
from emmaus.chat.counsel import counsel_sought, counsel_text
from emmaus.chat.helplines import Helplines, help_text, helplines
from emmaus.chat.render import Exchange, Prompt, prompt_hash, render, render_whole
from emmaus.chat.scene import Scene
from emmaus.chat.speaker import Awaited, Speaker, answer, cared, checked_question, stream
from emmaus.chat.talk import Talk, delivered, opened_with
from emmaus.chat.troubled import troubled

__all__ = [
    "Awaited",
    "Crisis",
    "Exchange",
    "Helplines",
    "Prompt",
    "Scene",
    "Speaker",
    "Talk",
    "answer",
    "cared",
    "checked_question",
    "counsel_sought",
    "counsel_text",
    "crises",
    "crisis",
    "delivered",
    "help_text",
    "helplines",
    "judged",
    "opened_with",
    "prompt_hash",
    "render",
    "render_whole",
    "stream",
    "troubled",
]
