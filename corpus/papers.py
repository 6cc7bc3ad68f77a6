"""Papers as PDF (ISO 32000-1): an invented letter over the grain of a scanner. Latin letters only."""

from corpus.dice import Dice

_WIDTH, _HEIGHT = 120, 80  # pixels of the grain
_LETTERS = {
    "court_document": (
        "PASTANOVA",
        "ab admove u raspachynanni kryminalnaj spravy",
        "",
        "{day}",
        "Razhledziewszy zajavu No. {number}, ustanoviw:",
        "u dziejanniach supracownikaw niama skladu zlachynstva.",
        "Sila wzhyvalasia zakonna.",
        "",
        "Podpis: (nierazborliva)",
    ),
    "medical_document": (
        "VYPISKA No. {number}",
        "Haradskaja balnica (prydumanaja)",
        "",
        "{day}",
        "Mnohija hiematomy, sledy wdaraw tupym pradmietam.",
        "Rekamiendavana: spakoj, nazirannie lekara.",
    ),
    "letter": (
        "Dobry dzien!",
        "U mianie wsio dobra, nie turbujciesia.",
        "Dakaviet? Pisma ad vas dajshlo tolki adno, No. {number}.",
        "{day}",
    ),
    "consent_form": (
        "ZHODA NA HUTARKU / CONSENT TO AN INTERVIEW",
        "Hrupa dakumientavannia \"Pryklad\" / Documentation Group Example",
        "",
        "{day}",
        "No. {number}",
        "Podpis / signature: ~~~~~~~",
    ),
}  # fmt: skip
KINDS = tuple(_LETTERS)


def paper(dice: Dice, kind: str, day: str) -> bytes:
    """A page of one of `KINDS`; `day` is printed as it is. Invented, and says so in small print."""
    lines = [line.format(day=day, number=dice.between(100, 9999)) for line in _LETTERS[kind]]
    lines += ["", "(an invented paper: nothing in it is real)"]
    text = "BT /F1 12 Tf 18 TL 72 760 Td\n" + "".join(f"({_escaped(line)}) Tj T*\n" for line in lines) + "ET"
    page = f"q 595 0 0 842 0 0 cm /Grain Do Q\n{text}\n".encode("ascii")
    pale = bytes(224 | byte & 0x1F for byte in dice.noise(_WIDTH * _HEIGHT))
    image = f"/Type /XObject /Subtype /Image /Width {_WIDTH} /Height {_HEIGHT} "
    image += "/ColorSpace /DeviceGray /BitsPerComponent 8"
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> /XObject << /Grain 6 0 R >> >> >>",
            _stream("", page),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            _stream(image, pale),
        ]
    )


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode("ascii") + data + b"\nendstream"


def _file(objects: list[bytes]) -> bytes:
    """Objects 1, 2, … with the table that says where each begins."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode("ascii") + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode("ascii")
    out += b"".join(f"{place:010} 00000 n \n".encode("ascii") for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode("ascii")
    return bytes(out)
