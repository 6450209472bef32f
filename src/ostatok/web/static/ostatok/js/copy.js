// <button data-copies="id" data-copied="Copied">: puts the text of an element on the clipboard and says so.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  setTimeout(() => (label.textContent = before), 2000);
});

for (const button of document.querySelectorAll("[data-copies]")) button.hidden = !navigator.clipboard;
