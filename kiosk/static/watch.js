// @ts-check
// Follows the terminal: loads the page anew when its screen has changed, shows how far the reset is, and counts the last seconds down.
// Pages replace each other, also after a touch, so that nobody goes back to what the last person saw.

const POLL_MS = 400;
const WARN_S = 20;

const { step, manner, paper } = document.body.dataset;
const countdown = document.querySelector("[data-countdown]");

async function look() {
  try {
    const answer = await fetch("/state", { cache: "no-store" });
    /** @type {{ step: string, manner: string, paper: string | null, seconds_left: number | null, stage: string | null }} */
    const state = await answer.json();
    if (state.step !== step || state.manner !== manner || (state.paper ?? "") !== paper) {
      window.location.replace("/");
      return;
    }
    count(state.seconds_left);
    advance(state.stage);
  } catch {
    // The terminal restarts; the next look tells.
  }
  setTimeout(look, POLL_MS);
}

/** @param {number | null} left */
function count(left) {
  if (countdown instanceof HTMLElement) countdown.hidden = left === null || left > WARN_S;
  if (left === null) return;
  for (const seconds of document.querySelectorAll("[data-seconds]")) seconds.textContent = String(left);
}

/** @param {string | null} stage */
function advance(stage) {
  const all = [...document.querySelectorAll("[data-stage]")];
  const at = all.findIndex((one) => one instanceof HTMLElement && one.dataset.stage === stage);
  if (at < 0) return;
  all.forEach((one, index) => {
    one.className = index < at ? "past" : index === at ? "now" : "next";
  });
}

/** @param {string} address @param {FormData} fields */
async function post(address, fields) {
  const body = new URLSearchParams();
  for (const [name, value] of fields) body.append(name, String(value));
  await fetch(address, { method: "POST", body, redirect: "manual" });
}

export function stay() {
  const fields = new FormData();
  fields.set("step", step ?? "");
  post("/awake", fields).catch(() => undefined);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  post(form.action, fields).then(
    () => window.location.replace("/"),
    () => undefined, // The terminal restarts; the next look tells.
  );
});
document.querySelector("[data-awake]")?.addEventListener("click", stay);
document.addEventListener("contextmenu", (event) => event.preventDefault());
setTimeout(look, POLL_MS);
