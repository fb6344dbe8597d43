/** League tables, as the boards' pages give them: who is too small to be named is not named here either. */
import type { Board, BoardRow, CampaignInfo } from "../shapes";
import * as sources from "../sources";
import { Bar, Blank, Money, Panel, count, useFigures, useWall } from "../ui";
import type { Freshness } from "../lib/freshness";

const ROWS = 9;

export function Boards({ campaign }: { campaign?: string | undefined }) {
  const { say } = useWall();
  const board = useFigures<Board>(sources.board(campaign ?? "all"));
  const info = useFigures<CampaignInfo>(campaign ? sources.info(campaign) : null);
  const { value } = board;
  const name = campaign ? (info.value?.plan.title ?? say("campaign")) : say("ranks");
  if (board.freshness === "missing") return <Blank title={name}>{say("ranks_missing")}</Blank>;
  if (!value) return <Blank title={name}>{say("waiting")}</Blank>;
  const all: [string, BoardRow[]][] = [[say("campaigns"), value.campaigns], [say("by_county"), value.counties], [say("by_project"), value.projects], [say("by_team"), value.teams]];
  const shown = all.filter(([, rows]) => rows.length > 0);
  if (shown.length === 0) return <Blank title={name}>{say(campaign ? "ranks_empty" : "ranks_none_shown")}</Blank>;
  return (
    <div className="boards">
      <header>
        <h2>{name}</h2>
        <p>{say("counted")} <Money fen={value.total_fen} /> · {say("times", { count: count(value.gifts) })}</p>
      </header>
      <div className={`columns n${shown.length}`}>
        {shown.map(([title, rows]) => <Table key={title} title={title} rows={rows} state={board.freshness} as_of={board.as_of} />)}
      </div>
      <p className="rest">{say("counted_note")}</p>
    </div>
  );
}

function Table({ title, rows, state, as_of }: { title: string; rows: BoardRow[]; state: Freshness; as_of: string | undefined }) {
  const { say } = useWall();
  return (
    <Panel title={title} state={state} as_of={as_of} note={rows.length > ROWS ? say("of_rows", { shown: ROWS, all: rows.length }) : undefined}>
      <ol className="ranks tight">
        {rows.slice(0, ROWS).map((row, index) => (
          <li key={index}>
            <p className="figures"><span className="name"><b>{row.place}</b>{row.name ?? <i>{say("too_small")}</i>}</span><Money fen={row.total_fen} /></p>
            <Bar permille={row.share_permille} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}
