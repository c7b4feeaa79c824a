// Comforts only: every page works without this file.

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
    document.getElementById("said").textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

const fours = (text) => text.replace(/[^0-9a-z]/gi, "").replace(/(.{4})(?=.)/g, "$1 ");

const shapes = {
  number: fours,
  iban: (text) => fours(text).toUpperCase(),
  expiry: (text) => text.replace(/^(\d)\D/, "0$1").replace(/\D/g, "").replace(/^(..)(?=.)/, "$1/"),
};

for (const [id, shape] of Object.entries(shapes)) {
  document.querySelector(`input#${id}`)?.addEventListener("input", ({ target }) => {
    const atEnd = target.selectionStart === target.value.length;
    // Shaping what stands before the caret shows where the caret belongs.
    const caret = shape(target.value.slice(0, target.selectionStart)).length;
    target.value = shape(target.value);
    if (!atEnd) target.setSelectionRange(caret, caret);
  });
}

// The bank may take a few seconds: say so, and do not send twice. Ten seconds later the payer may try again.
for (const form of document.querySelectorAll("form")) {
  const rest = () => form.removeAttribute("data-busy");
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-busy")) event.preventDefault();
    form.setAttribute("data-busy", "");
    setTimeout(rest, 10000);
  });
  addEventListener("pageshow", rest);
}
