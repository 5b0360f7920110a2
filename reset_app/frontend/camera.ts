/**
 * The card front, photographed in the page. The picture goes through the same form as a chosen file, so that a browser
 * without camera or script loses nothing but the preview.
 */
import { close, hasCamera, openCamera, picture, show } from "./lens";
import { element } from "./page";

const LONGEST_SIDE = 2400; // the text stays readable, and the server's 12 megapixels are far away
const QUALITY = 0.92;
const LARGEST_UNTOUCHED = 3_000_000; // bytes; a phone's own photo of 50 megapixels is made smaller here

const form = element("picture-form", HTMLFormElement);
const file = element("picture", HTMLInputElement);
const finder = element("finder", HTMLDivElement);
const video = element("view", HTMLVideoElement);
const shoot = element("shoot", HTMLButtonElement);
const fault = element("camera-fault", HTMLParagraphElement);
let stream: MediaStream | null = null;

async function start(): Promise<void> {
  if (!hasCamera()) throw new DOMException("no camera", "NotFoundError");
  stream = await openCamera("environment", 1920, 1080);
  await show(video, stream);
  finder.hidden = false;
  shoot.hidden = false;
}

function choose(blob: Blob): void {
  const transfer = new DataTransfer();
  transfer.items.add(new File([blob], "card.jpg", { type: blob.type }));
  file.files = transfer.files;
}

async function take(): Promise<void> {
  shoot.disabled = true;
  choose(await picture(video, LONGEST_SIDE, QUALITY));
  close(stream);
  form.requestSubmit();
}

async function shrink(): Promise<void> {
  const chosen = file.files?.[0];
  if (chosen === undefined || chosen.size <= LARGEST_UNTOUCHED) return;
  try {
    choose(await picture(await createImageBitmap(chosen), LONGEST_SIDE, QUALITY));
  } catch {
    // Not a picture that this browser can open: the server says so, with its remedy.
  }
}

shoot.addEventListener("click", () => void take());
file.addEventListener("change", () => void shrink());
window.addEventListener("pagehide", () => close(stream));
start().catch(() => {
  fault.hidden = false;
});
