import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { whileHere } from "../lib/awake";

/** A page of a list, as every list of the server answers. */
export type Page<T> = { items: T[]; next?: string | null };
export type FetchPage<T> = (at: { cursor: string | undefined; limit: number }) => Promise<Page<T>>;

/** Rows on a screen: enough to scan, few enough to draw at once. */
const ROWS = 50;
/** The server's largest page. */
const EXPORT_ROWS = 500;
/** Beyond this a spreadsheet is the wrong tool; the person narrows the days. */
export const EXPORT_ROWS_MAX = 100_000;

/** How fresh a list is that moves by itself; as the other polled screens. */
const LIVE_MS = 15_000;
/** For a list that is read whole. */
export const LIVE = { refetchInterval: whileHere(LIVE_MS) } as const;
/** When a list is asked for again: a live one on its first page while somebody is there; who reads further on is not moved under the eyes. */
export const paceOf = (live: boolean, page: number): (() => number | false) => (live && page === 0 ? whileHere(LIVE_MS) : () => false);

export type Pages<T> = {
  rows: T[];
  /** The number of the first row. */
  first: number;
  loading: boolean;
  refreshing: boolean;
  error: Error | null;
  again: () => void;
  back: (() => void) | null;
  on: (() => void) | null;
  /** How all of it is read, for a file; without it the rows are all there is. */
  fetchPage?: FetchPage<T>;
};

/** A list read page by page, always from the server: what is shown is stored. A live one is read again by itself. */
export function usePages<T>(key: readonly unknown[], fetchPage: FetchPage<T>, { live = false }: { live?: boolean } = {}): Pages<T> {
  const whole = JSON.stringify(key);
  // A cursor belongs to its filter and order: with another key the list begins anew in the same drawing, before anything is asked.
  const [kept, setKept] = useState<{ whole: string; trail: string[] }>({ whole, trail: [] });
  useEffect(() => setKept((was) => (was.whole === whole ? was : { whole, trail: [] })), [whole]);
  const trail = kept.whole === whole ? kept.trail : [];
  const setTrail = (next: string[]) => setKept({ whole, trail: next });
  const cursor = trail.at(-1);
  const query = useQuery({
    queryKey: [...key, cursor ?? null],
    queryFn: () => fetchPage({ cursor, limit: ROWS }),
    placeholderData: keepPreviousData,
    refetchInterval: paceOf(live, trail.length),
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
    fetchPage,
  };
}

/** All rows of a filter, a page at a time, so that the screen never stands still; `whole` is false when the limit cut it. */
export async function readAll<T>(fetchPage: FetchPage<T>, take: (rows: T[], count: number) => void | Promise<void>): Promise<{ count: number; whole: boolean }> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await fetchPage({ cursor, limit: EXPORT_ROWS });
    count += page.items.length;
    await take(page.items, count);
    cursor = page.next ?? undefined;
  } while (cursor && count < EXPORT_ROWS_MAX);
  return { count, whole: !cursor };
}
