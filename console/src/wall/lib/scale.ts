/** The two screens that are promised: the layout is drawn for the first and multiplied by whole factors, so that every edge stays sharp. */
export const STAGE = { width: 1920, height: 1080 } as const;

export type Fit = { mode: "stage"; factor: number } | { mode: "flow"; factor: 1 };

/** How the wall lies in a window: the fixed stage where it fits, else one readable column that scrolls. */
export function fit(width: number, height: number): Fit {
  const factor = Math.floor(Math.min(width / STAGE.width, height / STAGE.height));
  return factor >= 1 ? { mode: "stage", factor } : { mode: "flow", factor: 1 };
}
