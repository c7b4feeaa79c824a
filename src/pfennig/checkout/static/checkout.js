// Comforts, and checks before anything is sent. Every page works without this file, and the server checks it all again.

const all = (selector, place = document) => [...place.querySelectorAll(selector)];
const said = document.getElementById("said");
const say = (text) => { said.textContent = text; };

const checks = () => JSON.parse(said.dataset.checks ?? "{}");

// Fields, by their names: ids differ from form to form.

const nameOf = (field) => field.dataset.kind ?? field.name ?? "";
const kindOf = (field) => nameOf(field).replace("shipping_", "");
const fieldsOf = (form) => all("input:not([type=hidden], [type=radio]), select", form);
const formOf = (field) => field.closest("form, main");
const beside = (field, name) => fieldsOf(formOf(field)).find((each) => nameOf(each) === name);
const digits = (text) => text.replace(/\D/g, "");
const fours = (text) => text.replace(/(.{4})(?=.)/g, "$1 ");

// Shapes: entries in groups, while somebody types or pastes them

const shapes = {
  number: (text) => {
    const number = digits(text);
    return /^3[47]/.test(number)
      ? number.slice(0, 15).replace(/^(.{4})(?=.)/, "$1 ").replace(/^(.{11})(?=.)/, "$1 ")
      : fours(number.slice(0, 19));
  },
  iban: (text) => fours(text.toUpperCase().replace(/^\s*IBAN\b:?|[^0-9A-Z]/g, "").slice(0, 34)),
  expiry: (text) => digits(text.replace(/^([2-9]|\d(?=\D))/, "0$1")).slice(0, 6).replace(/^(..)(?=.)/, "$1/"),
  cvv: (text) => digits(text).slice(0, 4),
};

const reshape = (field, shape) => {
  const { value, selectionStart } = field;
  if (value === shape(value)) return;
  // Shaping what stands before the caret shows where the caret belongs.
  const before = shape(value.slice(0, selectionStart)).length;
  field.value = shape(value);
  const caret = selectionStart === value.length ? field.value.length : before;
  if (document.activeElement === field) field.setSelectionRange(caret, caret);
};

// What is wrong with a field: a reason, and the values for the sentence about it

const month = (text) => {
  const [, mm, yy] = text.match(/^(\d{1,2})\s*\/?\s*(?:20)?(\d{2})$/) ?? [];
  return mm >= 1 && mm <= 12 && `20${yy}-${mm.padStart(2, "0")}`;
};

const hasCheckDigit = (number) => [...number].reverse()
  .reduce((sum, digit, place) => sum + Number(place % 2 ? "0246813579"[digit] : digit), 0) % 10 === 0;

const brandOf = (number) => {
  const brands = Object.entries(JSON.parse(number.parentElement.querySelector(".brand").dataset.brands));
  return brands.find(([, begins]) => new RegExp(`^(${begins})`).test(number.value))?.[0] ?? "";
};

const sideOf = (number) => /^3[47]/.test(number.value) ? "front" : brandOf(number) && "back";

const CHARACTERS = { n: /\d/, a: /[A-Z]/, c: /[\dA-Z]/ };
const banks = new Map();

const ibanParts = (text, { shapes: known }) => {
  const iban = text.replace(/\s/g, "");
  const [, end, kinds] = known.match(`${iban.slice(0, 2) || "-"}(\\d+)-(\\S+)`) ?? [];
  const code = end && iban.length >= 4 + Number(end) ? iban.slice(0, 2) + iban.slice(4, 4 + Number(end)) : "";
  return { iban, code, shape: kinds && `aann${kinds.replace(/(\d+)(.)/g, (_, size, kind) => kind.repeat(size))}` };
};

const ibanFault = (text, texts) => {
  const { iban, code, shape } = ibanParts(text, texts);
  const groups = fours(iban).split(" ");
  if (!/^[A-Z]{2}\d{2}/.test(iban)) return ["country"];
  const odd = shape ? [...iban].findIndex((each, at) => !CHARACTERS[shape[at] ?? "c"].test(each)) : -1;
  if (odd >= 0) return ["group", { group: groups[Math.floor(odd / 4)], character: iban[odd] }];
  const length = shape?.length ?? iban.length;
  if (length !== iban.length) return ["length", { country: iban.slice(0, 2), length, count: iban.length }];
  const number = [...iban.slice(4), ...iban.slice(0, 4)].map((each) => parseInt(each, 36)).join("");
  if (BigInt(number) % 97n === 1n) return [];
  const isNoBank = iban.startsWith("DE") && banks.get(code) === null;
  return isNoBank ? ["bank", { group: `${groups[1]} ${groups[2]}` }] : ["check", { group: groups[0] }];
};

