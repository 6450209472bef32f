// Dialogs. <a data-opens="id"> shows a dialog that is on the page; <a data-dialog> shows the asking part
// (data-asks) of the page it leads to. Without JavaScript both are plain links to a page that asks the same.

function show(dialog) {
  dialog.showModal();
  dialog.querySelector("[autofocus], input:not([type=hidden]), .primary, button")?.focus();
}

async function fetched(link) {
  const answer = await fetch(link.href, { credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const asks = answer.ok && !answer.redirected ? page.querySelector("[data-asks]") : null;
  if (!asks) return null;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const heading = document.createElement("h2");
  heading.id = "asked-title";
  heading.textContent = page.querySelector("h1")?.textContent.trim() ?? "";
  const header = document.createElement("header");
  header.append(heading);
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.append(header, document.importNode(asks, true));
  for (const form of dialog.querySelectorAll("form:not([action])")) form.action = link.href;
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  return dialog;
}

// A form that was opened in its place: Escape does what its link with data-escapes does.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  event.target.closest("form")?.querySelector("[data-escapes]")?.click();
});

document.addEventListener("click", async (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const inside = event.target.closest("dialog");
  if (inside && (event.target === inside || event.target.closest("[data-closes]"))) {
    event.preventDefault();
    inside.close();
    return;
  }
  const link = event.target.closest("a[data-opens], button[data-opens], a[data-dialog]");
  if (!link) return;
  event.preventDefault();
  const here = link.dataset.opens && document.getElementById(link.dataset.opens);
  const dialog = here || (await fetched(link).catch(() => null));
  if (dialog) show(dialog);
  else window.location.assign(link.href);
});
