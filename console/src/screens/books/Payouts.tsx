import { useNavigate, useSearch } from "@tanstack/react-router";
import { Dropdown, Segmented } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay, useSession } from "../../api/session";
import { sum } from "../../lib/money";
import { Act, At, Empty, Facts, Money, Screen, State } from "../../ui/basics";
import { History } from "../../ui/History";
import { type Column, ListTable } from "../../ui/ListTable";
import { usePersonName, useProjects } from "../../ui/lists";
import { Many, usePicking } from "../../ui/Many";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { SLIPS, type Slip, SlipForm } from "./slips";

type Payout = Shape["PayoutOut"];
const STATES = ["requested", "approved", "rejected"] as const;

/** Money that leaves or is settled: payouts with their approval, and what is booked at once. */
export function Payouts() {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const units = useUnits();
  const projects = useProjects();
  const names = usePersonName();
  const me = useSession().user.id;
  const search = useSearch({ from: "/known/shell/payouts" });
  const navigate = useNavigate({ from: "/payouts" });
  const [slip, setSlip] = useState<Slip | null>(null);
  const state = STATES.find((known) => known === search.state) ?? "requested";
  const pages = usePages<Payout>(["payouts", state, search.sort ?? null], ({ cursor, limit }) => takeList(api.GET("/api/v1/books/payouts", { params: { query: { state, limit, ...(search.sort ? { sort: search.sort } : {}), ...(cursor ? { cursor } : {}) } } })), { live: true });
  const opened = pages.rows.find((payout) => payout.payout === search.payout);
  const show = (payout: string | undefined) => {
    setSlip(null);
    void navigate({ search: { ...search, payout } });
  };
  const person = (id: string | null | undefined) => (id === me ? say("me") : id ? names(id) : "");
  const fund = (id: string) => projects?.find((project) => project.fund === id)?.title ?? id;
  // Another person decides; one's own has no box.
  const picking = usePicking<Payout>((payout) => payout.payout, (payout) => payout.requested_by !== me);
  const picks = state === "requested" && may("payout_approve");
  const isMany = picks && picking.picked.length > 0;
  const columns: Column<Payout>[] = [
    ...(picks ? [picking.column] : []),
    { key: "requested_at", title: say("asked_at"), sort: { up: "oldest", down: "newest" }, cell: (payout: Payout) => <At at={payout.requested_at} /> },
    { key: "amount", title: say("amount"), sort: { up: "smallest", down: "largest" }, right: true, cell: (payout: Payout) => <Money fen={payout.amount_fen} /> },
    { key: "fund", title: say("slip.fund"), cell: (payout: Payout) => <span className="bounded">{fund(payout.fund)}</span> },
    { key: "unit", title: say("unit"), cell: (payout: Payout) => units.name(payout.unit) },
    { key: "day", title: say("business_day"), cell: (payout: Payout) => payout.business_day },
    { key: "state", title: say("state"), cell: (payout: Payout) => <State word={payout.state} /> },
  ];
  const why = may("books_post") ? null : say("may_not", { permission: say("permission.books_post") });
  const begin = (chosen: Slip) => {
    show(undefined);
    setSlip(chosen);
  };
  const acts = (
    <>
      <Act type="primary" why={why} onClick={() => begin("payout")}>{say("slip.payout.new")}</Act>
      {!why && <Dropdown trigger={["click"]} menu={{ items: SLIPS.filter((one) => one !== "payout").map((key) => ({ key, label: say(`slip.${key}.new`) })), onClick: ({ key }) => begin(key as Slip) }}><Act>{say("slip.more")}</Act></Dropdown>}
    </>
  );
  return (
    <Screen title={say("payouts.title")} lead={say("payouts.lead")} acts={may("books_post") && acts}>
      <div className="bar"><Segmented value={state} disabled={picking.busy} options={STATES.map((value) => ({ value, label: say(`state.${value}`) }))} onChange={(value) => { setSlip(null); picking.clear(); void navigate({ search: { state: value } }); }} /></div>
      <div className={opened || slip || isMany ? "split open" : "split"}>
        <ListTable<Payout> name="payouts" sort={{ at: search.sort, set: (sort) => void navigate({ search: { ...search, sort } }) }} columns={columns} pages={pages} rowKey={(payout) => payout.payout} open={(payout) => { if (picking.busy) return; picking.clear(); show(payout.payout); }} opened={search.payout} empty={<Empty title={say("payouts.none")}>{say("payouts.none_hint")}</Empty>} />
        {isMany && (
          <Many<Payout>
            rows={picking.picked} keyOf={(payout) => payout.payout} head={<Money fen={sum(picking.picked.map((payout) => payout.amount_fen))} large />} hold={picking.hold} close={picking.clear}
            line={(payout) => <>{fund(payout.fund)} · <Money fen={payout.amount_fen} /> <span className="mute">{payout.business_day}</span></>}
            ways={[
              { key: "approve", label: say("work.payout_approve"), look: "primary", decide: (payout) => api.POST("/api/v1/books/payouts/{payout}/approve", { params: { path: { payout: payout.payout } } }) },
              { key: "reject", label: say("reject"), decide: (payout) => api.POST("/api/v1/books/payouts/{payout}/reject", { params: { path: { payout: payout.payout } } }) },
            ]}
          />
        )}
        {slip && !isMany && <Panel key={slip} title={say(`slip.${slip}.new`)} close={() => setSlip(null)}><SlipForm slip={slip} close={() => setSlip(null)} /></Panel>}
        {opened && !slip && !isMany && (
          <Panel title={fund(opened.fund)} close={() => show(undefined)}>
            <Money fen={opened.amount_fen} large />
            <Facts of={[
              [say("state"), <State key="s" word={opened.state} />], [say("unit"), units.name(opened.unit)], [say("paid_from"), name("pocket", opened.paid_from)], [say("business_day"), opened.business_day],
              [say("voucher"), opened.memo_code], [say("asked_by"), person(opened.requested_by)], [say("asked_at"), <At key="a" at={opened.requested_at} />],
              [say("decided_by"), person(opened.decided_by)], [say("decided_at"), opened.decided_at && <At key="d" at={opened.decided_at} />],
              [say("slip.journal"), opened.journal && <span key="j" className="code">{opened.journal}</span>],
            ]} />
            {opened.state === "requested" && <p className="mute">{say("payouts.decide_hint")}</p>}
            <History of={opened.payout} />
          </Panel>
        )}
      </div>
    </Screen>
  );
}
