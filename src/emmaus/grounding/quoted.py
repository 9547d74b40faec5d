"""Where a text quotes: words in quotation marks, block quotes, and what follows a reference and a dash.

Tells which reference belongs to which words, and how surely. Knows nothing about what the words are.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from emmaus.grounding.marks import PAIRS, next_place, partners, straight
from emmaus.packs.mentions import Mention

_BLOCK = re.compile(r"(?:^[ \t]*>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_STARRED = re.compile(r"(?<![\w*_])(\*{1,2}|_{1,2})(?=\S)([^*_\n]{8,600}?)(?<=\S)\1(?![\w*_])")
_FOLLOWS = re.compile(
    r"\]?\)?(?:\s*\((?:[A-Z]{2,5})\))?(?:,?\s*(?:KJV|WEB|ASV|NIV|ESV|NKJV|NASB)\)?)?(?:\*{1,2}|_{1,2})?\s*(?:\s[-\u2013\u2014]{1,2}\s?|[:\u2014\u2013]\s+|\n\s*)(?=[\w'\u2018(\[])"
)
_BETWEEN = re.compile(
    r"[\s,.;:!?*_\u2014\u2013~(\[\"'\u201d\u2019-]*(?:(?:see|from|cf|in|as in|read|quoting|cp|compare|"
    r"taken from|is from|"
    r"also|so|thus|says|comes from|ref|reference|source|verse|found in|the Bible|NT|OT)[.:,]?\s+){0,3}[(\[\s*_]*",
    re.IGNORECASE,
)
_CITES = re.compile(
    r"\b(?:says?|said|saying|tells?|told|reads?|teach(?:es)?|taught|writes?|wrote|written|declares?|declared|promises?|"
    r"promised|reminds?|states?|stated|puts?|assures?|warns?|warned|commands?|commanded|speaks?|spoke|goes|proclaims?|"
    r"sings?|sang|asks?|asked|calls?|words?|verse|passage|text|quote[sd]?|answers?|answered|prays?|prayed|cries|cried|"
    r"runs?|begins?|has|records?|records|remember|put|line|urges?|encourages?|instructs?|insists?|concludes?|opens|"
    r"ends|adds?|continues|recalls?|affirms?|describes?|exhorts?|echoes|counsels?|quotes|repl(?:y|ies|ied)|gives?|is|says)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:I|me|my|she|friend|mother|father|brother|sister|neighbou?r|wife|husband|son|daughter|teacher|boss|doctor|"
    r"pastor|someone|somebody|everyone|people|they|we|you|your)\b"
)
_READERS = re.compile(
    r"\b(?:we|you|I|one|they)(?:'ll| will| can| may| also| once)? (?:read|find|hear|learn|see|are "
    r"told|are reminded|have)\b|"
    r"\b(?:to|tells?|told|reminds?|assures?|teaches|taught|promises?|warns?|gives?|commands?|urges?) "
    r"(?:me|us|you)\b|\b(?:me|we|us|you) that\b|"
    r"\bmy (?:favou?rite|dear) (?:verse|passage|line|text|words)\b"
)
_NEXT = re.compile(r"[\s,.;:!?]*\s(?:See|Read|Compare|In|From|Also|Source)\s")
_ITSELF = re.compile(
    r"[\s,.;:!?\"\u201d'\u2019]*(?:(?:[Tt]hat|[Tt]his)(?:'s|\u2019s| is| was| comes)|[Ii]t(?:'s|"
    r"\u2019s| is| was| comes)? (?:from|in|found|written)|[Ss]o |[Tt]hus |[Tt]hose|[Tt]hese|[Ww]ords)|"
    r"[^A-Z]*(?:Paul|David|Jesus|Moses|Peter|John|James|Isaiah|Solomon|Matthew|Luke|Mark|God|"
    r"Scripture|Bible|I\b)?[^A-Z]*$"
)
_SAYS_AFTER = re.compile(
    r"[\s,.;:!?\u2014\u2013-]*(?:(?:as|so|is|are|was|were|it|that|this|these|those|which|what|thus|the|words?|how|we|you|"
    r"one|will|can|may|find|found|finds|read|reads|says?|said|tells?|us|written|wrote|writes|in|of|from|comes?|taken|stands?|"
    r"according|to|Paul|David|Jesus|Moses|Peter|John|James|Isaiah|Solomon|Matthew|Luke|Mark|God|psalmist|apostle|prophet|"
    r"Scripture|Bible|teaches|declares|promises|reminds|by|at|verse|book|passage|I|quote|he|they|have|has|he|she|see|"
    r"be|been|recorded|beautiful|famous|my|favou?rite|also|and|cf|citing|puts?|there|on|page|words|line|opening)\b\.?[\s,;:(\[]*){1,10}",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?][\"\u201d'\u2019)\]]*\s+(?=[A-Z\"\u201c\u2018(])|\n\s*\n")
_SINGLE_OPENS = re.compile(r"(?<![\w\u2019'])['\u2018`]{1,2}(?=[\w\[(\u2026.])")
_SINGLE_CLOSES = re.compile(r"(?<=[\w.,;:!?\u2026)\]\u2014-])['\u2019]{1,2}(?!\w)")
_SINGLE_BEFORE_WORD = re.compile(r"(?<![\w\u2019'])['\u2018](?=\w)")
_GAP = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Span:
    """Words that a text sets apart as somebody's, and the reference given with them."""

    start: int
    end: int
    """The words, without their marks."""
    outer: tuple[int, int]
    """With their marks."""
    style: str
    """"marks", "single", "block", "dash" (no marks, after a reference) or "starred"."""
    mention: Mention | None = None
    hard: bool = False
    """Whether the reference surely belongs to these words."""


