/** Units below a unit: as the operator's map where one is loaded, else as tiles of equal size, which claim no borders. */
import { useMemo } from "react";
import { yuan } from "../../lib/money";
import { type Outlines, draw, unitOf } from "../lib/geo";
import { type Row, type Tree, rowsBelow, shade } from "../lib/tree";
import { Money, Plain, useWall } from "../ui";

/** More tiles are too small to be read from afar; the table has all. */
const TILES_MAX = 40;
/** A digit of the smallest text. A sum that does not fit stands in the table alone: a cut number would be a wrong one. */
const CHAR_PX = 13;
/** From here on a name of four letters needs the smaller type. */
const DENSE_COLUMNS = 6;

export function Areas({ tree, at, outlines, width, height, onOpen }: {
  tree: Tree; at: string; outlines: Outlines | null; width: number; height: number; onOpen?: ((id: string) => void) | undefined;
}) {
  const { say, settings } = useWall();
  const rows = rowsBelow(tree, at);
  const scale = settings.theme === "light" ? "scale_light" : "scale_dark";
  const found = useMemo(() => matched(tree, at, outlines), [tree, at, outlines]);
  if (rows.length === 0) return <Plain>{say("areas_none")}</Plain>;
  const largest = Math.max(0, ...rows.map((row) => row.figures?.net_fen ?? 0));
  if (found.length > 0) {
    const drawn = draw(found.map((one) => one.shape), width, height);
    const of = new Map(rows.map((row) => [row.id, row]));
    return (
      <figure className="map">
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={say("map_label")}>
          {drawn.map((one, index) => {
            const row = of.get(found[index]?.unit ?? "");
            return <path key={index} d={one.path} className={row ? `area s${shade(row.figures?.net_fen, largest)}` : "area unknown"} onClick={row?.opens ? () => onOpen?.(row.id) : undefined} />;
          })}
          {drawn.map((one, index) => {
            const row = of.get(found[index]?.unit ?? "");
            return row && <text key={index} x={one.x} y={one.y}>{row.unit.short_name}</text>;
          })}
        </svg>
        <figcaption>{say(scale)}{settings.map_number && ` · ${settings.map_number}`}</figcaption>
      </figure>
    );
  }
  const shown = rows.slice(0, TILES_MAX);
  const columns = Math.max(1, Math.ceil(Math.sqrt((shown.length * width) / height / 1.9)));
  return (
    <figure className="tiles">
      <ul className={columns >= DENSE_COLUMNS ? "dense" : undefined} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {shown.map((row) => <Tile key={row.id} row={row} largest={largest} onOpen={onOpen} chars={Math.floor((width / columns - 36) / CHAR_PX)} />)}
      </ul>
      <figcaption>{say(scale)} · {say("tiles_note")}{rows.length > TILES_MAX && ` · ${say("of_rows", { shown: TILES_MAX, all: rows.length })}`}</figcaption>
    </figure>
  );
}

function Tile({ row, largest, onOpen, chars }: { row: Row; largest: number; onOpen?: ((id: string) => void) | undefined; chars: number }) {
  const { say } = useWall();
  const words = (
    <>
      <b>{row.folded ? say("others_row", { count: row.folded }) : row.isOwn ? say("own_tile") : row.unit.short_name}</b>
      {row.figures ? yuan(row.figures.net_fen).length <= chars && <Money fen={row.figures.net_fen} unit={false} /> : <span>{say("no_figure")}</span>}
    </>
  );
  const className = `s${shade(row.figures?.net_fen, largest)}`;
  return <li>{row.opens && onOpen ? <button type="button" className={className} onClick={() => onOpen(row.id)}>{words}</button> : <div className={className}>{words}</div>}</li>;
}

/** The outlines of the units right below; where the file has none of them, the tiles stand in. */
function matched(tree: Tree, at: string, outlines: Outlines | null) {
  const node = tree.nodes.get(at);
  if (!node || !outlines) return [];
  const units = node.children.flatMap((id) => tree.nodes.get(id)?.unit ?? []);
  const all = outlines.shapes.map((shape) => ({ shape, unit: unitOf(shape, units)?.id ?? null }));
  const known = all.filter((one) => one.unit !== null);
  // A map of another region, or of one county alone, is no map of this level.
  return known.length * 2 >= units.length && known.length > 0 ? all.filter((one) => one.unit !== null || inside(one.shape.code, node.unit.region_code)) : [];
}

/** Whether a region lies in another, by the digits of its code. */
function inside(code: string | null, above: string): boolean {
  const bare = above.replace(/^(\d{2,4}?)(00)+$/, "$1");
  return code?.startsWith(bare) ?? false;
}
