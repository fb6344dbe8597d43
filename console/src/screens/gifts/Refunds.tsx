import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Segmented } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay, useSession } from "../../api/session";
import { sum, yuan } from "../../lib/money";
import { At, Empty, Facts, Money, Screen, State } from "../../ui/basics";
import { Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { type Column, ListTable } from "../../ui/ListTable";
import { useColleagueNames } from "../../ui/lists";
import { Many, usePicking } from "../../ui/Many";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useSay, useWord } from "../../words";
import { CaseState } from "../approvals/bits";
import { GiftFacts } from "./GiftFacts";
import { wayOf } from "./way";

type Refund = Shape["RefundOut"];
const STATES = ["requested", "approved", "rejected"] as const;

/** All refunds, also those that are decided; deciding is done in “my work”. */
export function Refunds() {
  const say = useSay();
  const name = useWord();
  const search = useSearch({ from: "/known/shell/refunds" });
  const { state = "requested", sort } = search;
  const navigate = useNavigate({ from: "/refunds" });
  const me = useSession().user.id;
  const [open, setOpen] = useState<Refund | null>(null);
  const pages = usePages<Refund>(["refunds", state, sort ?? null], ({ cursor, limit }) => takeList(api.GET("/api/v1/refunds", {
    params: { query: { state, limit, ...(sort ? { sort } : {}), ...(cursor ? { cursor } : {}) } },
  })), { live: true });
  const names = useColleagueNames([open?.requested_by, open?.decided_by]);
  const person = (id: string | null | undefined) => (id === me ? say("me") : id ? names(id) : "");
  const approves = useMay()("refund_approve");
  // Another person decides; what goes by a case is decided among the approvals.
  const picking = usePicking<Refund>((refund) => refund.refund, (refund) => refund.requested_by !== me && wayOf(refund) === "two");
  const picks = state === "requested" && approves;
  const isMany = picks && picking.picked.length > 0;
  const columns: Column<Refund>[] = [
    ...(picks ? [picking.column] : []),
    { key: "requested_at", title: say("asked_at"), sort: { up: "oldest", down: "newest" }, cell: (refund: Refund) => <At at={refund.requested_at} /> },
    { key: "amount", title: say("amount"), sort: { up: "smallest", down: "largest" }, right: true, cell: (refund: Refund) => <Money fen={refund.amount_fen} /> },
    { key: "reason", title: say("reason"), cell: (refund: Refund) => name("refund_reason", refund.reason) },
    { key: "state", title: say("state"), cell: (refund: Refund) => <State word={refund.state} /> },
    { key: "decided_at", title: say("decided_at"), cell: (refund: Refund) => (refund.decided_at ? <At at={refund.decided_at} /> : "") },
  ];
  return (
    <Screen title={say("refunds.title")} lead={say("refunds.lead")}>
      <div className="bar">
        <Segmented
          value={state} disabled={picking.busy} options={STATES.map((value) => ({ value, label: say(`state.${value}`) }))}
          onChange={(value) => { setOpen(null); picking.clear(); void navigate({ search: { state: value } }); }}
        />
      </div>
      <div className={open || isMany ? "split open" : "split"}>
        <ListTable<Refund> name="refunds" sort={{ at: sort, set: (next) => void navigate({ search: { ...search, sort: next } }) }} columns={columns} pages={pages} rowKey={(refund) => refund.refund} open={(refund) => { if (picking.busy) return; picking.clear(); setOpen(refund); }} opened={open?.refund} empty={<Empty title={say("refunds.none")}>{say("refunds.none_hint")}</Empty>} />
        {isMany && (
          <Many<Refund>
            rows={picking.picked} keyOf={(refund) => refund.refund} head={<Money fen={sum(picking.picked.map((refund) => refund.amount_fen))} large />} hold={picking.hold} close={picking.clear}
            line={(refund) => <>{name("refund_reason", refund.reason)} · <Money fen={refund.amount_fen} /> <span className="mute"><At at={refund.requested_at} /></span></>}
            ways={[
              { key: "approve", label: say("work.refund_approve"), look: "primary", decide: (refund) => api.POST("/api/v1/refunds/{refund}/approve", { params: { path: { refund: refund.refund } } }) },
              { key: "reject", label: say("reject"), decide: (refund) => api.POST("/api/v1/refunds/{refund}/reject", { params: { path: { refund: refund.refund } } }) },
            ]}
          />
        )}
        {open && !isMany && (
          <Panel title={say("refunds.of", { sum: yuan(open.amount_fen) })} close={() => setOpen(null)} acts={open.state === "requested" && <Foot refund={open} />}>
            <Facts of={[
              [say("state"), <State key="s" word={open.state} />],
              [say("reason"), name("refund_reason", open.reason)],
              [say("asked_by"), person(open.requested_by)],
              [say("asked_at"), <At key="a" at={open.requested_at} />],
              [say("decided_by"), person(open.decided_by)],
              [say("decided_at"), open.decided_at && <At key="d" at={open.decided_at} />],
              [say("refunds.case"), open.case && open.case_state && <span key="c"><CaseState word={open.case_state} /> <Link to="/cases" search={{ case: open.case }}>{say("approvals.open_case")}</Link></span>],
            ]} />
            <section className="section"><h3>{say("work.the_gift")}</h3><GiftFacts gift={open.gift} /></section>
            <History of={open.refund} />
          </Panel>
        )}
      </div>
    </Screen>
  );
}

/** Where a refund that waits is decided; one that waited when the unit published who decides is put as a case here. */
function Foot({ refund }: { refund: Refund }) {
  const say = useSay();
  const name = useWord();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const may = useMay()("approval_request");
  const way = wayOf(refund);
  if (way !== "owed") return <p className="effect">{say(`refunds.way.${way}`)}</p>;
  if (!may) return <p className="effect">{say("refunds.way.owed")}</p>;
  const put = async () => {
    const title = say("refunds.case_title", { sum: yuan(refund.amount_fen), reason: name("refund_reason", refund.reason) });
    const kase = await take(api.POST("/api/v1/approvals", { body: { unit: refund.unit, subject_kind: "refund", subject: refund.refund, title, details: { amount_fen: refund.amount_fen, reason: refund.reason, gift: refund.gift } } }));
    await queries.invalidateQueries();
    void navigate({ to: "/cases", search: { case: kase.id } });
  };
  return <Decide effect={say("refunds.way.owed")} choices={[{ key: "put", label: say("refunds.put"), look: "primary", done: say("approvals.asked"), run: put }]} after={() => undefined} />;
}
