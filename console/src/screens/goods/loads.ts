/** Weights are kept in grams and rooms in cubic centimetres; people read kilograms and cubic metres. */
const THOUSAND = 1_000;

export const kilograms = (grams: number): string => (grams / THOUSAND).toLocaleString("en", { maximumFractionDigits: 1 });
export const cubicMetres = (cubicCm: number): string => (cubicCm / THOUSAND / THOUSAND).toLocaleString("en", { maximumFractionDigits: 2 });
/** Kilograms as grams, litres as cubic centimetres. */
export const grams = (kilograms: number): number => kilograms * THOUSAND;
/** How full something is, in thousandths and never above 1000. */
export const permille = (there: number, most: number): number => (most > 0 ? Math.min(THOUSAND, Math.round((there * THOUSAND) / most)) : 0);
