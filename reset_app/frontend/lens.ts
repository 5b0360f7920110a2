/** The camera, asked for politely: wishes only, so that any camera will do. */

/** Opens a camera; one that cannot fulfil the wishes at all is asked for without them. */
export async function openCamera(facing: "user" | "environment", width: number, height: number): Promise<MediaStream> {
  const media = navigator.mediaDevices;
  try {
    return await media.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: facing }, width: { ideal: width }, height: { ideal: height } },
    });
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "OverconstrainedError") {
      return media.getUserMedia({ audio: false, video: true });
    }
    throw fault;
  }
}

/** Whether this browser offers a camera to this page at all. */
export function hasCamera(): boolean {
  return "mediaDevices" in navigator && typeof navigator.mediaDevices.getUserMedia === "function";
}

/** Shows the stream and waits until pictures come. */
export async function show(video: HTMLVideoElement, stream: MediaStream): Promise<void> {
  video.srcObject = stream;
  await video.play();
}

/** Lets the camera go, light included. */
export function close(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}

/** One picture, as a JPEG, whose longer side is at most `longest` pixels. */
export async function picture(
  source: HTMLVideoElement | ImageBitmap,
  longest: number,
  quality: number,
): Promise<Blob> {
  const [width, height] =
    source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];
  const scale = Math.min(1, longest / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d")?.drawImage(source, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
  if (blob === null) throw new Error("the canvas gave no picture");
  return blob;
}
