import { useQuery } from "@tanstack/react-query";
import { type Shape, api, takeList } from "../api/client";
import { useSession } from "../api/session";

export type Unit = Shape["UnitOut"];
/** Five pages of 500: more units than a province has, and a stop for a loop that never ends. */
const PAGES_MAX = 5;

/** Every unit, closed ones too: their names stand in what they did. */
export async function everyUnit(): Promise<Unit[]> {
  const all: Unit[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const query = { limit: 500, closed: true, ...(cursor ? { cursor } : {}) };
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
  const whole = query.data ?? [];
  const all = whole.filter((unit) => !unit.closed_at);
  const found = (id: string) => whole.find((unit) => unit.id === id);
  return {
    /** Those that work. */
    all,
    /** Closed ones too. */
    whole,
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
