/** What the phone takes along, and what a scanned code means by it. */
import type { Kind } from "./record";

export type Lot = { id: string; item: string; grade: string; unit_word: string; expires_on: string | null; announced: number; arrived: number; inspected: number };
export type Code = { id: string; kind: "box" | "pallet" | "truck"; label: string; lot: string | null; quantity: number | null };
export type Line = { dispatch: string; number: string; receiver: string; state: string; n: number; lot: string; item: string; unit_word: string; quantity: number };
export type Place = { id: string; name: string };
/** An item of the catalogue; the unit that its pieces are counted in stands first. */
export type Item = { id: string; name: string; grade: string; units: string[] };
export type Along = { as_of: string; places: Place[]; items: Item[]; lots: Lot[]; codes: Code[]; lines: Line[] };

export const NOTHING: Along = { as_of: "", places: [], items: [], lots: [], codes: [], lines: [] };

/** What stands in a QR code or was typed, as the server is told it: the public id of a box, or a number. */
export function codeOf(text: string): string {
  const trimmed = text.trim();
  const inside = /\/box\/([a-z2-7]{26})(?:[/?#]|$)/i.exec(trimmed)?.[1] ?? (/^[a-z2-7]{26}$/i.test(trimmed) ? trimmed : null);
  if (inside) return inside.toLowerCase();
  const label = /^([xtc])\s*(\d{4})\s*-\s*(\d{1,9})$/i.exec(trimmed);
  if (label) return `${label[1]?.toUpperCase()}${label[2]}-${label[3]?.padStart(6, "0")}`;
  const order = /^(\d{4})\s*-\s*(\d{1,9})$/.exec(trimmed);
  if (order) return `${order[1]}-${order[2]?.padStart(4, "0")}`;
  return trimmed;
}

export type Found =
  | { what: "nothing" }
  | { what: "unknown"; code: string }
  | { what: "code"; code: string; label: string; of: Code; lot: Lot | null }
  | { what: "order"; code: string; number: string; receiver: string; state: string; lines: Line[] };

/** What a code means by what the phone took along; unknown codes are recorded all the same, the server knows more. */
export function look(along: Along, text: string): Found {
  const code = codeOf(text);
  if (code === "") return { what: "nothing" };
  const box = along.codes.find((one) => one.id === code || one.label === code);
  if (box) return { what: "code", code: box.id, label: box.label, of: box, lot: along.lots.find((lot) => lot.id === box.lot) ?? null };
  const lines = along.lines.filter((line) => line.dispatch === code || line.number === code);
  const [first] = lines;
  if (first) return { what: "order", code: first.dispatch, number: first.number, receiver: first.receiver, state: first.state, lines };
  return { what: "unknown", code };
}

/** An item as it is chosen: its name with its grade. */
export const itemWords = (item: Item): string => [item.name, item.grade].filter(Boolean).join(" · ");

/** The item that was chosen or typed, where the phone took along just one of that name. */
export function itemOf(along: Along, text: string): Item | undefined {
  const words = text.trim();
  const named = along.items.filter((one) => one.name === words);
  return along.items.find((one) => itemWords(one) === words) ?? (named.length === 1 ? named[0] : undefined);
}

/** What must be said for a kind, given what was scanned. */
export type Asked = { code: "must" | "may" | "none"; lot: boolean; item: boolean; place: boolean; quantity: boolean; into: boolean; signer: boolean; came: boolean; note: "must" | "may" | "none"; photo: "must" | "may" | "none" };

const NONE: Asked = { code: "may", lot: false, item: false, place: false, quantity: false, into: false, signer: false, came: false, note: "may", photo: "none" };

export function asked(kind: Kind, found: Found): Asked {
  // A full box says what is in it; so may one that this phone does not know.
  const boxed = found.what === "code" || found.what === "unknown";
  switch (kind) {
    case "arrived": case "inspected": case "stocked":
      return { ...NONE, place: true, lot: !boxed, quantity: !boxed };
    case "unannounced":
      return { ...NONE, item: true, place: true, quantity: true, photo: "may" };
    case "filled":
      return { ...NONE, code: "must", lot: true, quantity: true };
    case "picked": case "in_transit":
      return { ...NONE, code: "must" };
    case "received":
      return { ...NONE, code: "must", came: found.what === "order" };
    case "loaded":
      return { ...NONE, code: "must", into: true };
    case "distributed":
      return { ...NONE, code: "must", lot: true, quantity: true, signer: true };
    case "counted":
      return { ...NONE, code: "none", lot: true, place: true, quantity: true };
    case "lost":
      return { ...NONE, lot: !boxed, place: true, quantity: true, note: "must" };
    case "photo":
      return { ...NONE, lot: !boxed && found.what !== "order", photo: "must" };
  }
}

/** How many pieces are likely meant: what waits for this step. What is in store is never told: counts are blind. */
export function likely(kind: Kind, lot: Lot | undefined): number | null {
  if (!lot) return null;
  const waits = kind === "arrived" ? lot.announced : kind === "inspected" ? lot.arrived : kind === "stocked" ? lot.inspected : 0;
  return waits > 0 ? waits : null;
}
