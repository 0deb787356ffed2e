"""Opens pages that claimlint wrote in a browser and looks whether they are what they should be.

usage: page.py CHROMIUM HOSTILE.html PLAIN.html MANY.html

Needs playwright from PyPI; the browser is the one that is named. Ends with 1 and says what is wrong.
"""

import contextlib
import pathlib
import sys

from playwright.sync_api import sync_playwright

# Every element with its attributes, as a tree; text, style and script are left out.
TREE = """() => {
  const tree = (element) => [
    element.tagName,
    Array.from(element.attributes, (a) => `${a.name}=${a.value}`),
    Array.from(element.children, tree),
  ];
  return JSON.stringify(tree(document.documentElement));
}"""

# What can be reached by Tab and can be seen.
REACHABLE = """() => {
  const all = document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]');
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  return Array.from(all).filter(seen).map((element, at) => {
    element.dataset.at = at;
    return at;
  });
}"""

# Texts that cannot be told well from what is behind them (WCAG 2.2, 1.4.3).
FAINT = """() => {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const parse = (text) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    return Array.from(context.getImageData(0, 0, 1, 1).data);
  };
  const light = ([r, g, b]) => {
    const part = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (['SCRIPT', 'STYLE', 'title'].includes(element.tagName)) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.add(`${element.tagName}.${element.className} ${contrast.toFixed(2)}`);
  }
  return Array.from(faint);
}"""


def check(true, what):
    """Ends the test unless something is true."""
    if not true:
        sys.exit(f"page.py: {what}")


@contextlib.contextmanager
def opened(browser, path, **options):
    """A page that has said nothing and asked for nothing by the time it is closed."""
    said = []
    url = pathlib.Path(path).absolute().as_uri()
    context = browser.new_context(**options)
    page = context.new_page()
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (said.append("dialog"), dialog.dismiss()))
    page.on("request", lambda asked: asked.url != url and said.append(f"request: {asked.url}"))
    page.goto(url)
    yield page
    page.wait_for_timeout(100)
    check(not said, f"{path}: {said}")
    context.close()


def looks(browser, path):
    """In any colours and at any width nothing is said, asked for, cut off or too faint."""
    for colors in ["light", "dark"]:
        for width in [390, 820, 1400]:
            size = {"width": width, "height": 900}
            with opened(browser, path, color_scheme=colors, viewport=size) as page:
                where = f"{path}, {colors}, {width}"
                wide = page.evaluate("document.documentElement.scrollWidth")
                check(wide <= width, f"{where}: {wide} wide")
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                wide = page.evaluate("document.documentElement.scrollWidth")
                check(wide <= width, f"{where}: {wide} wide with all open")
                faint = page.evaluate(FAINT)
                check(not faint, f"{where}: faint: {faint}")


def reads_without_script(browser, path):
    """Without its script, all there is to read is there, and no control that does nothing."""
    with opened(browser, path, java_script_enabled=False) as page:
        check(page.locator("button:visible, input:visible").count() == 0, "a control does nothing")
        check(page.locator("#rules-table tbody tr:visible").count() > 3, "no rules are shown")
        rule = page.locator("details.rule").first
        rule.locator("summary").click()
        check(rule.locator("table.examples").is_visible(), "a rule does not open")


def keys_reach_everything(browser, path):
    """Tab comes by every control, and each one can be seen to have the focus."""
    with opened(browser, path) as page:
        wanted = set(page.evaluate(REACHABLE))
        reached = set()
        for _ in range(len(wanted) + 5):
            page.keyboard.press("Tab")
            at, outline = page.evaluate(
                "[document.activeElement.dataset.at, getComputedStyle(document.activeElement).outlineStyle]"
            )
            if at is not None:
                check(outline != "none", f"no focus is seen at {at}")
                reached.add(int(at))
        check(wanted == reached, f"Tab does not come by {wanted - reached}")


def keys_work(browser, path):
    """The filter, the severities, sorting, opening and following links, by keys alone."""
    with opened(browser, path) as page:
        rows = page.locator("#rules-table tbody tr:visible")
        count = page.locator("#rules .count")
        everything = rows.count()
        check(count.inner_text() == f"{everything} of {everything} rules", "the count is wrong")

        page.locator("#find").focus()
        page.keyboard.type("cod")
        check(0 < rows.count() < everything, "the filter does nothing")
        check(count.inner_text().startswith(f"{rows.count()} of "), "the count is not kept")
        page.keyboard.type(" zzz")
        check(rows.count() == 0, "the filter finds what is not there")
        check(page.locator("#rules .none").is_visible(), "nothing says that nothing is left")
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        check(rows.count() == everything, "the filter is not undone")

        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        check(rows.count() == page.locator("#rules-table tr:not([data-severity=error])").count() - 1,
              "a severity is not left out")
        page.keyboard.press("Space")
        check(rows.count() == everything, "a severity does not come back")

        lines = page.locator("#rules-table thead th", has_text="lines")
        cells = page.locator("#rules-table tbody td:nth-child(4)")
        numbers = lambda: [int(text.replace(",", "")) for text in cells.all_inner_texts()]
        lines.locator("button").focus()
        page.keyboard.press("Enter")
        check(lines.get_attribute("aria-sort") == "descending", "the order is not told")
        check(numbers() == sorted(numbers(), reverse=True), "the rules are not in order")
        page.keyboard.press("Space")
        check(lines.get_attribute("aria-sort") == "ascending", "the order is not turned around")
        check(numbers() == sorted(numbers()), "the rules are not in the other order")
        check(page.locator("th[aria-sort]").count() == 1, "two columns say that they are in order")

        page.locator("#open-all").focus()
        page.keyboard.press("Enter")
        check(page.locator("details.rule:not([open])").count() == 0, "not all are open")
        page.locator("#close-all").focus()
        page.keyboard.press("Enter")
        check(page.locator("details.rule[open]").count() == 0, "not all are closed")

        link = page.locator("#rules-table tbody a").last
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
        rule = page.locator(link.get_attribute("href"))
        check(rule.get_attribute("open") is not None, "a link does not open its rule")
        page.keyboard.press("Enter")
        check(rule.get_attribute("open") is None, "a rule does not close by keys")

        table = page.locator("#charts details").first
        table.locator("summary").focus()
        page.keyboard.press("Enter")
        check(table.locator("table").is_visible(), "the table of a chart does not open")


def prints(browser, path):
    """It can be printed, and rules are open on paper and closed again afterwards."""
    with opened(browser, path) as page:
        check(page.pdf(prefer_css_page_size=True).startswith(b"%PDF-"), "no PDF")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        check(page.locator("details.rule:not([open])").count() == 0, "a rule is closed on paper")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        check(page.locator("details.rule[open]").count() == 0, "a rule stays open after printing")


def main(chromium, hostile, plain, many):
    """Looks at all pages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        trees = []
        for path in [hostile, plain]:
            with opened(browser, path) as page:
                trees.append(page.evaluate(TREE))
        check(trees[0] == trees[1], "hostile text makes another document than plain text")
        for path in [hostile, many]:
            looks(browser, path)
        reads_without_script(browser, many)
        keys_reach_everything(browser, many)
        keys_work(browser, many)
        prints(browser, many)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
