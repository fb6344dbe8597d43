import { useEffect, useState } from "react";
import { useKeys } from "./keys";

type Walk<T> = { rows: readonly T[]; keyOf: (row: T) => string; open?: ((row: T) => void) | undefined; opened?: string | null | undefined; page?: number };

/** Walking rows by keyboard: `j` and `k` go on, Enter opens; once one is open, walking opens the next. For antd's table. */
export function useWalk<T>({ rows, keyOf, open, opened, page = 0 }: Walk<T>) {
  const [at, setAt] = useState(-1);
  useEffect(() => setAt(-1), [page]);
  const walk = (step: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + step));
    const row = rows[next];
    if (!row) return;
    setAt(next);
    document.querySelector(`[data-row-key="${CSS.escape(keyOf(row))}"]`)?.scrollIntoView({ block: "nearest" });
    if (opened) open?.(row);
  };
  useKeys({
    j: () => walk(1),
    k: () => walk(-1),
    Enter: () => rows[at] && open?.(rows[at]),
  });
  const current = rows[at] && keyOf(rows[at]);
  return {
    onRow: (row: T) => (open ? { onClick: () => { setAt(rows.findIndex((one) => keyOf(one) === keyOf(row))); open(row); } } : {}),
    rowClassName: (row: T) => (keyOf(row) === current || keyOf(row) === opened ? "at" : ""),
  };
}
