/** The live window of goods: what came, what went to which county; units of measure are never added up. */
import { minute } from "../lib/moments";
import type { Goods as Figures, GoodsMove } from "../shapes";
import * as sources from "../sources";
import { Blank, Panel, Plain, count, useDayWord, useFigures, useWall } from "../ui";

const ROWS = 7;
const UNITS = 6;

export function Goods() {
  const { say } = useWall();
  const { value, as_of, freshness } = useFigures<Figures>(sources.goods);
  const dayWord = useDayWord();
  if (!value || !as_of) return <Blank title={say("goods")}>{say(freshness === "missing" ? "goods_none" : "waiting")}</Blank>;
  if (value.lots_today === 0 && value.came?.length === 0 && value.went?.length === 0) return <Blank title={say("goods")}>{say("goods_never")}</Blank>;
  return (
    <div className="thirds even">
      <Panel title={say("goods_on", { day: dayWord(as_of) })} note={value.units.length > UNITS ? say("of_rows", { shown: UNITS, all: value.units.length }) : undefined} state={freshness} as_of={as_of}>
        {value.lots_today === 0 ? <Plain>{say("goods_none_today")}</Plain> : (
          <>
            <p className="big"><b>{count(value.lots_today)}</b><span>{say("lots_today", { count: value.lots_today })}</span></p>
            {value.cleared_permille !== null && <p className="label">{say("cleared", { percent: Math.floor(value.cleared_permille / 10) })}</p>}
            <table className="drill goods">
              <thead><tr><th>{say("measure")}</th><th className="number">{say("arrived")}</th><th className="number">{say("left")}</th></tr></thead>
              <tbody>{value.units.slice(0, UNITS).map((row) => <tr key={row.unit_word}><th scope="row">{row.unit_word}</th><td className="number">{count(row.arrived)}</td><td className="number">{count(row.went)}</td></tr>)}</tbody>
            </table>
          </>
        )}
      </Panel>
      <Panel title={say("came")} state={freshness} as_of={as_of}><Moves rows={value.came} side={(row) => row.who} /></Panel>
      <Panel title={say("went")} state={freshness} as_of={as_of}><Moves rows={value.went} side={(row) => `${row.region} · ${row.number}`} /></Panel>
    </div>
  );
}

function Moves<T extends GoodsMove>({ rows, side }: { rows: T[] | undefined; side: (row: T) => string }) {
  const { say } = useWall();
  if (!rows || rows.length === 0) return <Plain>{say(rows ? "moves_none" : "latest_not_kept")}</Plain>;
  return (
    <ol className="latest">
      {rows.slice(0, ROWS).map((row, index) => (
        <li key={index}>
          <p className="figures"><span className="who">{row.item}</span><span className="amount">{count(row.quantity)} {row.unit_word}</span></p>
          <p className="to"><span>{side(row)}</span><time>{minute(row.at)}</time></p>
        </li>
      ))}
    </ol>
  );
}
