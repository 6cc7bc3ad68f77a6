"""The borrowed programs work: a test that relies on them cannot pass by their absence."""

import pytest

from tests.tools import AgeError, Typage, axe, browser, cctv_vectors


def test_typage_opens_what_it_sealed_and_refuses_another_key() -> None:
    with Typage() as age:
        identity, recipient = age.keypair()
        file = age.encrypt(recipient, b"hello")
        assert age.decrypt(identity, file) == b"hello"
        assert age.recipient(identity) == recipient
        with pytest.raises(AgeError):
            age.decrypt(age.keypair()[0], file)


def test_the_age_vectors_are_there() -> None:
    vectors = cctv_vectors()
    assert len(vectors) > 100 and all(v.field("expect") for v in vectors)


def test_the_browser_opens_a_page_and_axe_finds_a_fault() -> None:
    with browser() as chromium:
        page = chromium.new_page()
        page.set_content("<html lang=en><title>t</title><main><h1>t</h1><img src=x></main></html>")
        assert any(line.startswith("image-alt") for line in axe(page))
