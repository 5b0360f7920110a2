// @ts-check
// The terminal by a pad of twelve keys, for who does not see or reach the screen: digits choose what has that number, # goes on,
// * opens the menu, * again says the screen once more. The first * begins it: the pages are then numbered and spoken.
// The terminal speaks by itself (`kiosk/speech`), from the same page with the same numbers; no text is sent, and nothing typed.

import { stay } from "./watch.js";

const PAGE = 8; // of a list that is longer than nine, 9 shows the next ones
const KEYS = ["", "", "ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"];
const SPOKEN_SECONDS = ["20", "10", "5"];

const { step, manner } = document.body.dataset;
const on = (manner ?? "").split(" ").includes("voice");
const entry = document.querySelector("[data-entry]");
const field = document.querySelector("input[name=password]");
const countdown = document.querySelector("[data-countdown]");
let list = "screen";
let page = 0;
let half = "";

/** @param {string} what @param {number | string} [number] */
function speak(what, number) {
  const body = new URLSearchParams({ step: step ?? "", what });
  if (number !== undefined) body.set("number", String(number));
  fetch("/speak", { method: "POST", body }).catch(() => undefined);
}

/** @param {string} selector */
function all(selector) {
  return /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
}

const targets = all(".act button:not(:disabled):not([data-key]), .act a, .act .sure");
const go = targets.length === 1 ? targets[0] : targets.find((one) => one.classList.contains("go"));

/** @returns {HTMLElement[]} */
function listed() {
  if (list === "languages") return all("#languages button");
  const others = targets.filter((one) => !one.classList.contains("go"));
  if (list === "screen") return entry ? [] : others.filter((one) => one !== go);
  const opener = all(".foot [popovertarget]");
  return [...(entry ? others : []), ...all(".foot button:not([popovertarget])").filter((one) => !one.closest("#languages")), ...opener];
}

/** What has a number now, from 1. @returns {HTMLElement[]} */
function numbered() {
  const items = listed();
  if (items.length <= PAGE + 1) return items;
  const start = (page % Math.ceil(items.length / PAGE)) * PAGE;
  return items.slice(start, start + PAGE);
}

/** @param {string} name @param {number} [at] */
function open(name, at = 0) {
  list = name;
  page = at;
  half = "";
  const popover = document.getElementById("languages");
  if (popover?.matches(":popover-open") !== (name === "languages")) popover?.togglePopover();
  for (const one of all("[data-pad]")) delete one.dataset.pad;
  if (go && name === "screen") go.dataset.pad = "#";
  numbered().forEach((one, index) => (one.dataset.pad = String(index + 1)));
  speak(name, at);
}

/** @param {number} number */
function choose(number) {
  const items = numbered();
  if (number === PAGE + 1 && listed().length > PAGE + 1) return open(list, page + 1);
  const target = items[number - 1];
  if (!target) return speak("bad");
  if (target.hasAttribute("popovertarget")) return open("languages");
  press(target);
}

/** @param {HTMLElement} target */
function press(target) {
  const before = typed();
  target.click();
  if (target.hasAttribute("data-back")) speak("erased", typed());
  else if (target.hasAttribute("data-clear")) speak("cleared");
  else if (target.classList.contains("sure") || typed() !== before) open("screen");
}

function typed() {
  return field instanceof HTMLInputElement ? [...field.value].length : 0;
}

/** @param {string} key */
function type(key) {
  const before = typed();
  /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${key}"]`))?.click();
  speak(typed() > before ? "typed" : "full", typed());
}

/** @param {string} digit */
function enter(digit) {
  if (!document.querySelector('[data-key="A"]')) return type(digit);
  if (half === "") {
    half = digit;
    return speak("half");
  }
  const key = digit === "0" ? half : KEYS[Number(half)]?.[Number(digit) - 1];
  half = "";
  return key ? type(key) : speak("bad");
}

/** @param {string} key */
function pressed(key) {
  if (countdown instanceof HTMLElement) {
    if (!countdown.hidden) {
      // The warning broke off what was being read: it is read again, with the whole time for it.
      stay();
      return speak(list, page);
    }
    if (key === "*" || list !== "screen") stay();
  }
  if (key === "*") return open(list === "screen" ? "menu" : "screen");
  if (key === "#") {
    if (list !== "screen") return open("screen");
    // Something is still to be agreed to: it is in the menu.
    if (entry instanceof HTMLFormElement && typed() > 0 && !entry.checkValidity()) return open("menu");
    return go ? go.click() : speak("bad");
  }
  if (entry && list === "screen") return enter(key);
  choose(Number(key));
}

function begin() {
  const body = new URLSearchParams({ step: step ?? "", voice: "on" });
  fetch("/manner", { method: "POST", body, redirect: "manual" }).catch(() => undefined);
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!/^[0-9*#]$/.test(event.key) || (!on && event.key !== "*")) return;
    event.preventDefault();
    if (event.repeat) return;
    if (on) pressed(event.key);
    else begin();
  },
  true,
);

if (on) {
  open("screen");
  const seconds = countdown?.querySelector("[data-seconds]");
  if (seconds) {
    new MutationObserver(() => {
      const left = seconds.textContent ?? "";
      if (SPOKEN_SECONDS.includes(left)) speak("left", left);
    }).observe(seconds, { childList: true });
  }
}
