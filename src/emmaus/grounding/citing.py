"""Words that present other words as scripture: "it is written", "says the Lord"."""

import re

_CITED = re.compile(
    r"\b(?:it is|as|is it not|was|been|stands?) (?:also )?written|\bscriptures?\b|\bthe bible\b|"
    r"\b(?:god|lord|jesus|christ|"
    r"yahweh|jehovah|almighty|holy spirit|messiah|saviou?r)(?:'s word|\u2019s word)? (?:himself |has |"
    r"once |also |then |clearly )?"
    r"(?:says|said|saith|declares?d?|tells|told|promise[sd]?|speaks|spoke|commands?|commanded|taught|teaches|assures|warned|warns)"
    r"|\bthus sa(?:ith|ys)|\b(?:word of (?:god|the lord)|god[\u2019']s word|good book|holy writ|the "
    r"psalmist|the apostle|"
    r"the evangelist|the proverb|the gospels?|the epistle|the psalms?|the torah|the commandment|the "
    r"beatitudes?|the prophets?"
    r"(?: \w+)?|the preacher|the sermon on the mount|word says|the word tells|the verse|bible verse|chapter and verse|"
    r"memory verse|old testament|new testament|the law of moses|book of [A-Z]\w+|letter to the [A-Z]\w+|gospel of)\b"
    r"|\b(?:saint |st\.? )?(?:paul|isaiah|jeremiah|solomon|moses|peter|the psalm|micah|ezekiel|hosea|"
    r"amos|joel|habakkuk|"
    r"malachi|zechariah|king david|luke|matthew|job) (?:once |also |then )?(?:writes|wrote|teaches|"
    r"taught|prophesied|says in|"
    r"sings|sang|declares|declared|says|exhorts|reminds)\b",
    re.IGNORECASE,
)
_CITED_AFTER = re.compile(
    r"[\s,.;:!?\u201d\"'\u2019)(\u2014\u2013-]*(?:(?:as|so|thus|is|that is|are|was|this is|these are|,"
    r")\s+)*(?:(?:says?|said|saith|declares|"
    r"promises|the words of|from|in|what|how|according to|to quote|wrote|writes)\s+)*(?:it is written|"
    r"(?:the )?(?:holy )?scriptures?"
    r"|the (?:bible|lord|good book|psalmist|apostle|word of god|prophet|preacher|gospel)|"
    r"god[\u2019']s word|jesus|god|yahweh|paul wrote|"
    r"a (?:bible )?verse|in the bible)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(
    r"\b(?:verses?|psalms?|song|passage|chapter|favou?rite|story|my|about|where|text|parable|prayer "
    r"of|describes?|tells|"
    r"speaks|reminds|shows|explains|author|written|theme|teaches|here|read|see|example)\b",
    re.IGNORECASE,
)


def cited(text: str, start: int, end: int) -> bool:
    """Tell whether the words around a quotation, which stands from `start` to `end`, present it as scripture."""
    opening = max(0, start - 110)
    before = text[opening:start]
    for match in re.finditer(r"[.!?][\"\u201d'\u2019)]?\s+(?=[A-Z\"\u201c])|\n\s*\n|[\"\u201d](?=[\s,.])", before):
        opening = max(opening, start - len(before) + match.end())
    return bool(_CITED.search(text[opening:start]) or _CITED_AFTER.match(text, end))


def comments(words: str) -> bool:
    """Tell whether words after a reference and a dash speak of it rather than being its words."""
    return bool(_COMMENT.search(" ".join(words.split()[:4])))
