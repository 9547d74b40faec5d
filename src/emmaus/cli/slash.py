"""What a person can say to the program in the middle of a chat: a line that begins with a slash."""

from collections.abc import Callable

from emmaus.chat import Talk
from emmaus.chat.talk import require_store
from emmaus.cli.chatting import Chat, allowed, parse_scopes
from emmaus.errors import BadInput, EmmausError
from emmaus.feedback import REASONS, keep_and_rate, set_comparing
from emmaus.types import CARE, Better, Draft, Turn

HELP = """\
/again            ask the last question once more, in the place of what was answered
/instead question ask this in the place of the last question
/compare [on|off] ask once more and say which of the two answers is better; on: be asked to, now and then
/up [why]         this answer is good
/down why         this answer is bad, and why; usual reasons go first, as in: /down #verse #untrue it was Jonathan
/flag why         a reviewer should see this answer
/reasons          the usual reasons
/edit answer      the answer that should have been given (without one: several lines, ended by a single dot)
/sources          the verses that the last answer stands on
/consent [what]   show or change what you allow: store, review, train, share, all, none
/forget           delete everything you ever said here
/quit             end the talk (Ctrl-D does it too; Ctrl-C stops an answer)"""

BETTER: dict[str, Better] = {"1": "turn", "2": "other", "0": "neither"}
"""What a person types, and which answer they find better."""


def obey(chat: Chat, line: str) -> bool:
    """Do what a line beginning with a slash says; False ends the chat."""
    word, _, rest = line[1:].strip().partition(" ")
    verbs: dict[str, Callable[[Chat, str], bool | None]] = {
        "again": _again,
        "instead": _instead,
        "compare": _compare,
        "up": _up,
        "down": _down,
        "flag": _flag,
        "reasons": _reasons,
        "edit": _edit,
        "sources": _sources,
        "consent": _consent,
        "forget": _forget,
        "help": _help,
    }
    verb = verbs.get(word.lower())
    if word.lower() in ("quit", "exit", "q"):
        return False
    try:
        if verb is None:
            raise BadInput(f"/{word} is no command: /help lists them")
        return verb(chat, rest.strip()) is not False
    except EmmausError as error:
        chat.complain(error)
    return True


def _help(chat: Chat, _: str) -> None:
    chat.console.print(HELP)


def _again(chat: Chat, _: str) -> None:
    last = _latest(chat.talk)
    chat.answer(last.question, instead=last.id)


def _instead(chat: Chat, question: str) -> None:
    last = _latest(chat.talk)
    question = question or chat.edited(last.question)
    if not question.strip():
        raise BadInput("nothing was asked: write the question behind it, as in: /instead Who taught you to play?")
    chat.answer(question, instead=last.id)


def _compare(chat: Chat, word: str) -> bool:
    """Ask once more and keep which answer is better; False where a command in its midst ends the chat."""
    if word in ("on", "off"):
        set_comparing(chat.talk.store, chat.talk.subject, word == "on")
        chat.dim("You are asked now and then." if word == "on" else "You are not asked any more.")
        return True
    if word:
        raise BadInput(f"/compare takes on, off or nothing, not {word[:40]!r}")
    turn = _last(chat.talk)
    if turn.model == CARE:
        raise BadInput("the program itself spoke here: there is nothing to compare")
    require_store(chat.talk.store, chat.talk.subject)  # before anybody waits for what cannot be kept
    if not chat.another(turn):
        return True
    said = (chat.line("Which is better: 1 (before), 2 (now), 0 (neither)> ") or "").strip()
    if said.startswith("/"):
        chat.complain(BadInput("nothing was kept: say 1, 2 or 0 before the next command"))
        return obey(chat, said)
    if said not in BETTER:
        raise BadInput("nothing was kept: say 1, 2 or 0")
    chat.talk.prefer(turn.id, BETTER[said])
    chat.dim("Thank you; kept." + (" The talk goes on with the second answer." if said == "2" else ""))
    return True


