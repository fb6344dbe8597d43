import { type PointerEvent, type ReactNode, useRef, useState } from "react";
import { HEIGHT, type Point, STROKES_MAX, type Stroke, WIDTH, drawingOf, linesOf, pointAt, withPoint } from "../lib/drawing";

/** How lines of a signature look; the colour is that of the text. */
const PEN = { fill: "none", stroke: "currentColor", strokeWidth: 5, strokeLinecap: "round", strokeLinejoin: "round" } as const;
const FIELD = `0 0 ${WIDTH} ${HEIGHT}`;

/** A signature as it was drawn: strokes of points, whatever the text says. */
export function Signature({ drawn, label }: { drawn: string; label: string }) {
  return (
    <svg className="signature" viewBox={FIELD} role="img" aria-label={label} {...PEN}>
      {linesOf(drawn).map((points, n) => <polyline key={n} points={points} />)}
    </svg>
  );
}

type PadProps = {
  id?: string;
  words: { pad: string; undo: string; clear: string };
  /** A button of the page that holds the pad. */
  button: (label: string, press: () => void, isIdle: boolean) => ReactNode;
  /** Tells the drawing after each stroke; empty while there is none. */
  onChange?: (drawn: string) => void;
};

/** A field to sign in with a finger, a pen or a mouse. Who cannot draw types the name, which stands beside it. */
export function SignaturePad({ id, words, button, onChange }: PadProps) {
  // What was drawn is known at once; events may come faster than it is shown.
  const drawn = useRef<readonly Stroke[]>([]);
  const [shown, setShown] = useState<readonly Stroke[]>([]);
  const pointer = useRef<number | null>(null);
  const set = (strokes: readonly Stroke[]) => {
    drawn.current = strokes;
    setShown(strokes);
  };
  const change = (strokes: readonly Stroke[]) => {
    set(strokes);
    onChange?.(drawingOf(strokes));
  };
  const at = (event: PointerEvent<SVGSVGElement>): Point => pointAt(event.clientX, event.clientY, event.currentTarget.getBoundingClientRect());
  const down = (event: PointerEvent<SVGSVGElement>) => {
    if (!event.isPrimary || drawn.current.length >= STROKES_MAX) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    pointer.current = event.pointerId;
    set([...drawn.current, [at(event)]]);
  };
  const move = (event: PointerEvent<SVGSVGElement>) => {
    if (pointer.current === event.pointerId) set(withPoint(drawn.current, at(event)));
  };
  const up = (event: PointerEvent<SVGSVGElement>) => {
    if (pointer.current !== event.pointerId) return;
    pointer.current = null;
    change(drawn.current);
  };
  const isEmpty = shown.length === 0;
  return (
    <div className="sign">
      <svg id={id} className="pad" viewBox={FIELD} role="img" aria-label={words.pad} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} {...PEN}>
        {shown.map((stroke, n) => <polyline key={n} points={[...stroke, ...(stroke.length === 1 ? stroke : [])].join(" ")} />)}
      </svg>
      <div className="buttons">
        {button(words.undo, () => change(drawn.current.slice(0, -1)), isEmpty)}
        {button(words.clear, () => change([]), isEmpty)}
      </div>
    </div>
  );
}
