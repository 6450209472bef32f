// Colours change without loading the page; a new language loads it, and the focus comes back to its button. Without
// JavaScript both are plain forms.

for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const theme = event.submitter.value;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-theme-form] button"))
      button.setAttribute("aria-pressed", String(button.value === theme));
    fetch(form.action, { method: "POST", body: data, redirect: "manual" });
  });
}

const CHOSEN = "ostatok.language";
for (const form of document.querySelectorAll("[data-language-form]"))
  form.addEventListener("submit", () => sessionStorage.setItem(CHOSEN, "now"));

if (sessionStorage.getItem(CHOSEN)) {
  sessionStorage.removeItem(CHOSEN);
  const button = document.querySelector('[data-language-form] [aria-pressed="true"]');
  const menu = button?.closest("[popover]");
  if (menu && !button.checkVisibility()) menu.showPopover();
  button?.focus();
}

for (const select of document.querySelectorAll("[data-submits]"))
  select.addEventListener("change", () => select.form.requestSubmit());

// A form that came back with mistakes: read the list of them first.
document.querySelector("[data-focus]")?.focus();
