"""What kind of file it is, and whether it may be deduplicated. `docs/wire.md`, "When content is keyed".

The type follows from the bytes alone, so that the form's server, the Python client and the browser
decide alike for one and the same photo.
"""

from crypto.content_key import DEDUP_MINIMUM

SNIFF_BYTES = 512  # how much of a file `sniff` looks at
ORIGINS = ("self", "received", "downloaded", "unsaid")
OTHER = "application/octet-stream"

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"#!AMR", "audio/amr"),
    (b"FLV\x01", "video/x-flv"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"),
    (b"%PDF-", "application/pdf"),
)
_RIFF = {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav"}
_BRANDS = (
    ((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "image/heic"),
    ((b"avif", b"avis"), "image/avif"),
    ((b"qt  ",), "video/quicktime"),
    ((b"M4A ", b"M4B "), "audio/mp4"),
    ((b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3g2a"), "video/3gpp"),
)


def sniff(start: bytes) -> str | None:
    """Media type from the first bytes of a file, or None if it is none of those known."""
    for magic, kind in _STARTS:
        if start.startswith(magic):
            return kind
    if start[:4] == b"RIFF":
        return _RIFF.get(start[8:12])
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        return next((kind for brands, kind in _BRANDS if brand in brands), "video/mp4")
    if start[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in start[:64] else "video/x-matroska"
    if start[:1] == b"\x47" and start[188:189] == b"\x47" and start[376:377] == b"\x47":
        return "video/mp2t"
    return None


def deduplicates(kind: str | None, size: int, origin: str, *, intimate: bool) -> bool:
    """Whether the file gets a content key: equal copies elsewhere then share one payload.

    Not what the person took themselves or appears in, nor what is intimate: nobody else should hold
    the same bytes, and nobody should be able to ask. Not short files, nor documents: guessable.
    """
    return (
        kind is not None
        and kind.startswith(("image/", "video/", "audio/"))
        and size >= DEDUP_MINIMUM
        and origin != "self"
        and not intimate
    )
