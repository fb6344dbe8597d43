/** A signature drawn with a finger, as text: `x,y x,y;x,y`, the same that the server reads (crates/relief, dispatch/drawing). */

/** The field in which points lie. */
export const WIDTH = 600;
export const HEIGHT = 240;
/** The server's limits: bytes of a drawing, and how far a signature reaches at least. */
const BYTES_MAX = 2_400;
const SPAN_MIN = 12;
/** A finger that hardly moved adds nothing. */
const STEP_MIN = 2;
/** Points of a stroke, and strokes: with two points each they still fit. */
const POINTS_MAX = 1_000;
export const STROKES_MAX = 120;

export type Point = readonly [number, number];
export type Stroke = readonly Point[];
type Box = { left: number; top: number; width: number; height: number };

const within = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value) || 0));

/** A point of the screen as a point of the field that is shown in this box. */
export const pointAt = (x: number, y: number, box: Box): Point => [within(((x - box.left) / box.width) * WIDTH, WIDTH), within(((y - box.top) / box.height) * HEIGHT, HEIGHT)];

/** The strokes with one point more at the end of the last. */
export function withPoint(strokes: readonly Stroke[], point: Point): readonly Stroke[] {
  const last = strokes.at(-1);
  const before = last?.at(-1);
  if (!last || !before || last.length >= POINTS_MAX) return strokes;
  if (Math.hypot(point[0] - before[0], point[1] - before[1]) < STEP_MIN) return strokes;
  return [...strokes.slice(0, -1), [...last, point]];
}

/** How far a point lies from the line between two others. */
function away([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** A stroke without the points that lines between the others show as well, but for so much (Ramer, Douglas, Peucker). */
export function thinned(stroke: Stroke, but: number): Stroke {
  const first = stroke[0];
  const last = stroke.at(-1);
  if (!first || !last || stroke.length < 3) return stroke;
  let [far, most] = [0, 0];
  for (const [n, point] of stroke.entries()) {
    const off = away(point, first, last);
    if (off > most) [far, most] = [n, off];
  }
  if (most <= but) return [first, last];
  return [...thinned(stroke.slice(0, far + 1), but), ...thinned(stroke.slice(far), but).slice(1)];
}

const span = (values: number[]): number => Math.max(...values) - Math.min(...values);
const written = (strokes: readonly Stroke[]): string => strokes.map((stroke) => stroke.map(([x, y]) => `${x},${y}`).join(" ")).join(";");

/** What is sent of these strokes, thinned until it fits; nothing of what is too small to be a signature. */
export function drawingOf(strokes: readonly Stroke[]): string {
  const points = strokes.flat();
  if (points.length === 0 || Math.max(span(points.map(([x]) => x)), span(points.map(([, y]) => y))) < SPAN_MIN) return "";
  for (let but = 1; but < WIDTH; but *= 2) {
    const text = written(strokes.map((stroke) => thinned(stroke, but)));
    if (text.length <= BYTES_MAX) return text;
  }
  return "";
}

const STROKE = /^\d{1,3},\d{1,3}(?: \d{1,3},\d{1,3})*$/;

/** The strokes of a drawing as SVG draws lines; a single point is a dot. What is no stroke is left out. */
export const linesOf = (drawn: string): string[] => drawn.split(";").filter((stroke) => STROKE.test(stroke)).map((stroke) => (stroke.includes(" ") ? stroke : `${stroke} ${stroke}`));
