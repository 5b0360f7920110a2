/**
 * Whether the light is fit, judged in the page, so that nobody films four actions in the dark to be told afterwards. The server
 * decides by its own measure, on the face itself; this one knows only the frame that the face should be in.
 */

export type LightFault = "dark" | "bright" | "back-lit";

const WIDTH = 48;
const HEIGHT = 64;
// As the server's `liveness_limits` have them, on a scale of 255.
const DARKEST = 45;
const BRIGHTEST = 225;
const WHITE = 245;
const WHITE_AROUND = 0.22;
const AGAINST_AROUND = 0.5;

/** What is wrong with the light in the video now; the oval in the middle is the face's place. */
export function lightFault(video: HTMLVideoElement): LightFault | null {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null || video.videoWidth === 0) return null;
  const breadth = Math.min(video.videoWidth, (video.videoHeight * WIDTH) / HEIGHT);
  pen.drawImage(video, (video.videoWidth - breadth) / 2, 0, breadth, video.videoHeight, 0, 0, WIDTH, HEIGHT);
  return judge(pen.getImageData(0, 0, WIDTH, HEIGHT).data);
}

function judge(pixels: Uint8ClampedArray): LightFault | null {
  const face: number[] = [];
  const around: number[] = [];
  for (let at = 0; at < WIDTH * HEIGHT; at += 1) {
    const x = (at % WIDTH) / WIDTH - 0.5;
    const y = Math.floor(at / WIDTH) / HEIGHT - 0.5;
    const [red = 0, green = 0, blue = 0] = pixels.subarray(4 * at, 4 * at + 3);
    const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
    if (Math.hypot(x / 0.2, y / 0.25) < 1) face.push(grey);
    else if (y < 0.1 && Math.abs(x) > 0.33) around.push(grey);
  }
  const white = around.filter((grey) => grey > WHITE).length / around.length;
  const brightness = mean(face);
  if (white > WHITE_AROUND && brightness < AGAINST_AROUND * mean(around)) return "back-lit";
  if (brightness < DARKEST) return "dark";
  return brightness > BRIGHTEST ? "bright" : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}
