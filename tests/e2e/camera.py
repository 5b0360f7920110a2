"""Cameras for Chromium: a film of the card front as the fake device, and a face that does what the page asks.

Chromium plays one file for as long as it runs, so a face that follows a random order needs another way: before the page's own
scripts, `getUserMedia({facingMode: "user"})` is replaced by a canvas on which the frames of the asked action are drawn.
"""

import base64
import io
import json
from pathlib import Path

from PIL import Image

from services.rehearsal.props import Props

CARD_SIZE = (1280, 960)
FRAMES_OF_CARD = 12


def film_card(props: Props, path: Path) -> Path:
    """A motion JPEG of the card front, as `--use-file-for-fake-video-capture` plays it."""
    still = Image.open(io.BytesIO(props.front_picture)).convert("RGB")
    still.thumbnail(CARD_SIZE)
    canvas = Image.new("RGB", CARD_SIZE, (120, 110, 100))
    canvas.paste(still, ((CARD_SIZE[0] - still.width) // 2, (CARD_SIZE[1] - still.height) // 2))
    # Chromium takes the film as limited range and stretches it; what is squeezed here comes out as it was.
    squeezed = canvas.point(lambda level: round(16 + level * 219 / 255))
    jpeg = io.BytesIO()
    squeezed.save(jpeg, "JPEG", quality=95)
    path.write_bytes(jpeg.getvalue() * FRAMES_OF_CARD)
    return path


def face_script(props: Props) -> str:
    """The init script with the virtual resident's face."""
    frames = {
        action.value: [base64.b64encode(jpeg).decode() for jpeg in frames] for action, frames in props.film.items()
    }
    return _SCRIPT.replace("FRAMES", json.dumps(frames))


_SCRIPT = """
(() => {
  const frames = FRAMES;
  const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (real === undefined) return;
  const decoded = async (text) => createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]));
  function grain() {
    const canvas = new OffscreenCanvas(480, 640);
    const pen = canvas.getContext("2d");
    const noise = pen.createImageData(480, 640);
    for (let i = 0; i < noise.data.length; i += 4) {
      for (let c = 0; c < 3; c += 1) noise.data[i + c] = Math.random() * 255;
      noise.data[i + 3] = 255;
    }
    pen.putImageData(noise, 0, 0);
    return canvas;
  }
  async function face() {
    const canvas = document.createElement("canvas");
    canvas.width = 480;
    canvas.height = 640;
    const pen = canvas.getContext("2d");
    const films = {};
    for (const [action, texts] of Object.entries(frames)) films[action] = await Promise.all(texts.map(decoded));
    const grains = Array.from({ length: 12 }, grain);
    let asked = "", since = performance.now();
    const draw = () => {
      const place = document.getElementById("capture");
      const now = `${place?.dataset.step}/${place?.dataset.action}`;
      if (now !== asked) { asked = now; since = performance.now(); }
      const film = films[place?.dataset.action] ?? films.front;
      const at = Math.floor((performance.now() - since) / 300);
      // After the last frame the person holds still, with a hand's tremor: the last three frames go round.
      const number = at < film.length ? at : film.length - 1 - (at % 3);
      // A hand's tremor, a little larger than the picture so that no edge shows; each moment another, however busy the machine is.
      const t = performance.now();
      pen.drawImage(film[number], -5 + 2.5 * Math.sin(t / 170), -6 + 2 * Math.cos(t / 230), 490, 653);
      pen.globalAlpha = 0.03;
      pen.drawImage(grains[Math.floor(Math.random() * grains.length)], 0, 0);
      pen.globalAlpha = 1;
    };
    draw();
    setInterval(draw, 100);
    return canvas.captureStream(10);
  }
  navigator.mediaDevices.getUserMedia = (wish) =>
    wish?.video?.facingMode === "user" || wish?.video?.facingMode?.ideal === "user" ? face() : real(wish);
})();
"""
