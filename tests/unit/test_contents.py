"""Lists of contents."""

from index.contents import contents_of


def test_the_list_ends_where_its_entries_no_longer_come_again():
    texts = [
        "Policy",
        "Contents",
        "1 Phones 2",
        "2 Watches 3",
        "1 Phones",
        "They are off.",
        "2 Watches",
        "Silent.",
    ]

    assert contents_of(texts) == range(1, 4)


def test_a_document_without_such_a_heading_has_none():
    assert contents_of(["Phones", "They are off.", "Phones"]) == range(0)


def test_a_heading_called_contents_above_ordinary_words_takes_only_itself():
    assert contents_of(["Contents", "The bag holds a phone."]) == range(1)
