import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { APPROVALS, EVENTS, LIVE, type Live, WAITING, waiting } from "../../api/approvals";
import { useMay } from "../../api/session";
import { isAway, whileHere } from "../../lib/awake";

/** How often what waits is asked for where the live line is cut. */
const FRESH_MS = 30_000;
/** The browser comes back by itself after a cut line; after a refusal it is tried again at this pace. */
const AGAIN_MS = 30_000;

/** What waits for my decision; nothing for those who decide nothing. */
export function useWaiting() {
  const mine = useMay()("approval_decide");
  return useQuery({ queryKey: WAITING, queryFn: waiting, enabled: mine, refetchInterval: whileHere(FRESH_MS) });
}

/** What the live line said last. */
export const useLive = (): Live | undefined => useQuery<Live>({ queryKey: LIVE, enabled: false }).data;

/** How many decisions I owe: as the live line says, also while nobody is there to read the list again. */
export function useDecisionCount(): number {
  const listed = useWaiting().data?.items.length ?? 0;
  return useLive()?.waiting ?? listed;
}

function hear(queries: QueryClient, text: string): void {
  const now = JSON.parse(text) as Live;
  const before = queries.getQueryData<Live>(LIVE);
  queries.setQueryData(LIVE, now);
  // While nobody is there, the numbers on the line are enough: a forgotten session is not kept awake by others' work.
  if (isAway(Date.now())) return;
  // The first word may know of something that came after the list was asked for.
  if (!before) void queries.invalidateQueries({ queryKey: WAITING });
  else void queries.invalidateQueries({ queryKey: APPROVALS, predicate: (query) => query.queryKey[1] !== "live" });
}

/** Listens to the live line while the window is seen: a browser has few connections to a house, and windows are many. */
export function useLiveLine(): void {
  const queries = useQueryClient();
  const mine = useMay()("approval_decide");
  useEffect(() => {
    if (!mine) return;
    let line: EventSource | null = null;
    const close = () => {
      line?.close();
      line = null;
    };
    const open = () => {
      if (line || document.hidden) return;
      line = new EventSource(EVENTS);
      line.onmessage = (event: MessageEvent<string>) => hear(queries, event.data);
    };
    const seen = () => (document.hidden ? close() : open());
    const again = setInterval(() => {
      if (line?.readyState === EventSource.CLOSED) close();
      if (!isAway(Date.now())) open();
    }, AGAIN_MS);
    open();
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      clearInterval(again);
      close();
    };
  }, [queries, mine]);
}
