"""Every quotation of scripture in a text, and whether it is one: found, looked up, judged.

Needs no character and no model: a text and the corpora that it may quote.
"""

from collections.abc import Sequence
from dataclasses import replace

from emmaus.grounding.citing import cited, comments
from emmaus.grounding.comparing import CLOSE, Match
from emmaus.grounding.correcting import clause, within
from emmaus.grounding.lookup import Found, Lookup
from emmaus.grounding.quotation import Kind, Quotation
from emmaus.grounding.quoted import Span, quoted
from emmaus.grounding.words import Quote, read
from emmaus.packs.corpus import Corpus
from emmaus.packs.mentions import UNKNOWN_BOOKS, Mention, find_references
from emmaus.packs.references import Reference

TELLING = 8.5
"""Weight of the words, everyday ones left out, from which on a text without a reference is taken for a quotation."""
_WORDY = 8
_ALIKE = 0.72
_SOMEWHAT = 0.42
_REWORDED = 0.55
_PLAIN = 6


def verify(text: str, corpora: Sequence[Corpus], near: Sequence[Reference] = ()) -> tuple[Quotation, ...]:
    """Find every quotation in a text and tell of what kind it is, in order.

    `corpora` are the translations that count as true, all numbered alike. A reference alone is no quotation, unless
    there is no such place; everyday words in quotation marks are none. What comes without a reference is looked for in
    the places of `near` first.
    """
    if not corpora:
        return ()
    mentions = find_references(text, corpora[0].canon)
    judge = _Judge(text, corpora, near)
    found: list[Quotation] = []
    for span in quoted(text, mentions):
        inner = [one for one in found if one.start >= span.start and one.end <= span.end]
        one = (
            None if any(other.start <= span.start and span.end <= other.end for other in found) else judge.judged(span)
        )
        if one and not (inner and (one.kind in ("paraphrase", "nonexistent"))):
            found = [*(other for other in found if other not in inner), one]
    told = {one.given for one in found} | {""}
    for mention in mentions:
        if mention.known_book and not mention.places and mention.text not in told:
            found.append(
                Quotation(
                    "nonexistent",
                    mention.spelling,
                    "",
                    mention.start,
                    mention.end,
                    given=mention.text,
                    cited=(mention.start, mention.end),
                )
            )
    return tuple(sorted(found, key=lambda one: one.start))


