// @ts-check
// The on-screen keys. What was typed stands in one masked field, and is wiped from it as soon as it is sent or the page goes.

import { stay } from "./watch.js";

const STAY_MS = 10_000;

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-entry]"));
const field = /** @type {HTMLInputElement} */ (form.querySelector("input[name=password]"));
const count = /** @type {HTMLElement} */ (form.querySelector("[data-count]"));
const show = /** @type {HTMLButtonElement} */ (form.querySelector("[data-show]"));
const longest = Number(field.dataset.longest);
let stayedAt = Date.now();

/** @param {string} text */
function set(text) {
  field.value = text.slice(0, longest);
  told();
}

function told() {
  count.textContent = `${[...field.value].length}文字`;
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
  show.textContent = shown ? "文字を隠す" : "文字を表示";
});

function wipe() {
  field.type = "password";
  field.value = "";
}

form.addEventListener("submit", () => setTimeout(wipe));
window.addEventListener("pagehide", wipe);