def quoted(text: str, mentions: Sequence[Mention]) -> list[Span]:
    """List what a text quotes, in order, each with its reference."""
    pointers = [(one.start, one.end) for one in mentions]
    spans = list(_blocks(text, mentions))
    spans += [one for one in _marked(text) if not _within(one, spans)]
    spans += [one for one in _single(text, spans) if not _within(one, spans)]
    for one in _dashed(text, mentions):
        if not _within(one, spans):
            spans.append(one)
    starred = (Span(m.start(2), m.end(2), m.span(), "starred") for m in _STARRED.finditer(text))
    spans += [one for one in starred if not any(s.start < one.end and one.start < s.end for s in spans)]
    spans.sort(key=lambda one: one.start)
    spans = [_trimmed(text, one, mentions) for one in spans if (one.start, one.end) not in pointers]
    return list(_attached(text, [one for one in spans if text[one.start : one.end].strip()], mentions))


def _within(one: Span, others: Iterable[Span]) -> bool:
    return any(other.outer[0] <= one.start and one.end <= other.outer[1] for other in others)


def _marked(text: str) -> Iterator[Span]:
    """Words in double quotation marks; those within others belong to these."""
    closed = partners(text)
    at = 0
    while at < len(text):
        mark = text[at]
        if mark in PAIRS:
            end = closed[at]
        elif mark == '"' and not (at and text[at - 1].isalnum()):
            end = straight(text, at)
        else:
            at += 1
            continue
        if end < 0:
            at += 1
            continue
        yield Span(at + 1, end, (at, end + 1), "marks")
        at = end + 1


def _single(text: str, taken: Sequence[Span]) -> Iterator[Span]:
    """Words in single marks that are no apostrophes."""
    closing = [(match.start(), match.end()) for match in _SINGLE_CLOSES.finditer(text)]
    opening = [match.start() for match in _SINGLE_BEFORE_WORD.finditer(text)]
    gaps = [match.start() for match in _GAP.finditer(text)]
    at = 0
    for match in _SINGLE_OPENS.finditer(text):
        if match.start() < at or any(one.outer[0] <= match.start() < one.outer[1] for one in taken):
            continue
        stop = next_place(gaps, match.end(), len(text))
        following = next_place(opening, match.end(), len(text))
        first = bisect_right(closing, match.end(), key=lambda one: one[0])
        last = max(first + 1, bisect_left(closing, following, key=lambda one: one[0]))
        ends = [one for one in closing[first:last] if one[0] < stop]
        if not ends:
            continue
        best = next((e for e in ends if text[e[0] - 1] in ".,;:!?\u2026" or _cited_after(text, e[1])), ends[-1])
        if len(text[match.end() : best[0]].split()) > 1 or _cited_after(text, best[1]):
            yield Span(match.end(), best[0], (match.start(), best[1]), "single")
            at = best[1]