class _Judge:
    """Looks up and judges the quotations of one text."""

    def __init__(self, text: str, corpora: Sequence[Corpus], near: Sequence[Reference]) -> None:
        self.text, self.lookup, self.near = text, Lookup(corpora), near
        self.canon = corpora[0].canon

    def judged(self, span: Span) -> Quotation | None:
        """Judge one span; None where it is no quotation of scripture."""
        words = self.text[span.start : span.end]
        if find_references(words, self.canon) and len(words.split()) < 5:
            return None
        quote = read(words)
        if not quote.keys:
            return None
        mention = span.mention
        blank = Quotation("nonexistent", "", words, span.start, span.end)
        if mention:
            blank = replace(blank, given=mention.text, cited=(mention.start, mention.end))
        if mention and mention.places:
            return self._placed(span, mention, quote, blank)
        if mention and span.hard:
            return self._nowhere(span, mention, quote, blank)
        return self._unplaced(span, quote, replace(blank, given="", cited=(0, 0)))

    def _placed(self, span: Span, mention: Mention, quote: Quote, blank: Quotation) -> Quotation | None:
        """Judge words that come with a reference that exists."""
        given = replace(blank, reference=mention.spelling, osis=self._osis(mention.places[0]))
        unsure = None if span.hard else self._unplaced(span, quote, replace(blank, given="", cited=(0, 0)))
        here = self.lookup.at(quote, mention.places)
        if here and here.match.fine and (span.hard or len(quote.keys) > 3):
            return self._fine(here, given, mention)
        near = here.match.score if here and here.match.likeness == "altered" else 0.0
        elsewhere = self.lookup.anywhere(quote, near < _ALIKE)
        if elsewhere and elsewhere.match.fine and not self._slight(quote, elsewhere, near):
            place = self.lookup.place(elsewhere)
            return (
                self._known(elsewhere, replace(given, kind="wrong_reference", correction=place))
                if span.hard
                else unsure
            )
        if changed := self._changed(quote, here, elsewhere):
            return self._altered(quote, changed, given, mention) if span.hard or changed is here else unsure
        if self.lookup.means(quote, mention.places, self._least(span, quote, here)):
            return replace(given, kind="paraphrase", place=mention.spelling)
        return (given if self._meant(span, quote) else None) if span.hard else unsure

    def _changed(self, quote: Quote, here: Found | None, elsewhere: Found | None) -> Found | None:
        """Give the place whose words were changed: the one given, unless those of another are much nearer."""
        near = here.match.score if here and here.match.likeness == "altered" else 0.0
        other = elsewhere.match.score if elsewhere and elsewhere.match.likeness == "altered" else 0.0
        if near:
            return elsewhere if other > max(near + 0.2, 0.75) else here
        return elsewhere if other >= _ALIKE and len(quote.keys) > 4 else None

    def _least(self, span: Span, quote: Quote, here: Found | None) -> float:
        """How much of what words say the verse must say too: less where they are put like it, more after a dash."""
        if not span.hard:
            return 0.5
        if here is not None and here.match.score >= _SOMEWHAT and len(quote.keys) > 5:
            return 0.2
        return 0.4 if span.style == "dash" else 0.3

    def _meant(self, span: Span, quote: Quote) -> bool:
        """Tell whether words beside a reference are put as its words, and do not speak of it."""
        if span.style == "dash":
            words = self.text[span.start : span.end]
            return words[0].isupper() and len(quote.keys) > 4 and not comments(words)
        return len(quote.keys) > 2 and span.style != "starred"

    def _slight(self, quote: Quote, elsewhere: Found, near: float) -> bool:
        """Tell whether words that stand elsewhere are too few to be from there."""
        if elsewhere.match.likeness != "partial":
            return len(quote.keys) < 3 and near > 0
        weight = self.lookup.weight(quote.keys)
        return (near >= 0.6 and len(quote.keys) <= 5) or (len(quote.keys) < 3) or (weight < 4 and len(quote.keys) < 6)

    def _nowhere(self, span: Span, mention: Mention, quote: Quote, blank: Quotation) -> Quotation | None:
        """Judge words that come with a reference to nowhere."""
        given = replace(blank, reference=mention.spelling)
        found = self.lookup.anywhere(quote)
        if found and self._meant_there(quote, found.match, mention):
            return self._known(found, replace(given, correction=self.lookup.place(found)))
        if not self._meant(span, quote):
            return None
        known = mention.known_book or not UNKNOWN_BOOKS.isdisjoint(mention.book.lower().split())
        return given if known or len(quote.keys) > 3 else None

    def _meant_there(self, quote: Quote, match: Match, mention: Mention) -> bool:
        """Tell whether words with a reference to nowhere are from where they are found.

        A book that the canon lacks has words of its own: those of another must stand there, or nearly, to be meant.
        """
        if mention.known_book:
            return match.fine or (match.score >= 0.5 and self.lookup.weight(match.matched) >= TELLING)
        if match.fine:
            return self._shows(quote, match, True)
        return match.likeness == "altered" and self._close(quote, match, False)

    def _unplaced(self, span: Span, quote: Quote, blank: Quotation) -> Quotation | None:
        """Judge words that come without a reference."""
        if span.style in ("dash", "starred"):
            return None
        presented = cited(self.text, *span.outer)
        found = self.lookup.at(quote, self.near) if self.near and len(quote.keys) > 2 else None
        if found is None or found.match.likeness == "other":
            found = self.lookup.anywhere(quote)
        if found and found.match.fine and self._shows(quote, found.match, presented):
            return self._fine(found, blank, None)
        if found and found.match.likeness == "altered" and self._close(quote, found.match, presented):
            return self._altered(quote, found, blank)
        if not presented or len(quote.keys) < 4:
            return None
        pieced = self.lookup.pieced(quote)
        if pieced and pieced.match.likeness == "altered" and self._plain(pieced.match):
            return self._altered(quote, pieced, blank)
        return self._reworded(quote, found, blank)

    def _plain(self, match: Match) -> bool:
        """Tell whether everyday words are so many and so near to a verse that they are from it."""
        return match.score >= CLOSE and len(match.matched) >= _PLAIN

    def _reworded(self, quote: Quote, found: Found | None, blank: Quotation) -> Quotation:
        """Judge words that are presented as scripture, and are not nearly those of a verse."""
        if not (found and found.match.score >= _REWORDED and self.lookup.weight(found.match.matched) >= TELLING):
            found = self.lookup.alike(quote)
        if found is None:
            return blank
        place = self.lookup.place(found)
        return replace(blank, kind="paraphrase", reference=place, place=place, osis=self.canon.osis(place))

    def _close(self, quote: Quote, match: Match, presented: bool) -> bool:
        """Tell whether words without a reference are near enough to a verse to be meant as it."""
        weight, many = self.lookup.weight(match.matched), len(match.matched)
        close = match.score >= (0.6 if presented or (many > 6 and weight > 11) else _ALIKE)
        return close and len(quote.keys) >= (4 if presented else 6) and weight >= (4 if presented else TELLING)

    def _shows(self, quote: Quote, match: Match, presented: bool) -> bool:
        """Tell whether true words without a reference are meant as a quotation."""
        if presented:
            return len(quote.keys) > 2 or self.lookup.weight(quote.keys) >= 6
        return self._telling(quote, match)

    def _telling(self, quote: Quote, match: Match) -> bool:
        """Tell whether true words without a reference say enough to be meant as a quotation."""
        weight = self.lookup.weight(quote.keys)
        old = sum(1 for part in quote.parts for one in part if one.folded in _OLD)
        if match.likeness != "partial" and weight >= TELLING:
            return True
        return len(quote.keys) >= _WORDY or (len(quote.keys) >= 4 and weight + 4 * old >= TELLING)

    def _fine(self, found: Found, blank: Quotation, mention: Mention | None) -> Quotation:
        kind: Kind = found.match.likeness if found.match.likeness != "other" else "partial"
        if mention and kind in ("exact", "normalised") and all(place.width == "verses" for place in mention.places):
            index = found.corpus.concordance
            numbers = {index.numbers.get(v, -1) for place in mention.places for v in found.corpus.expand(place)} - {-1}
            if numbers - set(range(found.match.first, found.match.last + 1)):
                kind = "partial"
        return self._known(found, replace(blank, kind=kind))

    def _known(self, found: Found, quotation: Quotation) -> Quotation:
        place = self.lookup.place(found)
        return replace(
            quotation,
            reference=quotation.reference or place,
            translation=found.corpus.translation,
            place=place,
            osis=found.corpus.canon.osis(place),
        )

    def _altered(self, quote: Quote, found: Found, blank: Quotation, mention: Mention | None = None) -> Quotation:
        worded = self.lookup.worded(quote, found)
        index = worded.corpus.concordance
        places = mention.places if mention else ()
        cited = {index.numbers.get(verse, -1) for place in places for verse in worded.corpus.expand(place)}
        kept = replace(worded, match=within(worded.match, index, cited))
        return self._known(kept, replace(blank, kind="altered", correction=clause(kept.match, index)))

    def _osis(self, place: Reference) -> str:
        return self.canon.osis(place)


_OLD = frozenset(
    [
        "thou", "thee", "thy", "thine", "ye", "hath", "doth", "saith", "unto", "shalt", "wilt", "art",
        "hast", "whosoever", "verily", "lo", "behold", "yea",
    ]
)  # fmt: skip
