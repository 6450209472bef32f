// <button formtarget="frame" data-live="600">: pressed by itself, so many milliseconds after its form was filled in.
// Without JavaScript it is a button.

for (const button of document.querySelectorAll("[data-live]")) {
  let timer;
  const press = () => button.form.requestSubmit(button);
  button.form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(press, Number(button.dataset.live));
  });
  press();
}