def _cited_after(text: str, at: int) -> bool:
    return bool(re.match(r"[,.]?\s*[(\[\u2014-]\s*(?:[1-3] )?[A-Z][a-z]*\.? ?\d", text[at : at + 30]))


def _blocks(text: str, mentions: Sequence[Mention]) -> Iterator[Span]:
    """Block quotes that name a reference, or have one right before or after them."""
    for match in _BLOCK.finditer(text):
        start, end = match.start() + len(re.match(r"[ \t>]*", match[0])[0]), match.start() + len(match[0].rstrip())  # type: ignore[index]
        around = (max(0, match.start() - 60), min(len(text), match.end() + 40))
        if any(around[0] <= one.start and one.end <= around[1] for one in mentions) or len(text[start:end].split()) > 4:
            yield Span(start, end, match.span(), "block")


def _dashed(text: str, mentions: Sequence[Mention]) -> Iterator[Span]:
    """What stands after "Psalm 23:1 -" or "Psalm 23:1:" without marks, to the end of the line or the next reference."""
    for mention in mentions:
        follows = _FOLLOWS.match(text, mention.end)
        if not follows or not (mention.verse or mention.spelling.startswith("Psalm")):
            continue
        line = text.rfind("\n", 0, mention.start) + 1
        lead = text[line : mention.start]
        if "\n" in follows[0] and lead.strip(" *_#-\u2022([1234567890."):
            continue
        end = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*\u2022\d]|$))|\Z").search(text, follows.end())
        stop = end.start() if end else len(text)
        later = [one.start for one in mentions if follows.end() < one.start < stop]
        stop = min([stop, *later])
        words = text[follows.end() : stop].rstrip(" \n([\u2014-")
        if not re.match(r"[\"\u201c\u2018'\u00ab]", words) and len(words.split()) >= 2:
            yield Span(follows.end(), follows.end() + len(words), (follows.end(), stop), "dash", mention, True)


def _trimmed(text: str, span: Span, mentions: Sequence[Mention]) -> Span:
    """Take a reference at the beginning or the end of the quoted words out of them."""
    for one in mentions:
        if one.start < span.start or one.end > span.end:
            continue
        if re.fullmatch(r"[\s>*_(\[\u2014\u2013-]*", text[span.start : one.start]):
            follows = re.match(
                r"[\s)\]:.,*_>\u2014\u2013-]*(?:\((?:KJV|WEB|ASV|NIV|ESV)\)[\s:]*)?", text[one.end : span.end]
            )
            inner = one.end + len(follows[0] if follows else "")
            if inner < span.end:
                return _unmarked(text, replace(span, start=inner, mention=one, hard=True))
        if re.fullmatch(r"[\s)\]*_.>]*(?:[,(]?\s*\(?[A-Z]{2,5}\)?)?[\s)\]*_.]*", text[one.end : span.end]):
            words = re.sub(r"[\s>*_(\[\u2014\u2013-]+$", "", text[span.start : one.start])
            if words:
                return _unmarked(text, replace(span, end=span.start + len(words), mention=one, hard=True))
    return _unmarked(text, span) if span.style == "block" else span


def _unmarked(text: str, span: Span) -> Span:
    """Leave out marks around all the words of a block quote."""
    words = text[span.start : span.end]
    match = re.fullmatch(r"[\"\u201c'\u2018*_]+([\s\S]+?)[\"\u201d'\u2019*_]+", words)
    if match and not re.search(r"[\"\u201c\u201d]", match[1]):
        return replace(span, start=span.start + match.start(1), end=span.start + match.end(1))
    return span


