/** Where the gifts come from: outlines or tiles on one side, the table behind them on the other, from province to township. */
import { useMemo } from "react";
import type { Outlines } from "../lib/geo";
import { pageOf } from "../lib/playlist";
import { type Unit, grow, rowsBelow, startAt, wayTo } from "../lib/tree";
import type { Books, CampaignInfo, CampaignTotals } from "../shapes";
import * as sources from "../sources";
import { Money, Panel, Plain, count, useFigures, useWall } from "../ui";
import { Areas } from "./Areas";

const ROWS = 11;
const PAGE_MS = 8_000;

export function Drill({ campaign, region, at, onOpen, outlines }: {
  campaign?: string | undefined; region?: string | undefined; at: string | null; onOpen: (id: string) => void; outlines: Outlines | null;
}) {
  const { say, elapsed_ms } = useWall();
  const units = useFigures<Unit[]>(sources.units);
  const sums = useFigures<CampaignTotals | Books>(campaign ? sources.totals(campaign) : sources.books);
  const info = useFigures<CampaignInfo>(campaign ? sources.info(campaign) : null);
  const tree = useMemo(() => grow(units.value ?? [], sources.figuresOf(sums.value)), [units.value, sums.value]);
  const place = at && tree.nodes.has(at) ? at : startAt(tree, region);
  const title = campaign ? (info.value?.plan.title ?? say("campaign")) : say("where");
  if (!place || !sums.value) {
    return <Panel title={title} state={sums.freshness} as_of={sums.as_of}><Plain>{sums.freshness === "missing" ? say("sums_missing") : say("waiting")}</Plain></Panel>;
  }
  const rows = rowsBelow(tree, place);
  const shown = pageOf(rows, ROWS, elapsed_ms, PAGE_MS);
  const node = tree.nodes.get(place);
  return (
    <div className="halves">
      <Panel title={title} state={sums.freshness} as_of={sums.as_of}>
        <Areas tree={tree} at={place} outlines={outlines} width={970} height={700} onOpen={onOpen} />
      </Panel>
      <Panel
        title={<Way way={wayTo(tree, place)} onOpen={onOpen} />}
        note={shown.pages > 1 ? say("page", { page: shown.page, pages: shown.pages }) : undefined}
        state={sums.freshness} as_of={sums.as_of}
      >
        <table className="drill">
          <thead><tr><th>{say("unit")}</th><th className="number">{say("net_yuan")}</th><th className="number">{say("times_word")}</th></tr></thead>
          <tbody>
            {shown.rows.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  {row.opens ? <button type="button" onClick={() => onOpen(row.id)}>{row.unit.short_name} ›</button> : row.folded ? say("others_row", { count: row.folded }) : row.isOwn ? say("own_row", { name: row.unit.short_name }) : row.unit.short_name}
                </th>
                {row.figures ? (
                  <><td className="number"><Money fen={row.figures.net_fen} unit={false} /></td><td className="number">{count(row.figures.gifts)}</td></>
                ) : (
                  <td className="number none" colSpan={2}>{say("no_figure")}</td>
                )}
              </tr>
            ))}
          </tbody>
          {node?.whole && (
            <tfoot><tr><th scope="row">{say("sum_row")}</th><td className="number"><Money fen={node.whole.net_fen} unit={false} /></td><td className="number">{count(node.whole.gifts)}</td></tr></tfoot>
          )}
        </table>
        {rows.length === 0 && <Plain>{say("areas_none")}</Plain>}
        <p className="rest">{say("net_note")}</p>
      </Panel>
    </div>
  );
}

function Way({ way, onOpen }: { way: Unit[]; onOpen: (id: string) => void }) {
  return (
    <span className="way">
      {way.map((unit, index) => (index === way.length - 1 ? <b key={unit.id}>{unit.short_name}</b> : <button key={unit.id} type="button" onClick={() => onOpen(unit.id)}>{unit.short_name} ›</button>))}
    </span>
  );
}
