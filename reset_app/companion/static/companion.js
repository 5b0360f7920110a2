// @ts-check
/** Follows the visit, counts letters, shows and hides the entry. Every screen works without it; all words are in the page. */

const main = document.querySelector("main");
const screen = main?.dataset.screen ?? "";
const watch = main?.dataset.watch ?? "";
const follows = main?.hasAttribute("data-follow") ?? false;
const FOLLOW_MS = 300;
const CARD_MS = 1000;

/** @param {{card: string}} status */
function showCard(status) {
  for (const words of document.querySelectorAll("[data-when]")) {
    if (words instanceof HTMLElement) words.hidden = words.dataset.when !== status.card;
  }
}

/** @param {{stage: string}} status */
function showStage(status) {
  const stages = [...document.querySelectorAll("[data-stage]")];
  const now = stages.findIndex((stage) => stage instanceof HTMLElement && stage.dataset.stage === status.stage);
  stages.forEach((stage, index) => {
    stage.classList.toggle("done", index < now);
    if (index === now) stage.setAttribute("aria-current", "step");
    else stage.removeAttribute("aria-current");
  });
  const live = document.querySelector("[data-live]");
  const words = stages[now]?.textContent ?? "";
  if (live && live.textContent !== words) live.textContent = words;
}

/** @param {number} pause */
async function follow(pause) {
  try {
    const response = await fetch(watch, { headers: { Accept: "application/json" }, cache: "no-store" });
    const status = await response.json();
    // Only a screen that waits for the reader moves on by itself: elsewhere the resident's own button is on its way.
    if (follows && status.screen !== screen) {
      location.replace("/visit");
      return;
    }
    showCard(status);
    showStage(status);
  } catch {
    // The companion was closed or is starting again; the next question finds out.
  }
  setTimeout(follow, pause, pause);
}

function helpEntry() {
  const entry = document.querySelector("[data-entry] input[name=password]");
  const toggle = document.querySelector("[data-toggle]");
  const counter = document.querySelector("[data-counter]");
  if (!(entry instanceof HTMLInputElement) || !(toggle instanceof HTMLButtonElement)) return;
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const shown = entry.type === "text";
    entry.type = shown ? "password" : "text";
    toggle.setAttribute("aria-pressed", String(!shown));
    entry.focus();
  });
  entry.addEventListener("input", () => {
    if (counter) counter.textContent = String([...entry.value].length);
  });
  // A page that the browser keeps for "back" would keep the entry with it.
  window.addEventListener("pagehide", () => {
    entry.value = "";
  });
}

if (follows) void follow(FOLLOW_MS);
else if (document.querySelector("[data-card]")) void follow(CARD_MS);
helpEntry();
