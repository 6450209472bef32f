# ruff: noqa: INP001 (a script, in no package)
"""Draw the pictures of the manual: letters that the demo sent, as Chromium shows them.

Run it after `make demo`:

    .venv/bin/python docs/pictures/make.py
"""

import argparse
import base64
import email
import email.policy
import html
import re
import subprocess
import tempfile
from collections.abc import Iterable
from email.message import EmailMessage
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
MAILS: Final = HERE.parents[1] / "var" / "demo" / "mails"
WIDTH: Final = 640
TALLEST: Final = 4000
#: The letters to be drawn, by the names of their pictures: to whom, and what their subject says.
LETTERS: Final = {
    "letter-en.png": ("customer00167@customers.test", "11.8%"),
    "letter-ru.png": ("buh@ukprim.test", "15 минут "),
}
CHROMIUM: Final = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--force-device-scale-factor=1.5"),
)

# The letter stands in a frame of its own, under the lines that a mail program shows above it. The page says how tall it
# is in its title, since a window is drawn as tall as it was opened.
PAGE: Final = """<!doctype html>
<meta charset="utf-8">
<style>
  body {{ margin: 0; font: 14px/1.5 system-ui, sans-serif; color: #222; background: #fff }}
  dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 16px 20px }}
  dt {{ color: #777 }} dd {{ margin: 0 }}
  iframe {{ display: block; width: 100%; border: 0; border-top: 1px solid #ddd }}
</style>
<dl>{headers}</dl>
<iframe src="data:text/html;charset=utf-8;base64,{letter}"></iframe>
<script>
  addEventListener("message", (told) => {{
    document.querySelector("iframe").style.height = told.data + "px";
    document.title = "height " + (document.querySelector("dl").offsetHeight + 32 + told.data);
  }});
</script>
"""
# A frame cannot be looked into from outside, so the letter tells its own height.
TELL_HEIGHT: Final = "<script>parent.postMessage(document.body.scrollHeight, '*')</script>"


def main() -> None:
    """Draw every picture from the mails of the demo."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("mails", nargs="?", type=Path, default=MAILS, help="where the demo keeps its mails")
    mails = [read(path) for path in sorted(arguments.parse_args().mails.glob("*.eml"))]
    for picture, (recipient, words) in LETTERS.items():
        draw(find(mails, recipient, words), HERE / picture)


def read(path: Path) -> EmailMessage:
    """Read one mail."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def find(mails: Iterable[EmailMessage], recipient: str, words: str) -> EmailMessage:
    """Return the first mail to that recipient with those words in its subject."""
    for mail in mails:
        if mail["To"] == recipient and words in plain(mail["Subject"]):
            return mail
    raise SystemExit(f"no mail to {recipient} says {words!r}: run `make demo` first")


def plain(header: object) -> str:
    """Return a header with ordinary spaces."""
    return str(header).replace("\N{NO-BREAK SPACE}", " ")


def draw(mail: EmailMessage, picture: Path) -> None:
    """Draw a mail, with what it says of itself, as tall as it is."""
    with tempfile.TemporaryDirectory(prefix="ostatok-picture-") as directory:
        page = Path(directory) / "page.html"
        page.write_text(PAGE.format(headers=headers(mail), letter=letter(mail)), encoding="utf-8")
        chromium = [*CHROMIUM, f"--user-data-dir={directory}/profile"]
        height = measure(chromium, page)
        size = f"--window-size={WIDTH},{height}"
        subprocess.run([*chromium, size, f"--screenshot={picture}", page.as_uri()], check=True, capture_output=True)
    print(f"{picture.name}: {WIDTH} × {height}, {picture.stat().st_size // 1024} kB")


def measure(chromium: list[str], page: Path) -> int:
    """Return the height of the page."""
    size = f"--window-size={WIDTH},{TALLEST}"
    command = [*chromium, size, "--virtual-time-budget=2000", "--dump-dom", page.as_uri()]
    drawn = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"<title>height (\d+)", drawn)
    if not found:
        raise SystemExit("Chromium did not say how tall the letter is")
    return min(int(found[1]), TALLEST)


def headers(mail: EmailMessage) -> str:
    """Return what a mail program shows above a mail."""
    return "".join(f"<dt>{name}</dt><dd>{html.escape(plain(mail[name]))}</dd>" for name in ("From", "To", "Subject"))


def letter(mail: EmailMessage) -> str:
    """Return the HTML of a mail in base64."""
    body = mail.get_body(("html",))
    if body is None:
        raise SystemExit("the mail has no HTML")
    return base64.b64encode((body.get_content() + TELL_HEIGHT).encode()).decode()


if __name__ == "__main__":
    main()
