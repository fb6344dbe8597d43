import { useQuery } from "@tanstack/react-query";
import { type Permission, type Shape, api, take, takeList } from "../api/client";
import { useMay } from "../api/session";

/** The first page is enough for a choice: a society has fewer accounts and open projects than this. */
const LIMIT = 500;
const KEEP_MS = 60_000;
/** Who may list the receiving accounts, and who the projects: any one of these. */
const ACCOUNTS: Permission[] = ["account_manage", "gift_record", "match_manage", "gift_read"];
export const PROJECTS: Permission[] = ["project_manage", "gift_read", "books_read"];

/** The receiving accounts, for who may list them; null for others. */
export function useAccounts(): Shape["AccountOut"][] | null {
  const mine = ACCOUNTS.some(useMay());
  const read = useQuery({
    queryKey: ["accounts", "all"], enabled: mine, staleTime: KEEP_MS,
    queryFn: () => takeList(api.GET("/api/v1/accounts", { params: { query: { limit: LIMIT } } })),
  });
  return mine ? (read.data?.items ?? []) : null;
}

/** The projects, for who may list them; null for others. */
export function useProjects(): Shape["ProjectOut"][] | null {
  const mine = PROJECTS.some(useMay());
  const read = useQuery({
    queryKey: ["projects", "all"], enabled: mine, staleTime: KEEP_MS,
    queryFn: () => takeList(api.GET("/api/v1/projects", { params: { query: { limit: LIMIT } } })),
  });
  return mine ? (read.data?.items ?? []) : null;
}

/** The people of the house, for who looks after them; null for others. */
export function usePeople(): Shape["UserOut"][] | null {
  const mine = useMay()("user_manage");
  const read = useQuery({
    queryKey: ["users", "names"], enabled: mine, staleTime: KEEP_MS,
    queryFn: () => takeList(api.GET("/api/v1/users", { params: { query: { limit: LIMIT } } })),
  });
  return mine ? (read.data?.items ?? []) : null;
}

/** Names of people by their ids, for who looks after people; others see the id. */
export function usePersonName(): (id: string) => string {
  const people = usePeople();
  return (id) => people?.find((user) => user.id === id)?.name ?? id;
}

/** As many names as the server tells at once. */
const NAMES_AT_ONCE = 50;
type Colleague = { id: string; name: string };
/** The route is called by its words alone: its shape is the one above. */
const plain = api as unknown as { GET: (path: string, options: { params: { query: { ids: string } } }) => Promise<{ data?: Colleague[] }> };

/** Names of those with whom the reader works, by their ids; of others the id stays. */
export function useColleagueNames(of: (string | null | undefined)[]): (id: string) => string {
  const ids = [...new Set(of.filter((id): id is string => Boolean(id)))].sort().slice(0, NAMES_AT_ONCE);
  const read = useQuery({
    queryKey: ["colleagues", ...ids], enabled: ids.length > 0, staleTime: KEEP_MS,
    queryFn: () => take(plain.GET("/api/v1/colleagues", { params: { query: { ids: ids.join(",") } } })),
  });
  return (id) => read.data?.find((one) => one.id === id)?.name ?? id;
}

/** Choices of a select, found by code or by name. */
export const asOptions = (all: { code: string; title?: string; name?: string }[]) =>
  all.map((one) => ({ value: one.code, label: `${one.title ?? one.name} · ${one.code}` }));