def _attached(text: str, spans: Sequence[Span], mentions: Sequence[Mention]) -> Iterator[Span]:
    inside = [any(s.start <= one.start < s.end for s in spans) for one in mentions]
    taken = {id(span.mention) for span in spans if span.mention}
    free = [one for one, within in zip(mentions, inside, strict=True) if not within and id(one) not in taken]
    behind: set[int] = set()
    for number, span in enumerate(spans):
        if span.mention:
            yield span
            continue
        start = next((one.outer[1] for one in reversed(spans[:number]) if one.outer[1] <= span.outer[0]), 0)
        end = spans[number + 1].outer[0] if number + 1 < len(spans) else len(text)
        after = next((one for one in free if span.outer[1] <= one.start < end), None)
        before = next((one for one in reversed(free) if start <= one.start and one.end <= span.outer[0]), None)
        found = _chosen(text, span, before, after, behind)
        if found.mention is not None and found.mention is after:
            behind.add(id(after))
        if found.style == "starred" and not found.hard:
            continue
        yield found


def _chosen(text: str, span: Span, before: Mention | None, after: Mention | None, behind: set[int]) -> Span:
    gap = text[span.outer[1] : after.start] if after else ""
    lead = text[before.end : span.outer[0]] if before else ""
    if (
        after
        and len(gap) < 60
        and "\n\n" not in gap.strip("\n>")
        and _BETWEEN.fullmatch(gap)
        and not _starts(text, after, gap)
        and not _NEXT.match(gap)
    ):
        return replace(span, mention=after, hard=True)
    lone = before is not None and id(before) not in behind
    if before and lone and _leads(lead) and (not lead.strip().startswith(".") or _opens(text, before)):
        return replace(span, mention=before, hard=True)
    if (
        after
        and len(gap) < 90
        and _ITSELF.match(gap)
        and _SAYS_AFTER.fullmatch(gap)
        and not _SENTENCE.search(gap.lstrip(' .!?"'))
    ):
        return replace(span, mention=after, hard=True)
    if before and lone and len(lead) < 160 and len(_SENTENCE.findall(lead)) < 2:
        return replace(span, mention=before)
    if after and len(gap) < 60 and not _SENTENCE.search(gap):
        return replace(span, mention=after)
    return span


def _opens(text: str, mention: Mention) -> bool:
    """Tell whether a reference stands at the beginning of a line or a sentence, as a heading does."""
    return not text[: mention.start].strip(" *_#>") or bool(
        re.search(r"(?:\n|[.!?:][\"\u201d'\u2019)]?\s)[\s*_#>]*$", text[: mention.start])
    )


def _starts(text: str, mention: Mention, gap: str) -> bool:
    """Tell whether a reference begins a sentence or a line of its own, and so belongs to what follows it."""
    opens = not re.search(r"[(\[\u2014\u2013-]", gap) and ("\n" in gap or bool(re.search(r"[.!?]\s+$", gap)))
    rest = text[mention.end : mention.end + 60]
    return opens and bool(
        re.match(r"\W*(?:\w+\W+){0,4}?(?:says?|reads?|tells?|adds?|puts)?[^.\n]*[:,]?\s*[\"\u201c\u2018]", rest)
    )


def _leads(lead: str) -> bool:
    """Tell whether the words between a reference and a quotation say that the one is from the other."""
    ended = _SENTENCE.search(lead) or lead.rstrip().endswith((".", "!", "?"))
    if len(lead) > 140 or (ended and len(lead.strip()) > 4):
        return False
    lead = _READERS.sub("reads", lead)
    if lead.startswith((")", "]")) and len(re.findall(r"\w+", lead)) > 2:
        return False
    words = re.findall(r"\w+", lead)
    if len(words) <= 3 and not _OTHERS.search(lead):
        return not re.search(r"\band\b", lead) or bool(_CITES.search(lead))
    if _OTHERS.search(lead):
        return False
    return bool(_CITES.search(lead)) or lead.rstrip().endswith(":")
