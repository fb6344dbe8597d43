const BYTES = 16;

/** A key that a form makes once, so that sending twice is one thing. Works on plain HTTP too, where randomUUID is missing. */
export function freshKey(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return `${prefix}-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
