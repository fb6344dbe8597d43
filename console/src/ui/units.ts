import { useQuery } from "@tanstack/react-query";
import { type Shape, api, takeList } from "../api/client";
import { useSession } from "../api/session";

export type Unit = Shape["UnitOut"];
/** Five pages of 500: more units than a province has, and a stop for a loop that never ends. */
const PAGES_MAX = 5;

export async function everyUnit(): Promise<Unit[]> {
  const all: Unit[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const query = cursor ? { limit: 500, cursor } : { limit: 500 };
    const got = await takeList(api.GET("/api/v1/units", { params: { query } }));
    all.push(...got.items);
    if (!got.next) break;
    cursor = got.next;
  }
  return all;
}

/** The tree of units, read once: small, public, and needed for names everywhere. */
export function useUnits() {
  const query = useQuery({ queryKey: ["units", "all"], queryFn: everyUnit, staleTime: 5 * 60_000 });
  const all = query.data ?? [];
  const found = (id: string) => all.find((unit) => unit.id === id);
  return {
    all,
    root: all.find((unit) => !unit.parent) ?? null,
    find: found,
    name: (id: string) => found(id)?.short_name || found(id)?.name || id,
    options: all.map((unit) => ({ value: unit.id, label: unit.name })),
    error: query.error,
  };
}

/** The unit a new thing most likely belongs to: the one in which this person has her first role. */
export function useOwnUnit(): Unit | null {
  const units = useUnits();
  const { roles } = useSession().user;
  return units.find(roles[0]?.unit ?? "") ?? units.root;
}
