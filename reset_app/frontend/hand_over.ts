/** Hands the card session to the companion at once; without script the resident presses the button. */
import { element } from "./page";

const form = element("hand-over", HTMLFormElement);

window.addEventListener("pageshow", (event) => {
  // A page that comes back from the browser's memory has a session that was handed over already.
  if (!event.persisted) form.requestSubmit();
});
