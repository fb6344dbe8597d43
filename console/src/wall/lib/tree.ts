/** Units and their figures, province to township. Sums are only ever added upwards from rows that the server publishes. */

export type Unit = { id: string; name: string; short_name: string; level: string; parent: string | null; region_code: string };
export type Figures = { gifts: number; net_fen: number };

export type Node = {
  unit: Unit;
  children: string[];
  /** Its own row, where the server publishes one. */
  own: Figures | null;
  /** Its own row and those of all units below; null where none of them has a row. */
  whole: Figures | null;
};

export type Tree = { roots: string[]; nodes: Map<string, Node> };

/** Deeper than any administration: a loop in what was sent ends here. */
const DEPTH_MAX = 12;

const plus = (a: Figures | null, b: Figures | null): Figures | null =>
  a && b ? { gifts: a.gifts + b.gifts, net_fen: a.net_fen + b.net_fen } : (a ?? b);

export function grow(units: Unit[], rows: Map<string, Figures>): Tree {
  const nodes = new Map<string, Node>();
  for (const unit of units) nodes.set(unit.id, { unit, children: [], own: rows.get(unit.id) ?? null, whole: null });
  const roots: string[] = [];
  for (const { unit } of nodes.values()) {
    const above = unit.parent === null ? undefined : nodes.get(unit.parent);
    if (above) above.children.push(unit.id);
    else roots.push(unit.id);
  }
  const add = (id: string, depth: number): Figures | null => {
    const node = nodes.get(id);
    if (!node || depth > DEPTH_MAX) return null;
    node.whole = node.children.reduce((sum, child) => plus(sum, add(child, depth + 1)), node.own);
    return node.whole;
  };
  for (const root of roots) add(root, 0);
  return { roots, nodes };
}

export type Row = { id: string; unit: Unit; figures: Figures | null; opens: boolean; isOwn: boolean };

/** What stands right below a unit, largest first; the unit's own gifts as a row of their own, units without figures last. */
export function rowsBelow(tree: Tree, id: string): Row[] {
  const node = tree.nodes.get(id);
  if (!node) return [];
  const rows: Row[] = node.children.flatMap((child) => {
    const below = tree.nodes.get(child);
    return below ? [{ id: child, unit: below.unit, figures: below.whole, opens: below.children.length > 0, isOwn: false }] : [];
  });
  if (node.own && node.children.length > 0) rows.push({ id: `${id}#own`, unit: node.unit, figures: node.own, opens: false, isOwn: true });
  const size = (row: Row) => row.figures?.net_fen ?? Number.NEGATIVE_INFINITY;
  return rows.sort((a, b) => size(b) - size(a) || a.unit.region_code.localeCompare(b.unit.region_code));
}

/** From the root to a unit. */
export function wayTo(tree: Tree, id: string): Unit[] {
  const way: Unit[] = [];
  let node = tree.nodes.get(id);
  while (node && way.length <= DEPTH_MAX) {
    way.unshift(node.unit);
    node = node.unit.parent === null ? undefined : tree.nodes.get(node.unit.parent);
  }
  return way;
}

/** `371300` and `3713` name the same city; a township has nine digits. */
export function sameRegion(a: string, b: string): boolean {
  const bare = (code: string) => (code.length === 9 ? code.replace(/000$/, "") : code).replace(/^(\d{2,4}?)(00)+$/, "$1");
  return a === b || (bare(a).length >= 2 && bare(a) === bare(b));
}

/** The unit where a region's drill-down begins; the first root where none fits. */
export function startAt(tree: Tree, region?: string): string | null {
  const codes = [...tree.nodes.values()].map((node) => node.unit);
  const exact = region ? (codes.find((unit) => unit.region_code === region) ?? codes.find((unit) => sameRegion(unit.region_code, region))) : undefined;
  return exact?.id ?? tree.roots[0] ?? null;
}

/** A step of five for shading: 0 for nothing, 5 for the largest. */
export function shade(fen: number | undefined, largest: number): number {
  if (!fen || fen <= 0 || largest <= 0) return 0;
  return Math.max(1, Math.min(5, Math.ceil((fen / largest) * 5)));
}
