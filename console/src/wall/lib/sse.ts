/** Reads an event stream by hand, because the browser's own reader hides the heartbeats that tell a quiet line from a dead one. */

/** Cuts text as it comes into events; everything that comes, a comment too, is a sign of life. */
export class Cutter {
  #rest = "";
  #data: string[] = [];

  /** The data of the events that this piece completes. */
  take(piece: string): string[] {
    const lines = (this.#rest + piece).split(/\r?\n/);
    this.#rest = lines.pop() ?? "";
    const events: string[] = [];
    for (const line of lines) {
      if (line.startsWith("data:")) this.#data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      else if (line === "" && this.#data.length > 0) {
        events.push(this.#data.join("\n"));
        this.#data = [];
      }
    }
    return events;
  }
}

/** A checkpoint of the public log: its name, its size, its root. */
export type Checkpoint = { origin: string; size: number; root: string };

/** The first three lines of a signed note (C2SP tlog-checkpoint); null for anything else. */
export function checkpoint(text: string): Checkpoint | null {
  const [origin, size, root] = text.split("\n");
  if (!origin || !size || !root || !/^\d{1,15}$/.test(size) || !/^[A-Za-z0-9+/]{43}=$/.test(root)) return null;
  return { origin, size: Number(size), root };
}
