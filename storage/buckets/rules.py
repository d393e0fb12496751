"""Rules of a bucket as XML: ours are put among those of others, which stay byte for byte; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Kind:
    """One document of rules that S3 keeps for a bucket.

    Attributes
    ----------
    query
        What the request is told by, as ``lifecycle``.
    root
        The document's element.
    elements
        Those that are rules, ours first; none holds another.
    """

    query: str
    root: str
    elements: tuple[str, ...]


LIFECYCLE = Kind("lifecycle", "LifecycleConfiguration", ("Rule",))
NOTIFICATION = Kind(
    "notification",
    "NotificationConfiguration",
    ("QueueConfiguration", "TopicConfiguration", "CloudFunctionConfiguration"),
)
_NAMESPACE = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it stands in its document."""

    text: str

    @property
    def leaves(self) -> frozenset[tuple[str, str]]:
        """What it says, whatever the order and the spaces."""
        return frozenset(_leaves(ET.fromstring(self.text)))  # noqa: S314 - no entities: see `rules`

    def value(self, *names: str) -> str:
        """Return the text of the first element that is called so; names end a path."""
        return next((text for path, text in self.leaves if path.endswith("/".join(names))), "")

    @property
    def ident(self) -> str:
        """Its name."""
        return self.value("/ID") or self.value("/Id")

    @property
    def prefix(self) -> str:
        """The beginning of the names of the objects that it is about."""
        return self.value("Prefix") or self.value("FilterRule/Value")


def rules(document: str, kind: Kind) -> list[Rule]:
    """Return the rules of a document.

    Raises
    ------
    ValueError
        If it is not such a document.
    """
    if "<!" in document:
        raise ValueError("it declares a type or entities")
    root = ET.fromstring(document) if document else None  # noqa: S314
    if root is not None and _NAMESPACE.sub("", root.tag) != kind.root:
        raise ValueError(f"it is no {kind.root}")
    names = "|".join(kind.elements)
    return [Rule(m[0]) for m in re.finditer(rf"(?s)<({names})(?:\s[^>]*)?>.*?</\1>", document)]


def merged(document: str, kind: Kind, ours: Mapping[str, str], *, below: str) -> str | None:
    """Return a document with our rules as they are to be; None if it says that already.

    Parameters
    ----------
    document
        As the store keeps it; empty if it keeps none.
    ours
        By their names.
    below
        What the prefixes of our rules begin with: under an older name, too, they are ours.
    """
    present = rules(document, kind)
    wanted = {name: Rule(text) for name, text in ours.items()}
    mine = [rule for rule in present if is_ours(rule, wanted, below=below)]
    if {rule.leaves for rule in mine} == {rule.leaves for rule in wanted.values()}:
        return None
    kept = document
    for rule in mine:
        kept = kept.replace(rule.text, "", 1)
    added = "".join(ours.values())
    if not kept:
        return f"<{kind.root}>{added}</{kind.root}>"
    if re.search(rf"<{kind.root}[^>]*/>\s*$", kept):
        return re.sub(rf"(<{kind.root}[^>]*)/>\s*$", rf"\g<1>>{_quoted(added)}</{kind.root}>", kept)
    before, end, after = kept.rpartition(f"</{kind.root}>")
    return f"{before}{added}{end}{after}"


def is_ours(rule: Rule, ours: Iterable[str], *, below: str) -> bool:
    """Whether a rule is one of ours, by its name, or by an older name and what it is about."""
    return rule.ident in ours or (rule.ident in _OLD_NAMES and rule.prefix.startswith(below))


def others(document: str, kind: Kind, ours: Iterable[str], *, below: str) -> list[str]:
    """Return the rules that are not ours, as they stand."""
    names = list(ours)
    return [r.text for r in rules(document, kind) if not is_ours(r, names, below=below)]


def expire(name: str, prefix: str, *, days: int | None = None, old_days: int | None = None) -> str:
    """Write a rule that lets go of objects, or of their old versions, after so many days."""
    about = f"<ID>{escape(name)}</ID><Status>Enabled</Status>"
    about += f"<Filter><Prefix>{escape(prefix)}</Prefix></Filter>"
    if days is not None:
        about += f"<Expiration><Days>{days}</Days></Expiration>"
    if old_days is not None:
        old = f"<NoncurrentDays>{old_days}</NoncurrentDays>"
        about += f"<NoncurrentVersionExpiration>{old}</NoncurrentVersionExpiration>"
    return f"<Rule>{about}</Rule>"


def tell(name: str, prefix: str, queue: str) -> str:
    """Write a rule that tells a queue of objects that are created."""
    key = f"<FilterRule><Name>prefix</Name><Value>{escape(prefix)}</Value></FilterRule>"
    return (
        f"<QueueConfiguration><Id>{escape(name)}</Id><Filter><S3Key>{key}</S3Key></Filter>"
        f"<Event>s3:ObjectCreated:*</Event><Queue>{escape(queue)}</Queue></QueueConfiguration>"
    )


_OLD_NAMES = ("qraft-feature", "qraft-report", "qraft-versions", "qraft-dropped")


def _leaves(element: ET.Element, path: str = "") -> Iterable[tuple[str, str]]:
    here = f"{path}/{_NAMESPACE.sub('', element.tag)}"
    if not len(element):
        text = (element.text or "").strip()
        if text:
            yield here, text
    for child in element:
        yield from _leaves(child, here)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\")
