// Comforts only: every page works without this file.

const all = (selector) => document.querySelectorAll(selector);
const said = document.getElementById("said");

const done = (button) => {
  const label = button.textContent;
  button.textContent = said.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = label; }, 2000);
};

for (const button of all("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    done(button);
  });
}

for (const button of all("[data-fill]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const form = button.closest("form");
    const { around, done } = button.closest("details").dataset;
    for (const [name, value] of Object.entries({ ...JSON.parse(around), ...JSON.parse(button.dataset.fill) })) {
      const field = form.elements[name];
      field.value = value;
      field.dispatchEvent(new Event("input"));
    }
    said.textContent = done;
    button.closest("details").open = false;
    form.querySelector(".button").focus();
  });
}

const fours = (text) => text.replace(/[^0-9a-z]/gi, "").replace(/(.{4})(?=.)/g, "$1 ");

const shapes = {
  number: (text) => /^\s*3[47]/.test(text)
    ? text.replace(/\D/g, "").replace(/^(.{4})(?=.)/, "$1 ").replace(/^(.{11})(?=.)/, "$1 ")
    : fours(text),
  iban: (text) => fours(text).toUpperCase(),
  expiry: (text) => text.replace(/^(\d)\D/, "0$1").replace(/\D/g, "").replace(/^(..)(?=.)/, "$1/"),
};

shapes["card-number"] = shapes.number;
shapes["exp-date"] = shapes.expiry;

for (const [name, shape] of Object.entries(shapes)) {
  document.querySelector(`input[name=${name}]`)?.addEventListener("input", ({ target }) => {
    const atEnd = target.selectionStart === target.value.length;
    // Shaping what stands before the caret shows where the caret belongs.
    const caret = shape(target.value.slice(0, target.selectionStart)).length;
    target.value = shape(target.value);
    if (!atEnd) target.setSelectionRange(caret, caret);
  });
}

const brand = document.querySelector(".brand");
if (brand) {
  const brands = Object.entries(JSON.parse(brand.dataset.brands));
  const number = document.getElementById(brand.htmlFor.value);
  const name = () => {
    const fits = brands.find(([, begins]) => new RegExp(`^(${begins})`).test(number.value));
    brand.textContent = fits ? fits[0] : "";
  };
  number.addEventListener("input", name);
  name();
}

// Where there is room nobody has to ask for the basket; one line says little, and a long one would hide the form.
const basket = document.getElementById("basket");
const lines = all("#basket tbody tr").length;
if (basket) basket.open = matchMedia("(min-width: 56.25rem)").matches && lines > 1 && lines < 9;

// The bank may take a few seconds: say so, and do not send twice. Ten seconds later the payer may try again.
for (const form of all("form")) {
  const rest = () => form.removeAttribute("data-busy");
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-busy")) event.preventDefault();
    form.setAttribute("data-busy", "");
    said.textContent = said.dataset.wait;
    setTimeout(rest, 10000);
  });
  addEventListener("pageshow", rest);
}
