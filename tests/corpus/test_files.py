"""The corpus' files are what they seem: pictures, sounds and papers that other programs open."""

import base64
import hashlib
import io
import re
import struct
import wave
import zlib
from collections import Counter

import pytest

import corpus
from corpus import papers, pictures
from corpus.dice import Dice
from crypto.content_key import DEDUP_MINIMUM
from intake.record.media import deduplicates, sniff
from tests.tools import browser

SEED = 7
TYPES = {"png": "image/png", "jpg": "image/jpeg", "wav": "audio/wav", "pdf": "application/pdf"}


def check_png(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG all of whose checksums hold and whose pixels are all there."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, []
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        chunks.append((kind, body))
        at += 12 + size
    assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    assert (depth, colour) == (8, 2)
    assert len(zlib.decompress(chunks[1][1])) == height * (1 + 3 * width)
    return width, height


def check_pdf(data: bytes) -> None:
    """A PDF whose table of objects points at each of them, and whose streams are as long as they say."""
    assert data.startswith(b"%PDF-1.4\n") and data.endswith(b"%%EOF\n")
    found = re.search(rb"startxref\n(\d+)\n", data)
    assert found and data[int(found[1]) :].startswith(b"xref\n0 7\n")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n \n", data)]
    assert len(places) == 6
    for number, place in enumerate(places, start=1):
        assert data[place:].startswith(f"{number} 0 obj\n".encode())
    for stream in re.finditer(rb"/Length (\d+) >>\nstream\n", data):
        assert data[stream.end() + int(stream[1]) :].startswith(b"\nendstream")


def check_wav(data: bytes) -> None:
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 1, 8000)
        frames = sound.readframes(sound.getnframes())
    assert 2 * 8000 <= len(frames) <= 6 * 8000
    assert max(frames) - min(frames) > 40, "a sound, not silence"


def test_whoever_opens_a_file_finds_what_its_name_promises() -> None:
    kinds = Counter[str]()
    for number in range(1, 41):
        for path, data in corpus.media(SEED, number):
            kind = path.rpartition(".")[2]
            kinds[kind] += 1
            assert sniff(data[:512]) == TYPES[kind]
            if kind == "png":
                check_png(data)
            elif kind == "pdf":
                check_pdf(data)
            elif kind == "wav":
                check_wav(data)
    assert set(kinds) == set(TYPES)


def test_each_kind_of_paper_can_be_written() -> None:
    for kind in papers.KINDS:
        check_pdf(papers.paper(Dice(SEED, kind), kind, "2021-03-04"))


def test_a_browser_shows_the_pictures_in_their_size() -> None:
    shown = [
        ("png", pictures.scene(Dice(SEED, "png"), 96, 72), 96, 72),
        ("jpeg", pictures.mosaic(Dice(SEED, "jpeg"), 40, 30), 320, 240),
        ("jpeg", pictures.mosaic(Dice(SEED, "padded"), 40, 30, least=30_000), 320, 240),
    ]
    script = """async ([type, data]) => {
        const image = new Image(); image.src = `data:image/${type};base64,${data}`; await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d'); canvas.drawImage(image, 0, 0);
        const all = canvas.getImageData(0, 0, image.width, image.height).data;
        return [image.width, image.height, all[0], all[1], all[2], new Set(all).size];
    }"""
    with browser() as opened:
        page = opened.new_page()
        for kind, data, width, height in shown:
            found = page.evaluate(script, [kind, base64.b64encode(data).decode()])
            assert found[:2] == [width, height]
            assert found[5] > 20, "a picture has many colours"
            if kind == "png":
                row = zlib.decompress(data[data.index(b"IDAT") + 4 : -16])[1:4]
                assert found[2:5] == list(row)


def test_a_quarter_of_the_files_were_passed_on_and_can_be_stored_once() -> None:
    files = shared = 0
    copies = Counter[str]()
    for interview in corpus.records(SEED, 150):
        contents = dict(corpus.media(SEED, int(interview["id"].partition("-")[2])))
        for path, about in interview["media"].items():
            files += 1
            if "/photo_" not in path:
                continue
            shared += 1
            data = contents[path]
            copies[hashlib.sha256(data).hexdigest()] += 1
            assert len(data) >= DEDUP_MINIMUM
            assert deduplicates(
                sniff(data[:512]), len(data), about["origin"], intimate=about.get("intimate", False)
            )
    assert 20 <= 100 * shared / files <= 30
    assert len(copies) <= 40 and copies.most_common(1)[0][1] > 10


@pytest.mark.parametrize("number", [1, 2, 3])
def test_whoever_measures_gets_large_pictures_that_nothing_can_compress(number: int) -> None:
    for path, data in corpus.media(SEED, number, "real"):
        if path.endswith(".png"):
            assert 2_000_000 <= len(data) <= 5_100_000
            check_png(data)
            assert len(zlib.compress(data, 1)) > 0.99 * len(data)
        else:
            assert not path.endswith(".jpg")
