// A toast goes after six seconds: not while it is read with the pointer or the keyboard, not where motion is unwanted,
// and never when it tells of a fault.

const STAYS = 6000;
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function prepare(toast) {
  const close = toast.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
  if (still || "lasting" in toast.dataset) return;
  let timer = setTimeout(() => toast.remove(), STAYS);
  const hold = () => clearTimeout(timer);
  const release = () => {
    hold();
    timer = setTimeout(() => toast.remove(), STAYS);
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", release);
}

document.querySelectorAll(".toasts .toast").forEach(prepare);