// Where there are test data, no other number leaves the browser.
const testNumbers = all("[data-fill]").map((button) => JSON.parse(button.dataset.fill).number).filter(Boolean);

const faults = {
  number: (text, { only = testNumbers }, field) => {
    const number = digits(text);
    if (!/^\d{12,19}$/.test(number) || !hasCheckDigit(number)) return ["wrong"];
    if (!brandOf(field)) return ["scheme"];
    return only.length && !only.includes(number) ? ["test"] : [];
  },
  expiry: (text, texts) => month(text) ? month(text) < texts.month ? ["over"] : [] : ["missing"],
  cvv: (text, texts, field) => {
    const side = sideOf(beside(field, "number"));
    return RegExp(`^\\d{${{ front: 4, back: 3 }[side] ?? "3,4"}}$`).test(text) ? [] : [side || "missing"];
  },
  owner: (text) => /\d([ ./-]*\d){12,}/.test(text) ? ["card"] : [],
  iban: ibanFault,
  email: (text) => /^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/.test(text) ? [] : ["missing"],
  postal_code: (text, texts, field) => countryBeside(field) !== "DE" || /^\d{5}$/.test(text) ? [] : ["missing"],
};

// Some countries have no postal codes, or no cities. The server knows them all; these have both.
const COMPLETE = ["AT", "BE", "CH", "DE", "ES", "FR", "IT", "NL", "PL"];
const countryBeside = (field) => beside(field, nameOf(field).replace(kindOf(field), "country"))?.value;
const isNeeded = (field) => field.required
  && (!["postal_code", "city"].includes(kindOf(field)) || COMPLETE.includes(countryBeside(field)));

const fault = (field) => {
  const texts = checks()[nameOf(field)];
  const text = field.value.trim();
  if (!texts || (!text && !isNeeded(field))) return "";
  const [reason, values] = text ? faults[kindOf(field)]?.(text, texts, field) ?? [] : ["missing"];
  return (texts[reason] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name]);
};

// Messages: said once, below the field, and tied to it

const element = (tag, ...parts) => {
  const made = document.createElement(tag);
  made.append(...parts);
  return made;
};

const mark = (field) => {
  const text = fault(field);
  const id = `${field.id}-error`;
  const line = document.getElementById(id) ?? Object.assign(element("p"), { id, className: "error" });
  line.textContent = text;
  if (text) field.parentElement.after(line);
  else line.remove();
  const notes = [id, `${field.id}-hint`].filter((each) => document.getElementById(each)).join(" ");
  for (const [name, value] of [["aria-invalid", text && "true"], ["aria-describedby", notes]]) {
    if (value) field.setAttribute(name, value);
    else field.removeAttribute(name);
  }
  return text;
};

const link = ({ id, labels }) => element("li", Object.assign(element("a", labels[0].textContent), { href: `#${id}` }));

// The box above a form leads to its wrong fields, where there are several. isOpening: it may appear.
const summarise = (form, isOpening = false) => {
  const wrong = fieldsOf(form).filter((field) => field.ariaInvalid);
  const old = form.querySelector(".wrong");
  const box = Object.assign(element("div", element("p", checks().check), element("ul", ...wrong.map(link))), {
    className: "box wrong",
    id: wrong[0]?.id.replace(nameOf(wrong[0]), "errors"),
  });
  if (wrong.length < 2) old?.remove();
  else if (old) old.replaceWith(box);
  else if (isOpening) form.prepend(box);
};

// True if nothing is wrong with a form. Otherwise all of it is said, and the first wrong field has the focus.
const isRight = (form) => {
  const wrong = fieldsOf(form).filter(mark);
  if (form.action) summarise(form, true);
  wrong[0]?.focus();
  say(wrong.length ? checks().check : "");
  return !wrong.length;
};

