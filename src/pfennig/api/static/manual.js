"use strict";
// Searches the page, opens what a link leads to, and copies examples. Nobody needs it to read.

const form = document.getElementById("search");
const words = document.getElementById("words");
const found = document.getElementById("found");
const entries = [...document.querySelectorAll(".entry")].map((entry) => ({
  entry,
  text: entry.textContent.toLowerCase(),
}));
const sections = [...document.querySelectorAll("main > section")];

/** Shows the entries that have all of the words in them, and says how many there are. */
function search() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { entry, text } of entries) {
    entry.hidden = !wanted.every((word) => text.includes(word));
    count += entry.hidden ? 0 : 1;
  }
  for (const section of sections) {
    const own = [...section.querySelectorAll(".entry")];
    section.hidden = wanted.length > 0 && (own.length === 0 || own.every((entry) => entry.hidden));
  }
  found.textContent = wanted.length === 0 ? "" : count === 1 ? "1 entry" : `${count} entries`;
}

/** Opens what the address leads to, even if the search has hidden it. */
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest("[hidden]")) {
    words.value = "";
    search();
  }
  if (target.matches("details")) target.open = true;
  target.scrollIntoView();
}

/** A button that copies an example. */
function copying(example) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(example.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  example.append(button);
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
words.addEventListener("input", () => {
  search();
  scrollTo(0, 0);
});
addEventListener("hashchange", open);
addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    words.focus();
  }
});
if (navigator.clipboard) document.querySelectorAll("pre").forEach(copying);
open();
