"""Notes in PDF, with the extra `pdf`: their text is remembered; what is broken is said."""

from __future__ import annotations

import pytest

from agent.memory.notes import notes
from configs.workspace import Workspace

pytest.importorskip("pypdf")


def pdf(text: str) -> bytes:
    """A page with one line, written by hand."""
    drawn = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    written, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return (
        written + b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(written))
    )  # fmt: skip


def test_the_text_of_a_pdf_is_a_note(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "paper.pdf").write_bytes(pdf("Momentum crashes after panics."))
    (read,) = notes(Workspace(tmp_path), "notes", pytest.fail)
    assert read.id == "note:notes/paper.pdf"
    assert "Momentum crashes after panics." in read.text


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.4\nnothing", pdf("cut")[:150]])
def test_a_broken_pdf_is_said_and_left_out(tmp_path, broken):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "broken.pdf").write_bytes(broken)
    said = []
    assert notes(Workspace(tmp_path), "notes", said.append) == []
    assert "notes/broken.pdf is not remembered" in said[0]