const nameBrand = (number) => {
  const output = number.parentElement.querySelector(".brand");
  const code = beside(number, "cvv");
  const { hint, hint_back: back, hint_front: front } = checks().cvv;
  if (output.value !== brandOf(number)) output.value = brandOf(number);
  document.getElementById(`${code.id}-hint`).textContent = { front, back }[sideOf(number)] ?? hint;
};

// Only the bank's code is asked for, never the account's number.
const nameBank = async (field) => {
  const output = field.closest(".field").querySelector(".bank");
  const code = () => ibanParts(field.value, checks().iban).code;
  const asked = code();
  field.classList.toggle("long", field.value.length > 32);
  if (asked && !banks.has(asked)) {
    banks.set(asked, undefined);
    const answer = await fetch(`${output.dataset.url}&code=${asked}`).catch(() => ({}));
    if (answer.ok) banks.set(asked, (await answer.json()).name);
  }
  if (asked === code()) output.value = banks.get(asked) ?? "";
};

const named = { number: nameBrand, iban: nameBank };
const depending = { number: ["cvv"], country: ["postal_code", "city"] };

// A wrong entry is mended while somebody types, but found only when they leave the field.

document.addEventListener("input", ({ target, inputType }) => {
  const kind = kindOf(target);
  if (shapes[kind]) reshape(target, shapes[kind]);
  named[kind]?.(target);
  if (target.ariaInvalid && !fault(target)) mark(target);
  for (const name of depending[kind] ?? []) {
    const other = beside(target, nameOf(target).replace(kind, name));
    if (other?.ariaInvalid) mark(other);
  }
  const isTyped = inputType === "insertText" && document.activeElement === target;
  if (kind === "expiry" && isTyped && month(target.value) && !fault(target)) beside(target, "cvv")?.focus();
});

let isPressed = false;
addEventListener("pointerdown", () => { isPressed = true; });
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { isPressed = false; });

document.addEventListener("focusout", ({ target }) => {
  const look = () => {
    if (target.value && fault(target)) say(mark(target));
    if (target.form) summarise(target.form);
  };
  // A message that pushed the pressed button away would take the click from it.
  if (isPressed) addEventListener("pointerup", () => setTimeout(look), { once: true });
  else look();
});

// The bank may take a few seconds: say so, and do not send twice. Ten seconds later the payer may try again.

const rest = (form) => form.removeAttribute("data-busy");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-busy") || !isRight(form)) event.preventDefault();
  else if (form.action) {
    form.setAttribute("data-busy", "");
    say(said.dataset.wait);
    setTimeout(rest, 10000, form);
  }
});

addEventListener("pageshow", () => all("[data-busy]").forEach(rest));

// Another language of the texts
document.addEventListener("texts", () => {
  all("[aria-invalid]").forEach(mark);
  all("input").filter((field) => kindOf(field) === "number").forEach(nameBrand);
});

// Keys of phones: "next" leads to the next field, and "go" from the last one sends.

for (const form of all("form, main")) {
  fieldsOf(form).forEach((field, at, fields) => { field.enterKeyHint = at < fields.length - 1 ? "next" : "go"; });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.enterKeyHint !== "next" || !matchMedia("(pointer: coarse)").matches) return;
  const fields = fieldsOf(formOf(event.target));
  event.preventDefault();
  fields[fields.indexOf(event.target) + 1]?.focus();
});

// Buttons that copy, and that fill in test data

const done = (button) => {
  const label = button.textContent;
  say(button.dataset.done);
  button.textContent = button.dataset.done;
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
    const { around, done: words } = button.closest("details").dataset;
    for (const [name, value] of Object.entries({ ...JSON.parse(around), ...JSON.parse(button.dataset.fill) })) {
      form.elements[name].value = value;
      form.elements[name].dispatchEvent(new Event("input", { bubbles: true }));
    }
    say(words);
    button.closest("details").open = false;
    form.querySelector(".button").focus();
  });
}

// Where there is room nobody has to ask for the basket; one line says little, and a long one would hide the form.
const basket = document.getElementById("basket");
const lines = all("#basket tbody tr").length;
if (basket) basket.open = matchMedia("(min-width: 56.25rem)").matches && lines > 1 && lines < 9;