def _up(chat: Chat, why: str) -> None:
    reasons, reason = _named(why)
    keep_and_rate(chat.talk, _last(chat.talk), 1, reason=reason, reasons=reasons)
    chat.dim("Thank you; kept as a good answer.")


def _down(chat: Chat, why: str) -> None:
    reasons, reason = _named(why)
    keep_and_rate(chat.talk, _last(chat.talk), -1, reason=reason, reasons=reasons)
    said = "" if why else " Say why with /down and a reason; /reasons lists the usual ones."
    chat.dim("Thank you; kept as a bad answer." + said)


def _flag(chat: Chat, why: str) -> None:
    reasons, reason = _named(why)
    keep_and_rate(chat.talk, _last(chat.talk), 0, reason=reason, reasons=reasons, flag=True)
    chat.dim("Flagged for review. What was answered is not learned from; a correction of yours is.")


def _reasons(chat: Chat, _: str) -> None:
    for name, words in REASONS.items():
        chat.console.print(f"#{name:<12} {words}")


def _edit(chat: Chat, text: str) -> bool:
    """Keep a correction; False where a command in its midst ends the chat."""
    turn = _last(chat.talk)
    require_store(chat.talk.store, chat.talk.subject)  # before anybody writes lines that cannot be kept
    if not text:
        chat.dim("The answer that should have been given; a single dot ends it.")
        lines: list[str] = []
        while (line := chat.line("| ")) != ".":
            if line is None:
                raise BadInput("nothing was kept: end the answer with a line that holds a single dot")
            if line.startswith("/"):
                chat.complain(BadInput("nothing was kept: end the answer with a single dot before the next command"))
                return obey(chat, line)
            lines.append(line)
        text = "\n".join(lines)
    keep_and_rate(chat.talk, turn, 0, correction=text)
    chat.dim("Kept: this is the answer that will be learned.")
    return True


def _sources(chat: Chat, _: str) -> None:
    turn = _last(chat.talk)
    passages = chat.passages(turn)
    if not passages:
        chat.dim("This answer stands on no verse.")
    for passage in passages:
        chat.console.print(f"{passage.reference} ({passage.translation})  {passage.text}")


def _consent(chat: Chat, words: str) -> None:
    if words:
        chat.home.consent(parse_scopes(words.split()))
    chat.dim(allowed(chat.home.store.consent(chat.home.parts.subject)))
    if not words:
        chat.dim("To change that: /consent store train, for example, or /consent none")


def _forget(chat: Chat, sure: str) -> None:
    if chat.terminal and not sure:
        sure = chat.line("This deletes every conversation you had here. Type yes to do it> ") or ""
    if sure.lower() != "yes":
        chat.dim("Nothing was deleted. To delete everything you ever said here: /forget yes")
        return
    number = chat.home.forget()
    chat.talk.forget()
    chat.dim(f"Deleted: {number} conversation{'' if number == 1 else 's'}.")


def _named(why: str) -> tuple[tuple[str, ...], str]:
    """Tell the usual reasons, each a word behind a #, from what follows in a person's own words."""
    words = why.split()
    first = next((place for place, word in enumerate(words) if not word.startswith("#")), len(words))
    own = why.split(None, first)[first] if first < len(words) else ""
    return tuple(word[1:].lower() for word in words[:first]), own


def _latest(talk: Talk) -> Turn | Draft:
    """What came last: an answer, or one that broke off."""
    turn, draft = next(iter(talk.turns[-1:]), None), next(iter(talk.drafts[-1:]), None)
    if turn is None and draft is None:
        raise BadInput("there is no question yet: ask something first")
    if draft is None or (turn is not None and turn.created_at >= draft.at):
        assert turn is not None
        return turn
    return draft


def _last(talk: Talk) -> Turn:
    if not talk.turns:
        raise BadInput("there is no answer yet: ask something first")
    return talk.turns[-1]
