import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/** A page of a list, as every list of the server answers. */
export type Page<T> = { items: T[]; next?: string | null };
export type FetchPage<T> = (at: { cursor: string | undefined; limit: number }) => Promise<Page<T>>;

/** Rows on a screen: enough to scan, few enough to draw at once. */
const ROWS = 50;
/** The server's largest page. */
const EXPORT_ROWS = 500;
/** Beyond this a spreadsheet is the wrong tool; the person narrows the days. */
export const EXPORT_ROWS_MAX = 100_000;

/** A list read page by page, always from the server: what is shown is stored. */
export function usePages<T>(key: readonly unknown[], fetchPage: FetchPage<T>) {
  const [trail, setTrail] = useState<string[]>([]);
  const whole = JSON.stringify(key);
  useEffect(() => setTrail([]), [whole]);
  const cursor = trail.at(-1);
  const query = useQuery({
    queryKey: [...key, cursor ?? null],
    queryFn: () => fetchPage({ cursor, limit: ROWS }),
    placeholderData: keepPreviousData,
  });
  const next = query.data?.next ?? null;
  return {
    rows: query.data?.items ?? [],
    first: trail.length * ROWS + 1,
    loading: query.isPending,
    refreshing: query.isFetching,
    error: query.error,
    again: () => void query.refetch(),
    back: trail.length > 0 ? () => setTrail(trail.slice(0, -1)) : null,
    on: next ? () => setTrail([...trail, next]) : null,
  };
}
export type Pages<T> = ReturnType<typeof usePages<T>>;

/** All rows of a filter, a page at a time, so that the screen never stands still; `whole` is false when the limit cut it. */
export async function readAll<T>(fetchPage: FetchPage<T>, take: (rows: T[], count: number) => void): Promise<{ count: number; whole: boolean }> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await fetchPage({ cursor, limit: EXPORT_ROWS });
    count += page.items.length;
    take(page.items, count);
    cursor = page.next ?? undefined;
  } while (cursor && count < EXPORT_ROWS_MAX);
  return { count, whole: !cursor };
}
