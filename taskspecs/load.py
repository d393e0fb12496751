"""From a YAML file to a TaskSpec that can be run: shape first, then what its expressions mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.document import parse_document, read_document
from configs.errors import BadInput
from configs.validation import validate
from configs.workspace import open_workspace
from taskspecs.expressions import analyse, check
from taskspecs.expressions import parse as parse_expression
from taskspecs.features import all_expressions, expand
from taskspecs.fields import BAR_FIELDS, MARKET_FIELDS
from taskspecs.frequencies import refuse_finer
from taskspecs.schema import TaskSpec
from taskspecs.set_files import take_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from configs.document import Document, KeyPath


def load(path: Path, root: Path | None = None) -> tuple[TaskSpec, Document]:
    """Read a TaskSpec; the document says where each of its values stands.

    Parameters
    ----------
    path
        The YAML file.
    root
        The workspace, which files of features are relative to; default the usual one.

    Raises
    ------
    BadInput
        Located: file, line, key, the bad value, what is allowed, near matches.
    """
    return understand(take_in(read_document(path), root or open_workspace().root))


def parse(text: str, *, file: str = "TaskSpec") -> TaskSpec:
    """Read a TaskSpec from text; see :func:`load`."""
    return understand(parse_document(text.encode(), file=file))[0]


def understand(document: Document) -> tuple[TaskSpec, Document]:
    """Validate a document as a TaskSpec, with all its expressions."""
    spec = validate(TaskSpec, document)
    if spec.aggregation.bars:
        try:
            refuse_finer(spec.data.frequency, spec.aggregation.bars)
        except BadInput as error:
            raise error.at(document.place(("aggregation", "bars"))) from None
    for path, text, known, may_look_ahead in _expressions(spec, document):
        try:
            check(text, known_fields=known, allow_lookahead=may_look_ahead)
        except BadInput as error:
            raise error.at(document.place(path)) from None
    if spec.signal.model is not None:
        _check_learnable(spec, document)
    _refuse_unsought_patterns(spec, document)
    return spec, document


def _refuse_unsought_patterns(spec: TaskSpec, document: Document) -> None:
    """Refuse patterns that are to act on the backtest and that no detector looks for."""
    for name in ("suspend_on", "scale_on"):
        rule = getattr(spec.backtest, name)
        if rule is None:
            continue
        alone = rule.scope == "symbol"
        sought = {each.detector for each in spec.detection if (each.scope == "symbol") == alone}
        missing = sorted(set(rule.detectors) - sought)
        if missing or not sought:
            raise BadInput(
                f"patterns of scope {rule.scope} are to act, but detection has no "
                f"{missing[0] if missing else 'detector'} of that scope",
                place=document.place(("backtest", name)),
                hint="add one to detection, or change the scope",
            )


def _check_learnable(spec: TaskSpec, document: Document) -> None:
    """Refuse a model with nothing to learn from, or nothing to foretell."""
    if not all_expressions(spec.features):
        raise BadInput(
            "a model learns from features, and the study has none",
            place=document.place(("signal", "model")),
            hint="name a set, as `features: {sets: [alpha158]}`, or define some",
        )
    if analyse(parse_expression(spec.signal.label)).lookahead_rows == 0:
        raise BadInput(
            f"the label `{spec.signal.label}` does not look ahead: there is nothing to foretell",
            place=document.place(("signal", "label")),
            hint="write what follows the decision, as Ref($close, -2) / Ref($close, -1) - 1",
        )


def _expressions(
    spec: TaskSpec, document: Document
) -> Iterator[tuple[KeyPath, str, frozenset[str], bool]]:
    """List every expression of a spec: where it stands, the fields it may use, whether it may
    look ahead.
    """
    features = _feature_names(spec, document)
    for name, text in spec.features.define.items():
        yield ("features", "define", name), text, BAR_FIELDS, False
    for file, entries in spec.features.files.items():
        for name, text in entries.items():
            yield ("features", "files", file, name), text, BAR_FIELDS, False
    if spec.signal.expression is not None:
        yield ("signal", "expression"), spec.signal.expression, BAR_FIELDS | features, False
    yield ("signal", "label"), spec.signal.label, BAR_FIELDS, True
    for number, detector in enumerate(spec.detection):
        known = MARKET_FIELDS if detector.scope == "market" else BAR_FIELDS | features
        path: KeyPath = ("detection", number, "watch")
        if isinstance(detector.watch, str):
            yield path, detector.watch, known, False
            continue
        for position, text in enumerate(detector.watch):
            yield (*path, position), text, known, False


def _feature_names(spec: TaskSpec, document: Document) -> frozenset[str]:
    names = set(spec.features.define)
    clash = sorted(names & BAR_FIELDS)
    if clash:
        raise BadInput(
            f"a feature cannot be called `{clash[0]}`: bars have a field of that name",
            place=document.place(("features", "define", clash[0]), of_key=True),
        )
    for number, name in enumerate(spec.features.sets):
        try:
            names |= set(expand(spec.features, name))
        except BadInput as error:
            raise error.at(document.place(("features", "sets", number))) from None
    _refuse_alike(names, spec, document)
    return frozenset(names)


def _refuse_alike(names: set[str], spec: TaskSpec, document: Document) -> None:
    """Refuse names that differ in capitals only: SQL takes them for one."""
    for name in spec.features.define:
        alike = [other for other in names if other != name and other.lower() == name.lower()]
        if alike:
            raise BadInput(
                f"the features `{name}` and `{alike[0]}` differ in capitals only",
                place=document.place(("features", "define", name), of_key=True),
                hint="rename it; to replace a set's feature, write its name as the set does",
            )
