/** A page that has to wait tells for how long, and then goes where it says. */
import { element } from "./page";

const place = element("comeback", HTMLElement);
const left = element("comeback-left", HTMLElement);
const address = place.dataset["address"] ?? location.pathname;
const ends = performance.now() + Number(place.dataset["seconds"]) * 1000;

function tick(): void {
  const seconds = Math.ceil((ends - performance.now()) / 1000);
  if (seconds <= 0) return location.replace(address);
  left.textContent = String(seconds);
  window.setTimeout(tick, 500);
}

tick();
