// @ts-check
// The on-screen keys. What was typed stands in one masked field, and is wiped from it as soon as it is sent or the page goes.

import { stay } from "./watch.js";

const STAY_MS = 10_000;

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-entry]"));
const field = /** @type {HTMLInputElement} */ (document.querySelector("input[name=password]"));
const count = /** @type {HTMLElement} */ (document.querySelector("[data-count]"));
const show = /** @type {HTMLButtonElement} */ (form.querySelector("[data-show]"));
const longest = Number(field.dataset.longest);
const shortest = Number(field.dataset.shortest);
/** @type {Record<string, (text: string) => boolean>} */
const rules = {
  length: (text) => text.length >= shortest && text.length <= longest,
  letter: (text) => /[A-Z]/i.test(text),
  digit: (text) => /[0-9]/.test(text),
};
let stayedAt = Date.now();

/** @param {string} text */
function set(text) {
  field.value = text.slice(0, longest);
  told();
}

function told() {
  count.textContent = String([...field.value].length);
  for (const tick of document.querySelectorAll("[data-rule]")) {
    if (tick instanceof HTMLElement) tick.classList.toggle("met", rules[tick.dataset.rule ?? ""]?.(field.value) ?? false);
  }
  if (Date.now() - stayedAt > STAY_MS) {
    stayedAt = Date.now();
    stay();
  }
}

form.addEventListener("click", (event) => {
  const key = event.target instanceof Element ? event.target.closest("button") : null;
  if (key?.dataset.key !== undefined) set(field.value + key.dataset.key);
  else if (key?.hasAttribute("data-back")) set(field.value.slice(0, -1));
  else if (key?.hasAttribute("data-clear")) set("");
});
field.addEventListener("input", told);

show.addEventListener("click", () => {
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  show.setAttribute("aria-pressed", String(shown));
  /** @type {HTMLElement} */ (show.querySelector("[data-hidden]")).hidden = shown;
  /** @type {HTMLElement} */ (show.querySelector("[data-shown]")).hidden = !shown;
});

function wipe() {
  field.type = "password";
  field.value = "";
}

form.addEventListener("submit", () => setTimeout(wipe));
window.addEventListener("pagehide", wipe);
