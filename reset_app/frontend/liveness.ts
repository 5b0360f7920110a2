/**
 * The face step: the server asks one action after the other, the page films it and sends the frames.
 *
 * `#capture` tells its state in data attributes, for style and for whoever watches: `data-state` (idle, opening, recording,
 * sending, judging, fault), `data-action` (front, left, right, smile, up, nearer) and `data-step`.
 */
import { close, openCamera, picture, show } from "./lens";
import { lightFault } from "./light";
import { ask, element, Refusal } from "./page";

const FILM_MS = 3900; // 16 frames, fewer where the phone is slow; the server waits 8 s, and sending takes time as well
const FRAME_PAUSE_MS = 240; // at 320 ms a quick head leaps from one side to the other between two frames, as stills do
const LEAST_PAUSE_MS = 200; // after a stall nothing is made up for: frames in a hurry are no camera's
const LEAD_MS = 150; // hardly any: who turns at once must be seen turning; then time to read, move, arrive and hold
const LIGHT_PATIENCE_MS = 6000; // then the server decides: a page that waits for ever helps nobody
const LIGHT_PAUSE_MS = 250;
const LONGEST_SIDE = 640;
const QUALITY = 0.82;
const CHECKS_BUSY = "PR-7002";
const BUSY_S = 30; // where the server does not say

interface Asked {
  step: number;
  steps: number;
  finished: boolean;
  action: string | null;
  prompt: string | null;
  nonce: string | null;
  repeats: string | null; // what another film costs if this one is not judged
}

type State = "idle" | "opening" | "recording" | "sending" | "judging" | "fault";

const place = element("capture", HTMLElement);
const prompt = element("prompt", HTMLElement);
const progress = element("progress", HTMLElement);
const fault = element("capture-fault", HTMLElement);
const faultWords = element("capture-fault-words", HTMLElement);
const light = element("light", HTMLElement);
const time = element("time", HTMLProgressElement);
const seconds = element("seconds", HTMLElement);
const dots = element("dots", HTMLOListElement);
const again = element("again", HTMLButtonElement);
const video = element("view", HTMLVideoElement);
let stream: MediaStream | null = null;
let startedAt = 0;
let repeats: string | null = null;

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
  repeats = asked.repeats;
  prompt.textContent = asked.prompt ?? word("wordsSending");
  progress.textContent = `${Math.min(asked.step + 1, asked.steps)} / ${asked.steps}`;
  dots.replaceChildren(...Array.from({ length: asked.steps }, (_, number) => dot(number, asked.step)));
}

function dot(number: number, now: number): HTMLLIElement {
  const item = document.createElement("li");
  item.className = number < now ? "reached" : number === now ? "now" : "";
  return item;
}

/** How much of the action's time is left, as a bar and in seconds. */
function countDown(leftMs: number, allMs: number): void {
  time.value = Math.max(0, leftMs / allMs);
  seconds.textContent = leftMs > 0 ? word("wordsSeconds").replace("{}", String(Math.ceil(leftMs / 1000))) : "";
}

function tellLight(): boolean {
  const wrong = lightFault(video);
  light.hidden = wrong === null;
  if (wrong !== null) {
    const words = word({ dark: "wordsDark", bright: "wordsBright", "back-lit": "wordsBackLit" }[wrong]);
    // Written only when it changes, so that a screen reader does not say it four times a second.
    if (light.textContent !== words) light.textContent = words;
  }
  return wrong === null;
}

async function fitLight(): Promise<void> {
  prompt.textContent = word("wordsWait");
  const until = performance.now() + LIGHT_PATIENCE_MS;
  while (!tellLight() && performance.now() < until) await pause(LIGHT_PAUSE_MS);
}

/** Ends by the clock, however many frames there are by then: the server says when they are too few, and that costs nothing. */
async function film(nonce: string): Promise<FormData> {
  const form = new FormData();
  form.append("nonce", nonce);
  const until = performance.now() + FILM_MS;
  countDown(FILM_MS, FILM_MS);
  let due = performance.now() + LEAD_MS;
  let last: Blob | null = null;
  while (due < until) {
    await pause(due - performance.now());
    const taken = performance.now();
    if (taken > until && last !== null) break; // the page stood still
    countDown(until - taken, FILM_MS);
    const frame = await picture(video, LONGEST_SIDE, QUALITY);
    // A camera slower than the page, or a page that stood still, shows the same picture again: it is one frame.
    if (last === null || !(await same(last, frame))) {
      form.append("captured_ms", String(Math.round(taken - startedAt)));
      form.append("frame", frame, `${Math.round(taken - startedAt)}.jpg`);
    }
    last = frame;
    tellLight();
    due = Math.max(due + FRAME_PAUSE_MS, taken + LEAST_PAUSE_MS);
  }
  countDown(0, FILM_MS);
  return form;
}

async function same(a: Blob, b: Blob): Promise<boolean> {
  if (a.size !== b.size) return false;
  const [one, other] = [new Uint8Array(await a.arrayBuffer()), new Uint8Array(await b.arrayBuffer())];
  return one.every((byte, at) => byte === other[at]);
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
  await fitLight();
  startedAt = performance.now();
  const wish = new FormData();
  wish.append("smile", word("smile"));
  let asked = await ask<Asked>("/face/start", { method: "POST", body: wish });
  while (!asked.finished) asked = await answer(asked);
  enter("judging");
  tell(asked);
  light.hidden = true;
  close(stream);
  location.replace(await judged());
}

/** The frames are kept while the queue is full, so that nobody has to be filmed again. */
async function judged(): Promise<string> {
  for (;;) {
    try {
      return (await ask<{ next: string }>("/face/judge", { method: "POST" })).next;
    } catch (reason) {
      if (!(reason instanceof Refusal) || reason.problem.code !== CHECKS_BUSY) throw reason;
      prompt.textContent = reason.problem.title;
      await new Promise((resume) => window.setTimeout(resume, 1000 * (reason.problem.wait_s ?? BUSY_S)));
    }
  }
}

function explain(reason: unknown): void {
  enter("fault");
  place.dataset["action"] = "";
  prompt.textContent = word("wordsStopped");
  countDown(0, 1);
  light.hidden = true;
  if (reason instanceof Refusal) faultWords.textContent = refused(reason);
  else faultWords.textContent = reason instanceof DOMException ? word("wordsNoCamera") : word("wordsOffline");
  if (repeats !== null) faultWords.textContent += ` ${repeats}`;
  fault.hidden = false;
  again.focus();
}

function refused(refusal: Refusal): string {
  const { next_allowed_at: nextTime } = refusal.problem;
  return nextTime === undefined ? refusal.words : `${refusal.words} ${word("wordsNextTime")} ${nextTime}`;
}

function begin(): void {
  run().catch(explain);
}

again.addEventListener("click", begin);
window.addEventListener("pagehide", () => close(stream));
begin();
