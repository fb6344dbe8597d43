/** From here on nobody sits there: asking by itself would keep a forgotten session from ending (docs/sign-in.md, idle time). */
const AWAY_MS = 5 * 60_000;

let lastTouch_ms = Date.now();

export const isAway = (now_ms: number): boolean => now_ms - lastTouch_ms > AWAY_MS;

/** Notes that somebody is there, and tells when they come back. */
export function touched(now_ms: number, onReturn: () => void): void {
  const wasAway = isAway(now_ms);
  lastTouch_ms = now_ms;
  if (wasAway) onReturn();
}

/** Listens to the person. */
export function watchPerson(onReturn: () => void): void {
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => touched(Date.now(), onReturn), { passive: true });
}

/** Asks again at this pace while somebody is there. */
export const whileHere = (pace_ms: number) => (): number | false => (isAway(Date.now()) ? false : pace_ms);
