// The card form in a shop's page: listens to the page around it, and hands out what only the server can open.

const form = document.getElementById("card-form");
const texts = JSON.parse(form.dataset.texts);
const cards = new Map(Object.entries(JSON.parse(form.dataset.cards)));
const [number, expiry] = form.querySelectorAll("input");
let owner = "";
let shop = null; // The origin that spoke first. Nobody else is listened to, or told anything.

// What the shop is told

const tell = (action, more) => { if (shop) parent.postMessage({ action, ...more }, shop); };
const tellHeight = () => tell("cc-iframe-height", { height: Math.ceil(document.body.getBoundingClientRect().height) });
new ResizeObserver(tellHeight).observe(document.body);

// Texts, in a language that may change at any time

const write = (element, text) => {
  element.dataset.text = text;
  element.textContent = text && texts[document.documentElement.lang][text];
};

const speak = (language) => {
  const { checks, title } = texts[language];
  document.documentElement.lang = language;
  document.title = title;
  for (const element of document.querySelectorAll("[data-text]")) write(element, element.dataset.text);
  const number = { ...checks.number, only: [...cards.keys()] };
  document.getElementById("said").dataset.checks = JSON.stringify({ ...checks, number });
  document.dispatchEvent(new Event("texts"));
};

speak(document.documentElement.lang);

// What was typed: checkout.js shapes it, and says what is wrong with it before the shop gets anything

const digits = (field) => field.value.replace(/\D/g, "");
const isRight = () => form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));

// Encryption: a key of its own for each card number, and that key for the server alone

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

const sealed = async (text) => {
  const { subtle } = crypto;
  const bytes = (words) => new TextEncoder().encode(words);
  const spki = Uint8Array.from(atob(form.dataset.key), (letter) => letter.charCodeAt(0));
  const server = await subtle.importKey("spki", spki, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["wrapKey"]);
  const key = await subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const secret = await subtle.encrypt({ name: "AES-GCM", iv }, key, bytes(text));
  const container = base64([...iv, ...new Uint8Array(secret)]);
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes(container)));
  return {
    crypted_container: container,
    crypted_skey: base64(await subtle.wrapKey("raw", key, server, "RSA-OAEP")),
    key_filename: form.dataset.keyName,
    container_hash: [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
};

const tellCard = async () => {
  const plain = digits(number);
  const masked = plain.slice(0, 6) + "X".repeat(plain.length - 10) + plain.slice(-4);
  tell("cc-iframe-data", {
    cardNumber: { company: cards.get(plain) },
    monthExp: { value: digits(expiry).slice(0, 2) },
    yearExp: { value: `20${digits(expiry).slice(-2)}` },
    encryptedData: { masked: { card_owner: owner, card_number: masked }, ...(await sealed(plain)) },
  });
};

// What the shop may say

const orders = new Map([
  ["set-owner", (message) => { owner = String(message.owner ?? ""); }],
  ["set-theme", (message) => { document.body.dataset.theme = Number(message.theme); }],
  ["set-lang", (message) => {
    const language = String(message.lang).slice(0, 2).toLowerCase();
    if (Object.hasOwn(texts, language)) speak(language);
  }],
  ["submit", async () => {
    const isGood = crypto.subtle && isRight();
    tellHeight();
    if (isGood) await tellCard();
  }],
]);

addEventListener("message", ({ source, origin, data }) => {
  const order = orders.get(data?.action);
  // A page without an origin (a file, a sandbox) could not be answered without everybody hearing it.
  if (!order || source !== parent || origin === "null" || (shop ?? origin) !== origin) return;
  const isFirst = !shop;
  shop = origin;
  order(data);
  if (isFirst) tellHeight();
});

if (!crypto.subtle) write(document.getElementById("problem"), "insecure");
