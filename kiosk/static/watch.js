// @ts-check
// Follows the terminal: loads the page anew when its state has changed, and counts the last seconds down.

const POLL_MS = 400;
const WARN_S = 20;

const { step } = document.body.dataset;
const countdown = document.querySelector("[data-countdown]");
const seconds = document.querySelector("[data-seconds]");

async function look() {
  try {
    const answer = await fetch("/state", { cache: "no-store" });
    /** @type {{ step: string, seconds_left: number | null }} */
    const state = await answer.json();
    if (state.step !== step) {
      // Replaced, not followed: nobody goes back to what the last person saw.
      window.location.replace("/");
      return;
    }
    warn(state.seconds_left);
  } catch {
    // The terminal restarts; the next look tells.
  }
  setTimeout(look, POLL_MS);
}

/** @param {number | null} left */
function warn(left) {
  if (!(countdown instanceof HTMLElement) || seconds === null) return;
  countdown.hidden = left === null || left > WARN_S;
  if (left !== null) seconds.textContent = String(left);
}

export function stay() {
  const body = new URLSearchParams({ step: step ?? "" });
  fetch("/awake", { method: "POST", body, redirect: "manual" }).catch(() => undefined);
}

document.querySelector("[data-awake]")?.addEventListener("click", stay);
setTimeout(look, POLL_MS);
