// Passkeys need JavaScript: what asks for one is shown once it is there. A ceremony that failed is told in words.

for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = !window.PublicKeyCredential;

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const said = document.querySelector("[data-passkey-failed]");
  if (said) said.hidden = false;
});
