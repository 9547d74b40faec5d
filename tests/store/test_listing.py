"""Pages of records, and conversations by their words."""

from emmaus.types import Conversation, Job, JobState

from .records import conversation, turn


def test_pages_go_from_the_newest_to_the_oldest_and_miss_nothing(store):
    for number in range(7):
        store.add(Job(f"job-{number}", "train", "david", {}, JobState.DONE))
    seen, before = [], None
    while page := store.listed(Job, 3, before=before):
        seen += [job.id for _, job in page]
        before = page[-1][0]
        store.remove(Job, id=seen[-1])  # what is gone meanwhile shifts nothing
    assert seen == [f"job-{number}" for number in reversed(range(7))]
    assert store.listed(Job, 3, state="queued") == []


def test_conversations_are_found_by_a_word_of_theirs_or_by_their_name(store):
    store.add_all([
        conversation("a", turn("a-t", "Were you AFRAID of 100% of them?"), subject="me"),
        conversation("b", turn("b-t", "And now?", "I was afraid."), subject="me"),
        conversation("c", turn("c-t", "Of whom were you afraid?"), subject="you"),
        conversation("d", subject="me"),
    ])  # fmt: skip
    store.rename("d", "Not Afraid")

    def found(text):
        return [item.id for _, item in store.listed(Conversation, 9, text=text, subject="me")]

    assert found("afraid") == ["d", "b", "a"]
    assert found("100%") == ["a"]
    assert found("0_%") == found("nothing of it") == []
    assert found("") == ["d", "b", "a"]
    assert store.conversation_of("b-t").id == "b"
    assert store.conversation_of("nowhere") is None
