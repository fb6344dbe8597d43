/** A picture drawn anew: at most 1,600 points a side, and without what a camera writes into its files (place, device). */
const SIDE_MAX = 1_600;
const QUALITIES = [0.82, 0.7, 0.55];
/** The server takes 3 MiB. */
const BYTES_MAX = 3 * 1024 * 1024;

/** The size to which a picture is drawn: never larger than it is. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, SIDE_MAX / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export async function drawnAnew(file: Blob): Promise<ArrayBuffer> {
  // What the camera says of up and down is applied here, for the new file says nothing.
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const { width, height } = fitted(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser cannot draw");
  pen.drawImage(picture, 0, 0, width, height);
  picture.close();
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((ready) => canvas.toBlob(ready, "image/jpeg", quality));
    if (blob && blob.size <= BYTES_MAX) return blob.arrayBuffer();
  }
  throw new Error("the picture stays too large");
}
