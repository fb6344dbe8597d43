/** How many villages, shops and firms have given, by county; never which. */
import { pageOf } from "../lib/playlist";
import type { Covered } from "../shapes";
import * as sources from "../sources";
import { Bar, Blank, Money, Panel, count, useFigures, useWall } from "../ui";

const ROWS = 9;
const PAGE_MS = 8_000;
const KINDS = ["village", "shop", "firm"] as const;

export function Coverage() {
  const { say, elapsed_ms } = useWall();
  const { value, as_of, freshness } = useFigures<Covered[]>(sources.coverage);
  if (!value) return <Blank title={say("coverage")}>{say(freshness === "missing" ? "coverage_none" : "waiting")}</Blank>;
  if (value.length === 0) return <Blank title={say("coverage")}>{say("coverage_none")}</Blank>;
  const counties = byCounty(value);
  const shown = pageOf(counties, ROWS, elapsed_ms, PAGE_MS);
  return (
    <div className="boards">
      <div className="trio">
        {KINDS.map((kind) => {
          const of = value.filter((one) => one.kind === kind);
          const [known, gave] = [of.reduce((sum, one) => sum + one.known, 0), of.reduce((sum, one) => sum + one.gave, 0)];
          return (
            <section key={kind} className={`figure ${freshness}`}>
              <h2>{say(`kind.${kind}`)}</h2>
              {known === 0 ? <p className="plain">{say("none_known")}</p> : (
                <>
                  <p className="big"><b>{count(gave)}</b><span>{say("of_known", { known: count(known) })}</span></p>
                  <Bar permille={Math.floor((gave * 1_000) / known)} />
                </>
              )}
            </section>
          );
        })}
      </div>
      <Panel title={say("coverage")} state={freshness} as_of={as_of} note={shown.pages > 1 ? say("page", { page: shown.page, pages: shown.pages }) : say("counties_that_gave", { gave: counties.filter((one) => one.sum_fen > 0).length, all: counties.length })}>
        <table className="drill wide">
          <thead><tr><th>{say("county")}</th>{KINDS.map((kind) => <th key={kind} className="number">{say(`kind.${kind}`)}</th>)}<th className="number">{say("sum_yuan")}</th></tr></thead>
          <tbody>
            {shown.rows.map((one) => (
              <tr key={one.unit}>
                <th scope="row">{one.name}</th>
                {KINDS.map((kind) => <td key={kind} className="number">{one[kind] ? `${count(one[kind].gave)} / ${count(one[kind].known)}` : "—"}</td>)}
                <td className="number"><Money fen={one.sum_fen} unit={false} /></td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="rest">{say("coverage_note")}</p>
      </Panel>
    </div>
  );
}

type County = { unit: string; name: string; sum_fen: number } & Partial<Record<(typeof KINDS)[number], { known: number; gave: number }>>;

function byCounty(rows: Covered[]): County[] {
  const all = new Map<string, County>();
  for (const row of rows) {
    const county = all.get(row.unit) ?? { unit: row.unit, name: row.name, sum_fen: 0 };
    county[row.kind] = { known: row.known, gave: row.gave };
    county.sum_fen += row.sum_fen;
    all.set(row.unit, county);
  }
  return [...all.values()].sort((a, b) => b.sum_fen - a.sum_fen || a.name.localeCompare(b.name));
}
