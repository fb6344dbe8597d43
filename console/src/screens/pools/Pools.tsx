import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { percent } from "../../lib/money";
import { At, Empty, Facts, Money, Screen, State } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useSay } from "../../words";
import { DebtOf } from "./Debt";
import { HeldMatches } from "./HeldMatches";
import { NewPool } from "./NewPool";
import { type Rule, enteredOf } from "./rule";
import { RuleForm } from "./RuleForm";

type Pool = Shape["PoolOut"];

/** Matching pools: what is locked, given and left, the rule in words, and the next step. */
export function Pools() {
  const say = useSay();
  const { pool: code } = useSearch({ from: "/known/shell/pools" });
  const navigate = useNavigate({ from: "/pools" });
  const pages = usePages<Pool>(["pools"], ({ cursor, limit }) => takeList(api.GET("/api/v1/match/pools", { params: { query: { limit, ...(cursor ? { cursor } : {}) } } })));
  const opened = pages.rows.find((pool) => pool.code === code);
  const may = useMay();
  const [making, setMaking] = useState(false);
  const show = (pool: string | undefined) => {
    setMaking(false);
    void navigate({ search: { pool } });
  };
  const columns = [
    { key: "title", title: say("pools.one"), cell: (pool: Pool) => pool.title },
    { key: "state", title: say("state"), cell: (pool: Pool) => <State word={pool.state} /> },
    { key: "sponsor", title: say("pools.sponsor"), cell: (pool: Pool) => pool.sponsor },
    { key: "locked", title: say("pools.locked"), right: true, cell: (pool: Pool) => <Money fen={pool.locked_fen} /> },
    { key: "given", title: say("pools.given"), right: true, cell: (pool: Pool) => <Money fen={pool.given_fen} /> },
    { key: "left", title: say("pools.left"), right: true, cell: (pool: Pool) => <Money fen={pool.left_fen} /> },
    { key: "matches", title: say("pools.matches"), right: true, cell: (pool: Pool) => pool.matches },
  ];
  return (
    <Screen title={say("pools.title")} lead={say("pools.lead")} acts={may("match_manage") && <Button type="primary" onClick={() => { show(undefined); setMaking(true); }}>{say("pools.new")}</Button>}>
      <div className={opened || making ? "split open" : "split"}>
        <ListTable<Pool> name="pools" columns={columns} pages={pages} rowKey={(pool) => pool.code} opened={code} open={(pool) => show(pool.code)} empty={<Empty title={say("pools.none")}>{say("pools.none_hint")}</Empty>} />
        {making && <NewPool close={() => setMaking(false)} made={show} />}
        {opened && !making && <PoolPanel key={opened.code} pool={opened} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function PoolPanel({ pool, close }: { pool: Pool; close: () => void }) {
  const say = useSay();
  const may = useMay();
  return (
    <Panel title={pool.title} close={close} acts={<PoolSteps pool={pool} />}>
      <div>
        <Money fen={pool.left_fen} large />
        <p className="mute">{say("pools.left_of")} <Money fen={pool.locked_fen} /></p>
        <div className="bar-track"><i style={{ width: `${percent(pool.given_fen, pool.locked_fen)}%` }} /></div>
      </div>
      <section className="section">
        <h3>{say("pools.rule")}</h3>
        {pool.rule_words.length === 0 && <p className="mute">{say("pools.no_rule")}</p>}
        <ul data-rule>{pool.rule_words.map((line) => <li key={line}>{line}</li>)}</ul>
      </section>
      <Facts of={[
        [say("state"), <State key="s" word={pool.state} />],
        [say("pools.sponsor"), pool.sponsor],
        [say("pools.backing"), say(pool.backing === "gift" ? "pools.by_gift" : "pools.by_agreement")],
        [say("pools.decisions"), pool.decisions],
        [say("pools.matches"), pool.matches],
        [say("pools.given"), <Money key="g" fen={pool.given_fen} />],
        [say("pools.returned"), pool.returned_fen > 0 && <Money key="r" fen={pool.returned_fen} />],
        [say("pools.opened_at"), pool.opened_at && <At key="o" at={pool.opened_at} />],
        [say("pools.closed_at"), pool.closed_at && <At key="c" at={pool.closed_at} />],
        [say("pools.commitment"), pool.commitment && <span key="h" className="code">{pool.commitment}</span>],
        [say("pools.seed"), pool.seed && <span key="e" className="code">{pool.seed}</span>],
        [say("pools.all"), pool.state !== "draft" && <span key="a"><a href={`/pools/${pool.code}`}>{say("pools.page")}</a> · <a href={`/api/v1/match/pools/${pool.code}/decisions?format=csv`}>{say("pools.all_csv")}</a> · <a href={`/api/v1/match/pools/${pool.code}/decisions`}>{say("pools.all_replay")}</a> · <a href={`/api/v1/match/pools/${pool.code}/gifts`}>{say("pools.all_gifts")}</a></span>],
      ]} />
      {may("match_approve") && ["open", "closing"].includes(pool.state) && <HeldMatches pool={pool} />}
      {may("books_read") && pool.state !== "draft" && <DebtOf pool={pool.code} byGift={pool.backing === "gift"} />}
      <History of={pool.pool} />
    </Panel>
  );
}

const NEXT = {
  draft: { key: "publish", may: "match_manage" },
  published: { key: "open", may: "match_approve" },
  open: { key: "close", may: "match_approve" },
} as const;

function PoolSteps({ pool }: { pool: Pool }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [writing, setWriting] = useState(false);
  const next = NEXT[pool.state as keyof typeof NEXT];
  const after = () => {
    setWriting(false);
    void queries.invalidateQueries();
  };
  if (!next) return <p className="mute">{say("step.none")}</p>;
  if (writing) return <RuleForm pool={pool} after={after} close={() => setWriting(false)} />;
  const at = { params: { path: { code: pool.code } } };
  const run = {
    publish: () => api.POST("/api/v1/match/pools/{code}/publish", at),
    open: () => api.POST("/api/v1/match/pools/{code}/open", at),
    close: () => api.POST("/api/v1/match/pools/{code}/close", at),
  }[next.key];
  const missing = (permission: "match_manage" | "match_approve") => (may(permission) ? null : say("may_not", { permission: say(`permission.${permission}`) }));
  const isBare = pool.rule_words.length === 0;
  const choice: Choice = {
    key: next.key, label: say(`pools.${next.key}`), look: next.key === "close" ? "danger" : "primary", done: say("saved"), run,
    why: missing(next.may) ?? (isBare ? say("pools.no_rule") : null),
  };
  // A rule that says more than the form can show would lose a part of itself.
  const isOurs = !pool.rule || enteredOf(pool.rule as unknown as Rule) !== null;
  const write: Choice = { key: "write", label: say(isBare ? "pools.write" : "pools.rewrite"), open: () => setWriting(true), why: missing("match_manage") ?? (isOurs ? null : say("pools.rule_beyond")) };
  const choices = pool.state === "open" ? [choice] : isBare ? [{ ...write, look: "primary" as const }, choice] : [choice, write];
  return <Decide effect={say(isBare ? "pools.bare_effect" : `pools.${next.key}_effect`)} choices={choices} after={after} />;
}
