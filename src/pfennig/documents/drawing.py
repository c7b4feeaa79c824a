"""Draw documents. Source: docs/decisions/0038-letters-of-other-scripts.md."""

from pfennig.documents.page import Document


def draw(document: Document) -> bytes:
    """The document as a PDF. The same one has the same bytes."""
    # Importing it takes a third of a second, and most processes never draw.
    from pfennig.documents.paper import Paper

    return Paper(document).draw()
