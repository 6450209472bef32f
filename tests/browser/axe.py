"""What axe-core finds amiss on the page that a window shows."""

from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.window import Window

# The one frame a page may have shows a letter and runs no scripts: axe-core would call into it and never hear back.
_RUN: Final = """async (only) => {
    const options = {resultTypes: ['violations'], iframes: false};
    if (only.length) options.runOnly = {type: 'rule', values: only};
    const {violations} = await axe.run(document, options);
    return violations.flatMap(each => each.nodes.map(node =>
        `${each.id}: ${node.target.join(' ')}: ${node.html.slice(0, 160)}: `
        + node.any.concat(node.all, node.none).map(check => check.message).join('; ').slice(0, 300)));
}"""
#: What depends on the colours.
COLOURS: Final = ("color-contrast", "link-in-text-block")
#: What depends on the width of the window, and on what it shows and hides.
SIZES: Final = ("target-size", "scrollable-region-focusable", "landmark-unique", "link-name", "button-name")


def violations(window: Window, *only: str) -> list[str]:
    """Where the page breaks which rule, looked at from its top; only these rules, if any are named."""
    window.page.evaluate("() => scrollTo(0, 0)")  # what stays at the top covers half a line wherever else one stands
    if not window.page.evaluate("() => 'axe' in window"):
        window.page.evaluate(AXE_SCRIPT)
    found: list[Any] = window.page.evaluate(_RUN, list(only))
    return [str(each) for each in found]


def in_both_themes(window: Window) -> list[str]:
    """Where the page breaks which rule, in light or dark."""
    window.page.emulate_media(color_scheme="light")
    light = violations(window)
    window.page.emulate_media(color_scheme="dark")
    dark = [f"dark: {each}" for each in violations(window, *COLOURS)]
    window.page.emulate_media(color_scheme="light")
    return light + dark
