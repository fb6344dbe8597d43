/** Reading codes with the camera: by the browser where it can, else by a small library that is loaded only then. */

type Detector = { detect(source: CanvasImageSource): Promise<{ rawValue: string }[]> };
type DetectorMaker = { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> };
export type Reader = (video: HTMLVideoElement) => Promise<string | null>;

/** A frame is looked at with at most this many points a side: enough for a label held before the camera. */
const SIDE_MAX = 640;

async function native(): Promise<Reader | null> {
  const maker = (globalThis as { BarcodeDetector?: DetectorMaker }).BarcodeDetector;
  if (!maker) return null;
  try {
    if (!(await maker.getSupportedFormats()).includes("qr_code")) return null;
    const detector = new maker({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  } catch {
    return null;
  }
}

async function library(): Promise<Reader> {
  const { default: read } = await import("jsqr");
  const canvas = document.createElement("canvas");
  return async (video) => {
    const scale = Math.min(1, SIDE_MAX / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (canvas.width === 0 || canvas.height === 0) return null;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    if (!pen) return null;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    return read(data, canvas.width, canvas.height, { inversionAttempts: "dontInvert" })?.data || null;
  };
}

export const reader = async (): Promise<Reader> => (await native()) ?? library();

/** Whether there can be a camera here at all. */
export const hasCamera = (): boolean => typeof navigator.mediaDevices?.getUserMedia === "function";

/** Opens the camera behind, shows it, and reads until it is stopped. The same code is told once for as long as it is held. */
export async function watch(video: HTMLVideoElement, tell: (text: string) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } } });
  let ended = false;
  const stop = () => {
    ended = true;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  try {
    video.srcObject = stream;
    await video.play();
    const read = await reader();
    let [last, unseen] = ["", 0];
    const look = async () => {
      if (ended) return;
      const text = video.readyState >= 2 ? await read(video).catch(() => null) : null;
      if (ended) return;
      unseen = text === null ? unseen + 1 : 0;
      // Held away for a second it may be meant again.
      if (unseen > 6) last = "";
      if (text !== null && text !== last) {
        last = text;
        tell(text);
      }
      setTimeout(() => void look(), 150);
    };
    void look();
    return stop;
  } catch (fault) {
    stop();
    throw fault;
  }
}
