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

export type Row = { id: string; unit: Unit; figures: Figures | null; opens: boolean; isOwn: boolean; /** How many units stand folded in this row. */ folded?: number };

/** Fewer gifts than these stand nowhere alone: the same five as the public log keeps for small days and projects. */
export const GIFTS_MIN = 5;

const isSmall = (row: Row) => row.figures !== null && row.figures.gifts > 0 && row.figures.gifts < GIFTS_MIN;
const some = (row: Row) => (row.figures?.gifts ?? 0) > 0;

/** Rows with few gifts become one row, and with them so many of the next smallest that nobody can take the rest from the sum
 * above: two rows at least, with as many gifts as one must have. Where even all together are too few, no figure is told. */
export function fold(rows: Row[], above: Unit): Row[] {
  const small = rows.filter(isSmall);
  if (small.length === 0) return rows;
  const rest = rows.filter((row) => some(row) && !isSmall(row)).sort((a, b) => (a.figures?.gifts ?? 0) - (b.figures?.gifts ?? 0));
  const together = [...small];
  const gifts = () => together.reduce((sum, row) => sum + (row.figures?.gifts ?? 0), 0);
  while (together.length < 2 || gifts() < GIFTS_MIN) {
    const next = rest.shift();
    if (!next) break;
    together.push(next);
  }
  const tells = together.length >= 2 && gifts() >= GIFTS_MIN;
  const figures = tells ? together.reduce<Figures | null>((sum, row) => plus(sum, row.figures), null) : null;
  const others: Row = { id: `${above.id}#others`, unit: above, figures, opens: false, isOwn: false, folded: together.length };
  return [...rows.filter((row) => !together.includes(row)), others];
}

/** What stands right below a unit, largest first; the unit's own gifts as a row of their own, few gifts folded, units without figures last. */
export function rowsBelow(tree: Tree, id: string): Row[] {
  const node = tree.nodes.get(id);
  if (!node) return [];
  const rows: Row[] = node.children.flatMap((child) => {
    const below = tree.nodes.get(child);
    return below ? [{ id: child, unit: below.unit, figures: below.whole, opens: below.children.length > 0, isOwn: false }] : [];
  });
  if (node.own && node.children.length > 0) rows.push({ id: `${id}#own`, unit: node.unit, figures: node.own, opens: false, isOwn: true });
  const size = (row: Row) => row.figures?.net_fen ?? Number.NEGATIVE_INFINITY;
  return fold(rows, node.unit).sort((a, b) => Number(Boolean(a.folded)) - Number(Boolean(b.folded)) || size(b) - size(a) || a.unit.region_code.localeCompare(b.unit.region_code));
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
