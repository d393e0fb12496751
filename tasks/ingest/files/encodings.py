"""Which encoding a text is written in, by what it would say in each."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import BadInput, did_you_mean, in_spec
from tasks.ingest.headings.headings import WORDS, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of equally likely ones the first is taken. In single bytes nearly anything is valid: they stand
# last.
CANDIDATES = (
    "gb18030",
    "cp932",
    "big5",
    "euc-kr",
    "euc-jp",
    "cp1251",
    "cp1252",
    "cp1250",
    "latin-1",
)
NAMES = ("utf-8", "utf-16", *CANDIDATES)
_FOREIGN = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
_SAMPLE = 2**18
_OTHER_SCRIPT = "\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af\uff61-\uff9f"
_MIXED = re.compile(f"[A-Za-z](?=[{_OTHER_SCRIPT}])|[{_OTHER_SCRIPT}](?=[A-Za-z])")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text as UTF-8, the encoding it was in, and whether another is possible."""

    content: bytes
    encoding: str
    sure: bool


def decode(content: bytes, name: str, *, told: str | None = None) -> Decoded:
    r"""Return a text in UTF-8 without a byte order mark, with lines that end as on Unix.

    Parameters
    ----------
    content
        The bytes of a text.
    name
        What to call it in messages.
    told
        The encoding, where a spec names it.

    Raises
    ------
    BadInput
        If it is no text, or not of the encoding that is told.

    Examples
    --------
    >>> decode("Eröffnung".encode("cp1252"), "x.csv").content.decode()
    'Eröffnung'
    """
    if told is not None:
        return Decoded(_told(content, told, name), told, sure=True)
    mark = next((known for known in _MARKS if content.startswith(known[0])), None)
    encoding, sure = (mark[1], True) if mark else _without_mark(content, name)
    if encoding in {"utf-8", "ascii"}:
        return Decoded(_lines(content), "utf-8", sure)
    if encoding == "utf-8-sig":
        body = content[len(codecs.BOM_UTF8) :]
        if _is_utf8(body):
            return Decoded(_lines(body), "utf-8", sure)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadInput(
            f"`{name}` begins as {encoding} text and does not go on as such: {error.reason}",
            hint="perhaps it was not downloaded whole, or joined from files of two encodings",
        ) from error
    return Decoded(_lines(text.encode()), encoding, sure)


def _told(content: bytes, encoding: str, name: str) -> bytes:
    try:
        return _lines(content.decode(encoding).removeprefix("\ufeff").encode())
    except LookupError:
        hint = did_you_mean(encoding, NAMES)
        what = f"`{encoding}` is no known encoding"
        raise BadInput(what, place=in_spec("data.encoding"), hint=hint) from None
    except UnicodeDecodeError as error:
        raise BadInput(
            f"`{name}` is not written in {encoding}: {error.reason} at byte {error.start:,}",
            place=in_spec("data.encoding"),
            hint="leave `encoding` out to have it told by the content",
        ) from error


def _lines(content: bytes) -> bytes:
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
        if b"\n" not in content:
            content = content.replace(b"\r", b"\n")
    return content


def _without_mark(content: bytes, name: str) -> tuple[str, bool]:
    wide = _sixteen(content)
    if wide:
        return wide, True
    if _is_binary(content):
        raise BadInput(
            f"`{name}` is neither text nor Parquet, nor any other kind of table that is known",
            hint="give a CSV, Excel, JSON, Parquet or Arrow file of bars",
        )
    if content.isascii() or _is_utf8(content):
        return "utf-8", True
    return _likeliest(content)


def _sixteen(content: bytes) -> str | None:
    """Return which UTF-16 a text is that has no mark: every other byte of plain text is zero."""
    head = content[:4096]
    if len(head) < 8 or b"\0" not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.1 * half else None


def _is_binary(content: bytes) -> bool:
    head = content[:_SAMPLE]
    return b"\0" in head or len(_CONTROL.findall(head)) > 0.01 * len(head) + 1


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _likeliest(content: bytes) -> tuple[str, bool]:
    """Score each encoding that can be meant; a heading that is known decides over letters."""
    sample = _foreign_lines(content)
    whole = b"\n".join(sample)
    scores: dict[str, float] = {}
    for encoding in CANDIDATES:
        try:
            content.decode(encoding)
            scores[encoding] = _score(sample, whole.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    ranked = sorted(scores, key=lambda each: -scores[each])
    best = ranked[0]
    others = [each for each in ranked[1:] if whole.decode(each) != whole.decode(best)]
    return best, not others or scores[best] > scores[others[0]] + 0.5


def _foreign_lines(content: bytes) -> list[bytes]:
    found: list[bytes] = []
    size = 0
    for match in _FOREIGN.finditer(content):
        found.append(match[0][:4096])
        size += len(found[-1])
        if size > _SAMPLE:
            break
    return found


def _score(lines: Iterable[bytes], text: str, encoding: str) -> float:
    first = next(iter(lines), b"").decode(encoding, "replace")
    cells = re.split(r"[,;\t|]", first)
    known = sum(plain(cell.strip("\"' ")) in WORDS for cell in cells if not cell.isascii())
    foreign = [letter for letter in text if not letter.isascii()]
    # No word is written half in one script and half in another.
    mixed = len(_MIXED.findall(text))
    usual = sum(map(_likelihood(encoding), foreign)) - 1.5 * mixed
    return 2.0 * known + usual / max(len(foreign), 1)


def _likelihood(encoding: str) -> Callable[[str], float]:
    """Return how usual a letter is in texts of an encoding, from -1 to 1."""
    if encoding in {"gb18030", "big5", "cp932", "euc-jp", "euc-kr"}:
        return lambda letter: _usual_cjk(letter, encoding)
    return _usual_single


def _usual_cjk(letter: str, encoding: str) -> float:
    """Common letters of a double-byte set stand in its first level."""
    try:
        raw = letter.encode(encoding)
    except UnicodeEncodeError:
        return -1.0
    if len(raw) != 2:
        return -0.8  # half-width kana, four bytes: not what headings and names are written in
    lead, trail = raw
    name = unicodedata.name(letter, "")
    if name.startswith(("FULLWIDTH", "IDEOGRAPHIC")):
        return 0.3
    common = {
        "gb18030": 0xB0 <= lead <= 0xD7 and trail >= 0xA1,
        "big5": 0xA4 <= lead <= 0xC6,
        "cp932": name.startswith(("HIRAGANA", "KATAKANA")) or 0x88 <= lead <= 0x98,
        "euc-jp": name.startswith(("HIRAGANA", "KATAKANA")) or 0xB0 <= lead <= 0xCF,
        "euc-kr": 0xB0 <= lead <= 0xC8 and trail >= 0xA1,
    }[encoding]
    return 0.9 if common else -0.5


def _usual_single(letter: str) -> float:
    if letter in "\u2019\u00b4\u2009\u202f\u00a0€£¥°±–":
        return 0.5
    if not letter.isalpha():
        return -0.7
    name = unicodedata.name(letter, "")
    if name.startswith("CYRILLIC"):
        return 0.8 if letter.islower() else 0.2
    plain_latin = letter in "äöüßéèêàâçñáíóúõãìòùåøæôîûëïÄÖÜÉÈÀÇÑÁÍÓÚÅØÆ"
    return 0.6 if plain_latin else 0.1
