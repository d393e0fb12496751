"""How the embedded index keeps its points: as JSON, where Qdrant's own local mode pickles them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdrant_client.http.models import PointStruct
from qdrant_client.local import local_collection
from qdrant_client.local.persistence import CollectionPersistence
from qdrant_client.local.utils import normalize_point_id

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLE = "passages"


class JsonPoints(CollectionPersistence):
    """Points of a collection in SQLite, each a line of JSON; what is read runs no code.

    The table is another one than Qdrant's: what an older edition pickled is not looked at.
    """

    def _ensure_table(self) -> None:
        with self.storage:
            self.storage.execute(
                f"CREATE TABLE IF NOT EXISTS {TABLE} (id TEXT PRIMARY KEY, point TEXT)"
            )

    @classmethod
    def encode_key(cls, key: Any) -> str:
        """Return the name of a point; ids here are UUIDs."""
        return str(key)

    def persist(self, point: PointStruct) -> None:
        """Keep a point, in place of an older one of its id."""
        with self.storage:
            self.storage.execute(
                f"INSERT OR REPLACE INTO {TABLE} VALUES (?, ?)",  # noqa: S608 - a fixed name
                (self.encode_key(normalize_point_id(point.id)), point.model_dump_json()),
            )

    def delete(self, point_id: Any) -> None:
        """Take a point out."""
        with self.storage:
            self.storage.execute(
                f"DELETE FROM {TABLE} WHERE id = ?",  # noqa: S608 - a fixed name
                (self.encode_key(normalize_point_id(point_id)),),
            )

    def load(self) -> Iterable[PointStruct]:
        """Read all points, in the order in which they came.

        Raises
        ------
        ValueError
            If one is not a point.
        """
        rows = self.storage.execute(f"SELECT point FROM {TABLE} ORDER BY rowid")  # noqa: S608
        for (text,) in rows.fetchall():
            point = PointStruct.model_validate_json(text)
            yield point.model_copy(update={"id": normalize_point_id(point.id)})


def keep_points_as_json() -> None:
    """Let collections that are opened from now on keep their points so."""
    local_collection.CollectionPersistence = JsonPoints  # type: ignore[attr-defined]
