// A list of checkboxes becomes chips, a search and a list that unfolds. The checkboxes stay what the form sends.

const MANY = 4;

function fold(place, index) {
  const list = place.querySelector(".pick-list");
  const rows = [...list.querySelectorAll("label")];
  if (!rows.length) return;
  const box = document.createElement("div");
  const search = document.createElement("input");
  const owner = place.closest("fieldset");
  list.id = `pick-${index}`;
  box.className = "pick";
  search.setAttribute("role", "combobox");
  search.setAttribute("aria-expanded", "false");
  search.setAttribute("aria-controls", list.id);
  search.setAttribute("aria-label", owner?.querySelector("legend")?.textContent.trim() ?? place.dataset.add);
  search.placeholder = place.dataset.add;
  search.autocomplete = "off";
  box.append(search);
  place.prepend(box);

  const open = (yes) => {
    list.hidden = !yes;
    search.setAttribute("aria-expanded", String(yes));
  };
  const choose = (row, yes) => {
    const input = row.querySelector("input");
    if (input.checked === yes) return;
    input.checked = yes;
    // The page may listen for what changes in its form; a box ticked by a script says nothing by itself.
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const step = (from, by) => {
    const reach = [...list.querySelectorAll("label:not([hidden]) input")];
    const next = reach[reach.indexOf(from) + by];
    if (next) next.focus();
    else if (by < 0) search.focus();
  };
  const chip = (row) => {
    const shown = document.createElement("span");
    const remove = document.createElement("button");
    const name = row.querySelector("span").firstChild.textContent.trim();
    shown.className = "chip";
    shown.textContent = name;
    remove.type = "button";
    remove.setAttribute("aria-label", `${place.dataset.remove} ${name}`);
    remove.textContent = "×";
    remove.addEventListener("click", () => {
      choose(row, false);
      search.focus();
    });
    shown.append(remove);
    return shown;
  };
  const draw = () => {
    box.querySelectorAll(".chip").forEach((old) => old.remove());
    for (const row of rows) if (row.querySelector("input").checked) search.before(chip(row));
  };

  if (rows.length >= MANY) list.prepend(selectAll(place, rows, draw));
  list.addEventListener("change", draw);
  search.addEventListener("click", () => open(true));
  search.addEventListener("input", () => {
    open(true);
    const sought = search.value.trim().toLocaleLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLocaleLowerCase().includes(sought);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      open(true);
      rows.find((row) => !row.hidden)?.querySelector("input").focus();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      const row = rows.find((one) => !one.hidden);
      if (row && search.value.trim()) {
        search.value = "";
        for (const one of rows) one.hidden = false;
        choose(row, true);
      }
    }
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      // In a box Enter would send the form.
      event.preventDefault();
      event.target.click();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.target, event.key === "ArrowDown" ? 1 : -1);
    }
  });
  place.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || list.hidden) return;
    event.preventDefault();
    search.focus();
    open(false);
  });
  place.addEventListener("focusout", (event) => {
    if (!place.contains(event.relatedTarget)) open(false);
  });
  place.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".pick-list")) event.preventDefault();
  });
  open(false);
  draw();
}

function selectAll(place, rows, draw) {
  const label = document.createElement("label");
  const all = document.createElement("input");
  label.className = "all";
  all.type = "checkbox";
  all.addEventListener("change", () => {
    for (const row of rows) if (!row.hidden) row.querySelector("input").checked = all.checked;
    draw();
  });
  label.append(all, ` ${place.dataset.all} (${rows.length})`);
  return label;
}

document.querySelectorAll("[data-pick]").forEach(fold);
