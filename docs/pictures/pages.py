# ruff: noqa: INP001 (a script, in no package)
"""Draw the pictures of the manual: pages of the running demo, as Chromium shows them.

Run it while `make demo` serves, best a fresh one: what was done in it since is to be seen.

    .venv/bin/python docs/pictures/pages.py http://127.0.0.1:8000
"""

import argparse
import base64
import json
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE: Final = Path(__file__).parent
SIGN_INS: Final = HERE.parents[1] / "var" / "demo" / "sign-ins.json"
CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars"),
)
COLOURS: Final = 256
DESK: Final = (1280, 800)
PHONE: Final = (390, 844)
PATIENCE: Final = 60_000

#: Part of the name of a client, as an operator types it.
CLIENT: Final = "приморск"
#: Two rows that are good and change nothing, and three that are not.
FILE: Final = """account,service,kind,amount,occurred_at,ref
770001,ad,charge,0,2025-03-07T10:00,friday-1
779999,ad,charge,5,2025-03-07T10:00,friday-2
770003,appps,charge,"12,5",2025-03-07T11:00,friday-3
770004,ad,charge,0,2025-03-07T12:00,friday-4
770005,appps,charge,3,the day before,friday-5
"""


def open_client(page: Page) -> None:
    """Find a client by a part of its name."""
    page.goto(f"/console/clients/?text={CLIENT}")
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/console/clients/*/")


def fill_in_a_rule(page: Page) -> None:
    """Begin a rule, and see beside it who is below already. It is not saved."""
    page.goto("/console/rules/new/?kind=balance_below")
    page.fill("[name=name]", "Меньше 110 минут")
    page.fill("[name=amount]", "110")
    page.select_option("[name=unit]", "min")
    page.check("[name=recipients][value=client]")
    expect(page.locator("#saving")).to_contain_text("Чистый берег", timeout=PATIENCE)


def open_a_letter(page: Page) -> None:
    """Open the newest letter that was sent."""
    page.goto("/console/deliveries/?state=sent")
    page.locator("tbody a[href*='/deliveries/']").first.click()
    page.wait_for_url("**/console/deliveries/*/")


def import_a_file(page: Page) -> None:
    """Hand a file over, and wait until the worker has posted it."""
    page.goto("/console/imports/new/")
    upload = {"name": "friday.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.set_input_files("input[type=file]", upload)
    page.locator("main form button.primary").click()
    page.wait_for_url("**/console/imports/*/")
    expect(page.locator("main")).to_contain_text("779999", timeout=PATIENCE)


def go(path: str) -> Callable[[Page], object]:
    """Open a path, nothing else."""
    return lambda page: page.goto(path)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture by its name: who looks, what is done before, and how the window is."""

    name: str
    who: str
    do: Callable[[Page], object]
    language: str = "en"
    dark: bool = False
    window: tuple[int, int] = DESK


OWNER: Final = "owner@energo.test"
PICTURES: Final = (
    Picture(name="console-overview", who=OWNER, do=go("/console/")),
    Picture(name="console-client", who=OWNER, do=open_client, window=(1280, 1180)),
    Picture(name="console-client-dark", who=OWNER, do=open_client, window=(1280, 1180), dark=True),
    Picture(name="console-rules", who="owner@voice.test", do=go("/console/rules/"), window=(1360, 560)),
    Picture(name="console-preview", who=OWNER, do=fill_in_a_rule),
    Picture(name="console-delivery", who=OWNER, do=open_a_letter, dark=True),
    Picture(name="console-import", who=OWNER, do=import_a_file, window=(1280, 720)),
    Picture(name="cabinet-phone", who="marina@ukprim.test", do=go("/cabinet/"), language="ru", window=PHONE),
)


def main() -> None:
    """Draw every picture, or those that are named."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("address", help="where the demo answers")
    arguments.add_argument("names", nargs="*", help="the pictures to draw; all, if none is named")
    arguments.add_argument("--sign-ins", type=Path, default=SIGN_INS, help="where the demo keeps its passwords")
    chosen = arguments.parse_args()
    passwords = json.loads(chosen.sign_ins.read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for picture in PICTURES:
            if not chosen.names or picture.name in chosen.names:
                draw(browser, chosen.address, passwords, picture)


def draw(browser: Browser, address: str, passwords: Mapping[str, str], picture: Picture) -> None:
    """Sign in, do what comes before, and keep what the window shows."""
    with window(browser, address, picture) as page:
        sign_in(page, picture.who, passwords[picture.who])
        page.context.add_cookies([{"name": "django_language", "value": picture.language, "url": address}])
        picture.do(page)
        page.wait_for_load_state("networkidle")
        drawn = reduced(page, page.screenshot())
    path = HERE / f"{picture.name}.png"
    path.write_bytes(drawn)
    print(f"{path.name}: {len(drawn) // 1024} kB")


@contextmanager
def window(browser: Browser, address: str, picture: Picture) -> Iterator[Page]:
    """A window with cookies of its own."""
    width, height = picture.window
    context = browser.new_context(
        base_url=address,
        locale=picture.language,
        viewport={"width": width, "height": height},
        device_scale_factor=1.5,
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


def sign_in(page: Page, who: str, password: str) -> None:
    """Sign in as one of the people of the demo."""
    page.goto("/account/login/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/account/" not in url)


def reduced(page: Page, png: bytes) -> bytes:
    """The same picture in at most 256 colours, which takes a third of the room."""
    page.goto("about:blank")
    width, height, data = page.evaluate(PIXELS, base64.b64encode(png).decode())
    pixels = memoryview(base64.b64decode(data)).cast("I")
    counted = Counter(pixels)
    palette = [colour for colour, _ in counted.most_common(COLOURS)]
    place = {colour: palette.index(nearest(colour, palette)) for colour in counted}
    indexes = bytes(map(place.__getitem__, pixels))
    rows = b"".join(b"\0" + indexes[at : at + width] for at in range(0, len(indexes), width))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            chunk(b"PLTE", b"".join(bytes(channels(colour)) for colour in palette)),
            chunk(b"IDAT", zlib.compress(rows, 9)),
            chunk(b"IEND", b""),
        )
    )


#: Width, height and RGBA of a PNG, by the browser that drew it.
PIXELS: Final = """async (png) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const reader = new FileReader();
    const read = new Promise(done => { reader.onload = done; });
    reader.readAsDataURL(new Blob([canvas.getImageData(0, 0, image.width, image.height).data]));
    await read;
    return [image.width, image.height, reader.result.split(",")[1]];
}"""


def nearest(colour: int, palette: list[int]) -> int:
    """The colour of a palette that differs least."""
    if colour in palette:
        return colour
    ours = channels(colour)
    return min(palette, key=lambda other: sum((a - b) ** 2 for a, b in zip(ours, channels(other), strict=True)))


def channels(colour: int) -> tuple[int, int, int]:
    """Red, green and blue of four bytes read as a little-endian number."""
    return colour & 255, colour >> 8 & 255, colour >> 16 & 255


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG: its length, its kind, what it holds, and a sum of both."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    main()
