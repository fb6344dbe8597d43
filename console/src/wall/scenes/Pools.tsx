/** Match pools: what is locked, what is given, what is left, and the rule in the words that were published. */
import { pageOf } from "../lib/playlist";
import type { Pool } from "../shapes";
import * as sources from "../sources";
import { Bar, Blank, Money, Panel, Plain, count, useFigures, useWall } from "../ui";

const RULE_LINES = 3;
/** More than three beside each other are read by nobody: the others take turns. */
const COLUMNS = 3;
const PAGE_MS = 8_000;

export function Pools() {
  const { say, settings, elapsed_ms } = useWall();
  const shown = pageOf(settings.pools, COLUMNS, elapsed_ms, PAGE_MS).rows;
  if (settings.pools.length === 0) return <Blank title={say("pools")}>{say("pools_none")}</Blank>;
  return <div className={`columns n${Math.min(COLUMNS, settings.pools.length)} pools`}>{shown.map((code) => <One key={code} code={code} />)}</div>;
}

function One({ code }: { code: string }) {
  const { say, settings } = useWall();
  const { value, as_of, freshness } = useFigures<Pool>(sources.pool(code, settings.language));
  if (freshness === "missing") return <Panel title={code} state="missing" as_of={undefined}><Plain>{say("pool_missing")}</Plain></Panel>;
  if (!value) return <Panel title={code} state={freshness} as_of={as_of}><Plain>{say("waiting")}</Plain></Panel>;
  const permille = value.locked_fen > 0 ? Math.floor((value.given_fen * 1_000) / value.locked_fen) : 0;
  return (
    <Panel title={value.title} note={say(`pool_state.${value.state}`)} state={freshness} as_of={as_of} className="pool">
      {value.sponsor !== value.title && <p className="to">{say("pool_by", { sponsor: value.sponsor })}</p>}
      <p className="label">{say("pool_left")}</p>
      <p className="big"><Money fen={value.left_fen} /></p>
      <Bar permille={permille} marked />
      <dl className="pair">
        <div><dt>{say("pool_locked")}</dt><dd><Money fen={value.locked_fen} /></dd></div>
        <div><dt>{say("pool_given")}</dt><dd><Money fen={value.given_fen} /></dd></div>
      </dl>
      <p className="figures"><span>{say("pool_matches", { count: count(value.matches) })}</span></p>
      <ul className="rule">{value.rule_words.slice(0, RULE_LINES).map((line) => <li key={line}>{line}</li>)}</ul>
    </Panel>
  );
}
