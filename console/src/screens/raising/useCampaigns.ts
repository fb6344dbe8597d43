import { useQueries, useQuery } from "@tanstack/react-query";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";

/** More campaigns of other units than a county's projects ever stand under at one time. */
const OTHERS_MAX = 20;
const LIMIT = 500;
const KEEP_MS = 60_000;

/**
 * The campaigns to choose from: those of my units, and those above them that my projects stand under or the address names. These are
 * read as the public sees them, since the list ends at one's own units.
 */
export function useCampaigns(projects: Shape["ProjectOut"][], named: string | undefined): { value: string; label: string }[] {
  const may = useMay();
  const own = useQuery({
    queryKey: ["campaigns", "choice"], enabled: may("campaign_manage") || may("gift_read"),
    queryFn: () => takeList(api.GET("/api/v1/campaigns", { params: { query: { limit: LIMIT } } })),
  });
  const mine = own.data?.items ?? [];
  const known = new Set(mine.map((one) => one.id));
  const wanted = own.isLoading ? [] : [...new Set([named, ...projects.map((one) => one.campaign)])].filter((id): id is string => Boolean(id) && !known.has(id ?? ""));
  const others = useQueries({
    queries: wanted.slice(0, OTHERS_MAX).map((campaign) => ({
      queryKey: ["campaigns", "public", campaign], staleTime: KEEP_MS, retry: false,
      queryFn: () => take(api.GET("/api/v1/campaigns/{campaign}", { params: { path: { campaign } } })),
    })),
  });
  return [...mine, ...others.flatMap((one) => one.data ?? [])].map((one) => ({ value: one.id, label: one.plan.title }));
}
