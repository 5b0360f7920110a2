/**
 * The face step: the server asks one action after the other, the page films it and sends the frames.
 *
 * `#capture` tells its state in data attributes, for style and for whoever watches: `data-state` (idle, opening, recording,
 * sending, judging, fault), `data-action` (front, left, right, smile) and `data-step`.
 */
import { close, openCamera, picture, show } from "./lens";
import { ask, element, Refusal } from "./page";

const FRAMES = 11;
const FRAME_PAUSE_MS = 300; // eleven frames in about 3.3 s: time to understand, move and arrive
const LEAD_MS = 300;
const LONGEST_SIDE = 640;
const QUALITY = 0.82;

interface Asked {
  step: number;
  steps: number;
  finished: boolean;
  action: string | null;
  prompt: string | null;
  nonce: string | null;
}

type State = "idle" | "opening" | "recording" | "sending" | "judging" | "fault";

const place = element("capture", HTMLElement);
const prompt = element("prompt", HTMLElement);
const progress = element("progress", HTMLElement);
const fault = element("capture-fault", HTMLElement);
const faultWords = element("capture-fault-words", HTMLElement);
const again = element("again", HTMLButtonElement);
const video = element("view", HTMLVideoElement);
let stream: MediaStream | null = null;
let startedAt = 0;

function enter(state: State): void {
  place.dataset["state"] = state;
}

function word(name: string): string {
  return place.dataset[name] ?? "";
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => window.setTimeout(done, ms));
}

function tell(asked: Asked): void {
  place.dataset["step"] = String(asked.step);
  place.dataset["action"] = asked.action ?? "";
  prompt.textContent = asked.prompt ?? word("wordsSending");
  progress.textContent = `${Math.min(asked.step + 1, asked.steps)} / ${asked.steps}`;
}

async function film(nonce: string): Promise<FormData> {
  const form = new FormData();
  form.append("nonce", nonce);
  await pause(LEAD_MS);
  const begun = performance.now();
  for (let number = 0; number < FRAMES; number += 1) {
    await pause(begun + number * FRAME_PAUSE_MS - performance.now());
    form.append("captured_ms", String(Math.round(performance.now() - startedAt)));
    form.append("frame", await picture(video, LONGEST_SIDE, QUALITY), `${number}.jpg`);
  }
  return form;
}

async function answer(asked: Asked): Promise<Asked> {
  enter("recording");
  tell(asked);
  const form = await film(asked.nonce ?? "");
  enter("sending");
  navigator.vibrate?.(60);
  return ask<Asked>("/face/frames", { method: "POST", body: form });
}

async function run(): Promise<void> {
  enter("opening");
  fault.hidden = true;
  prompt.textContent = word("wordsOpening");
  stream ??= await openCamera("user", 640, 480);
  await show(video, stream);
  startedAt = performance.now();
  let asked = await ask<Asked>("/face/start", { method: "POST" });
  while (!asked.finished) asked = await answer(asked);
  enter("judging");
  tell(asked);
  close(stream);
  const { next } = await ask<{ next: string }>("/face/judge", { method: "POST" });
  location.replace(next);
}

function explain(reason: unknown): void {
  enter("fault");
  place.dataset["action"] = "";
  prompt.textContent = word("wordsStopped");
  if (reason instanceof Refusal) faultWords.textContent = reason.words;
  else faultWords.textContent = reason instanceof DOMException ? word("wordsNoCamera") : word("wordsOffline");
  fault.hidden = false;
  again.focus();
}

function begin(): void {
  run().catch(explain);
}

again.addEventListener("click", begin);
window.addEventListener("pagehide", () => close(stream));
begin();
