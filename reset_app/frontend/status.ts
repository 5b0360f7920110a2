/** Asks how far a check is, and moves on when it has ended. */
import { ask, element, Refusal } from "./page";

const PAUSE_MS = 800;

interface Status {
  state: "none" | "waiting" | "passed" | "failed";
  next: string;
}

const place = element("status", HTMLElement);

async function poll(): Promise<void> {
  try {
    const status = await ask<Status>(place.dataset["address"] ?? location.pathname);
    if (status.state === "passed") return location.replace(status.next);
    if (status.state !== "waiting") return location.reload();
  } catch (fault) {
    // The page itself tells a refusal when it is loaded again; without an answer, asking goes on.
    if (fault instanceof Refusal) return location.reload();
  }
  window.setTimeout(() => void poll(), PAUSE_MS);
}

window.setTimeout(() => void poll(), PAUSE_MS);
