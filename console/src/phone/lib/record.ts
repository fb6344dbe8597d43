/** What a phone signs, as text: the same text that the server writes of it (crates/relief, devices). */

/** What can be recorded. A phone approves nothing. */
export const KINDS = ["arrived", "unannounced", "inspected", "stocked", "filled", "picked", "loaded", "in_transit", "received", "distributed", "counted", "lost", "photo"] as const;
export type Kind = (typeof KINDS)[number];

export type Came = { n: number; quantity: number };
/** A record before it has a number. */
export type Draft = {
  kind: Kind;
  code?: string;
  into?: string;
  lot?: string;
  place?: string;
  quantity?: number;
  unit_word?: string;
  note?: string;
  signer?: string;
  /** The signature as it was drawn; see lib/drawing. */
  drawn?: string;
  /** The code on the recipient's slip; checked when it is handed in. */
  taker_code?: string;
  sha256?: string;
  came?: Came[];
  /** What goods are that nobody announced: an item's public id, or words for an officer to map. */
  item?: string;
  /** Their giver, as the parcel says it. */
  donor?: string;
  /** Their last day, `YYYY-MM-DD`. */
  expires_on?: string;
  /** Whether a certificate of quality came with them; left out where none did. */
  certificate?: true;
};
export type PhoneRecord = Draft & { device: string; device_at_ms: number; key: string; seq: number };

/** Without what is empty, its fields in the order of the alphabet. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, one]) => one !== undefined && one !== "" && !(Array.isArray(one) && one.length === 0));
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, plain(one)]));
}

/** A record without what is empty. */
export const bare = (record: PhoneRecord): PhoneRecord => plain(record) as PhoneRecord;

/** The text that is signed. */
export const signedText = (record: PhoneRecord): string => JSON.stringify(plain(record));

/** The text by which a phone proves that it holds the key it brings. */
export const enrolmentText = (unit: string, publicKey: string): string => `shanqiao-phone/${unit}/${publicKey}`;

/** What the server takes of a text: one line, 120 characters. */
const TEXT_CHARS_MAX = 120;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;
/** What the server keeps of an everyday name of goods. */
export const ITEM_CHARS_MAX = 80;
export const oneLine = (text: string, most = TEXT_CHARS_MAX): string => Array.from(text.replace(CONTROL, " ").trim()).slice(0, most).join("");
