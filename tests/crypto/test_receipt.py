"""A person writes a receipt down and types it in again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.receipt import MistypedReceipt, Receipt
from crypto.receipt_words import ENGLISH

receipts = st.binary(min_size=32, max_size=32).map(Receipt.from_random)


@settings(max_examples=200)
@given(
    receipts, st.lists(st.booleans(), min_size=9, max_size=9), st.sampled_from([" ", "\n", ", ", "  ", "; "])
)
def test_person_may_mix_words_and_digits(receipt: Receipt, as_words: list[bool], between: str) -> None:
    words = receipt.words("en")
    assert words
    groups = [w if use else d for w, d, use in zip(words, receipt.digits(), as_words, strict=True)]
    assert Receipt.parse(between.join(groups)) == receipt
    assert Receipt.parse(between.join(groups).upper()) == receipt


@given(receipts)
def test_person_may_leave_spaces_out_or_use_hyphens(receipt: Receipt) -> None:
    assert Receipt.parse("".join(receipt.digits())) == receipt
    assert Receipt.parse("-".join(receipt.digits())) == receipt
    assert Receipt.parse("  " + " - ".join(receipt.digits()) + "\n") == receipt


@given(receipts, st.integers(0, 8))
def test_person_is_told_which_group_is_no_word_or_out_of_range(receipt: Receipt, place: int) -> None:
    for wrong, reason in (("zzzzz", "word"), ("9999", "range"), ("123", "range")):
        groups = list(receipt.digits())
        groups[place] = wrong
        with pytest.raises(MistypedReceipt) as caught:
            Receipt.parse(" ".join(groups))
        assert (caught.value.reason, caught.value.group) == (reason, place + 1)


@given(receipts, st.integers(0, 8))
def test_person_is_told_how_many_groups_were_found(receipt: Receipt, count: int) -> None:
    with pytest.raises(MistypedReceipt) as caught:
        Receipt.parse(" ".join(receipt.digits()[:count]))
    assert (caught.value.reason, caught.value.found) == ("count", count)


def test_nearly_every_slip_is_noticed_by_the_checksum() -> None:
    receipt = Receipt.from_random(bytes(range(32)))
    missed = tried = 0
    for place in range(9):
        for digit in range(4):
            for other in "0123456789":
                groups = list(receipt.digits())
                changed = groups[place][:digit] + other + groups[place][digit + 1 :]
                if changed == groups[place] or int(changed) > 7775:
                    continue
                groups[place] = changed
                tried += 1
                try:
                    Receipt.parse(" ".join(groups))
                except MistypedReceipt as error:
                    assert error.reason == "checksum"
                else:
                    missed += 1
    assert tried > 250 and missed <= 2  # one slip in 1,296 goes unnoticed


def test_the_word_list_is_complete_and_unambiguous() -> None:
    assert len(ENGLISH) == len(set(ENGLISH)) == 7776
    assert all(word == word.lower() and not word[0].isdigit() and " " not in word for word in ENGLISH)
    assert (ENGLISH[0], ENGLISH[-1]) == ("abacus", "zoom")


def test_nothing_secret_shows_when_printed() -> None:
    receipt = Receipt.from_random(bytes(range(32)))
    keys = receipt.keys()
    shown = f"{receipt!r} {keys!r} {keys.identity!r} {keys.signing!r} {keys.identity.key!r}"
    for secret in (*receipt.digits(), keys.auth.hex(), str(keys.auth), keys.identity.text):
        assert secret not in shown


@settings(max_examples=5, deadline=None)
@given(receipts, receipts)
def test_two_receipts_share_nothing(one: Receipt, two: Receipt) -> None:
    if one == two:
        return
    a, b = one.keys(), two.keys()
    values = [x for k in (a, b) for x in (k.lookup, k.auth, k.access_tag, k.signing.public, k.identity.seed)]
    assert len(set(values)) == 10
    assert a.record_key(bytes(32)) != a.record_key(bytes(31) + b"1")
