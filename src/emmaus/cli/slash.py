"""What a person can say to the program in the middle of a chat: a line that begins with a slash."""

from collections.abc import Callable

from emmaus.chat import Talk
from emmaus.chat.talk import require_store
from emmaus.cli.chatting import Chat, allowed, parse_scopes
from emmaus.errors import BadInput, EmmausError
from emmaus.feedback import keep_and_rate
from emmaus.types import Turn

HELP = """\
/up [why]         this answer is good
/down why         this answer is bad, and why
/flag why         a reviewer should see this answer
/edit answer      the answer that should have been given (without one: several lines, ended by a single dot)
/sources          the verses that the last answer stands on
/consent [what]   show or change what you allow: store, review, train, share, all, none
/forget           delete everything you ever said here
/quit             end the talk (Ctrl-D does it too; Ctrl-C stops an answer)"""


def obey(chat: Chat, line: str) -> bool:
    """Do what a line beginning with a slash says; False ends the chat."""
    word, _, rest = line[1:].strip().partition(" ")
    verbs: dict[str, Callable[[Chat, str], bool | None]] = {
        "up": _up,
        "down": _down,
        "flag": _flag,
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


def _up(chat: Chat, why: str) -> None:
    keep_and_rate(chat.talk, _last(chat.talk), 1, reason=why)
    chat.dim("Thank you; kept as a good answer.")


def _down(chat: Chat, why: str) -> None:
    keep_and_rate(chat.talk, _last(chat.talk), -1, reason=why)
    chat.dim("Thank you; kept as a bad answer." + ("" if why else " Say why with /down and a reason."))


def _flag(chat: Chat, why: str) -> None:
    keep_and_rate(chat.talk, _last(chat.talk), 0, reason=why, flag=True)
    chat.dim("Flagged for review. What was answered is not learned from; a correction of yours is.")


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


def _last(talk: Talk) -> Turn:
    if not talk.turns:
        raise BadInput("there is no answer yet: ask something first")
    return talk.turns[-1]
