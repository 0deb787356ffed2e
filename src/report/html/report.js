"use strict";
(() => {
  const table = document.getElementById("rules-table");
  const all = (selector, of) => Array.from((of || document).querySelectorAll(selector));
  all(".tools").forEach((tools) => { tools.hidden = false; });

  // Sorting: each heading becomes a button. The same button again turns the order around.
  const key = (row, at) => {
    const cell = row.cells[at];
    const rank = cell.dataset.rank;
    return rank === undefined ? cell.textContent.trim() : Number(rank);
  };
  const compare = (one, other) =>
    typeof one === "number" ? one - other : one.localeCompare(other, "en", { numeric: true });
  const sort = (heading) => {
    const at = heading.cellIndex;
    const first = heading.classList.contains("number") || at === 1 ? "descending" : "ascending";
    const second = first === "descending" ? "ascending" : "descending";
    const order = heading.getAttribute("aria-sort") === first ? second : first;
    all("th", table.tHead).forEach((th) => th.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    rows.sort((one, other) => sign * compare(key(one, at), key(other, at)));
    body.append(...rows);
  };
  if (table) {
    all("th[data-sortable]", table).forEach((heading) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(heading));
      heading.append(button);
    });
  }

  // Filtering: every word must be in the row, and the severity must be wanted.
  const find = document.getElementById("find");
  const boxes = all('input[name="severity"]');
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const rows = Array.from(table.tBodies[0].rows);
    let shown = 0;
    rows.forEach((row) => {
      const text = row.textContent.toLowerCase();
      const fits = wanted.has(row.dataset.severity) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    document.querySelector("#rules .count").textContent = `${shown} of ${rows.length} rules`;
    document.querySelector("#rules .none").hidden = shown > 0;
  };
  if (table) {
    find.addEventListener("input", filter);
    boxes.forEach((box) => box.addEventListener("change", filter));
    filter();
  }

  // Examples: all at once, and the one that a link leads to.
  const rules = all("details.rule");
  const open = (yes) => rules.forEach((rule) => { rule.open = yes; });
  const button = (id, yes) => {
    const it = document.getElementById(id);
    if (it) it.addEventListener("click", () => open(yes));
  };
  button("open-all", true);
  button("close-all", false);
  const follow = (hash) => {
    const rule = hash.startsWith("#rule-") ? document.getElementById(hash.slice(1)) : null;
    if (!rule) return;
    rule.open = true;
    rule.querySelector("summary").focus({ preventScroll: true });
    rule.scrollIntoView();
  };
  all('a[href^="#rule-"]').forEach((link) => {
    link.addEventListener("click", () => requestAnimationFrame(() => follow(link.hash)));
  });
  addEventListener("hashchange", () => follow(location.hash));
  follow(location.hash);

  // On paper nothing can be opened.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details.rule:not([open]), .input details:not([open])");
    closed.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => {
    closed.forEach((details) => { details.open = false; });
    closed = [];
  });
})();
