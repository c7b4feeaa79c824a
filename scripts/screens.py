"""`make browser` ends here: with a page to look through all pictures."""

import sys
from html import escape
from itertools import groupby
from pathlib import Path

HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Screens of the checkout</title>
<style>
  body { margin: 2rem; font: 1rem/1.5 system-ui, sans-serif; background: #ccc; }
  nav { columns: 14rem; }
  figure { display: inline-block; margin: 0 1rem 1rem 0; vertical-align: top; }
  img { display: block; max-width: 30rem; }
</style>
<h1>Screens of the checkout</h1>
"""


def index(album: Path) -> str:
    """The page: screen by screen, a row for each language."""
    screens = sorted(folder.name for folder in album.iterdir() if folder.is_dir())
    contents = "".join(f'<li><a href="#{name}">{name}</a></li>' for name in screens)
    return f"{HEAD}<nav><ul>{contents}</ul></nav>\n" + "\n".join(section(album / name) for name in screens)


def section(folder: Path) -> str:
    """One screen, in every language, width and light."""
    pictures = sorted(folder.glob("*.png"), key=lambda file: [part.zfill(4) for part in file.stem.split("-")])
    rows = groupby(pictures, key=lambda file: file.stem.partition("-")[0])
    return f'<h2 id="{folder.name}">{folder.name}</h2>' + "".join(
        f"<h3>{escape(language)}</h3>" + "".join(figure(file) for file in files) for language, files in rows
    )


def figure(file: Path) -> str:
    """One picture with its name."""
    address = f"{file.parent.name}/{file.name}"
    return f'<figure><img src="{address}" alt="" loading="lazy"><figcaption>{escape(file.stem)}</figcaption></figure>'


def main() -> None:
    """Writes index.html into the folder of the pictures."""
    album = Path(sys.argv[1])
    (album / "index.html").write_text(index(album), encoding="utf-8")
    print(f"{len(list(album.rglob('*.png')))} pictures; look at {album / 'index.html'}")


if __name__ == "__main__":
    main()
