/** Money as the server gives it: whole fen. Sums and texts are made with BigInt, never with floats. */
export type Fen = number | bigint;

const FEN_A_YUAN = 100n;
/** As the server: 18 digits of yuan and more are a slip of the hand. */
const YUAN_DIGITS_MAX = 13;

/** The two parts of a sum: `1,061,100` and `00`, with the sign before the first. */
export function parts(fen: Fen): { yuan: string; fen: string } {
  const whole = BigInt(fen);
  const size = whole < 0n ? -whole : whole;
  const yuan = (size / FEN_A_YUAN).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return { yuan: whole < 0n ? `−${yuan}` : yuan, fen: (size % FEN_A_YUAN).toString().padStart(2, "0") };
}

/** `1,061,100.00`, without a unit. */
export function yuan(fen: Fen): string {
  const { yuan: whole, fen: rest } = parts(fen);
  return `${whole}.${rest}`;
}

/** What a person typed as yuan, in fen; null when it is no sum with at most two decimals. */
export function parseYuan(text: string): number | null {
  const plain = text.trim().normalize("NFKC").replace(/[,，\s]/g, "").replace(/^[¥￥]/, "").replace(/元$/, "");
  const found = /^(\d+)(?:\.(\d{0,2}))?$/.exec(plain);
  if (!found?.[1] || found[1].replace(/^0+/, "").length > YUAN_DIGITS_MAX) return null;
  return Number(BigInt(found[1]) * FEN_A_YUAN + BigInt((found[2] ?? "").padEnd(2, "0")));
}

/** The sum of many. */
export const sum = (all: Iterable<Fen>): bigint => {
  let total = 0n;
  for (const fen of all) total += BigInt(fen);
  return total;
};

/** A part of a whole in per cent, 0 to 100, for a bar; the words beside it say the sums. */
export const percent = (part: Fen, whole: Fen): number =>
  BigInt(whole) <= 0n ? 0 : Math.min(100, Number((BigInt(part) * 1000n) / BigInt(whole)) / 10);
