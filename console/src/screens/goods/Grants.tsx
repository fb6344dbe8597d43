import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { Act, Money, State, Trouble } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { type Asking, askedOf, useAskingFields } from "../approvals/Ask";
import { type Grant, askGrant, fundsOf, grantsOf } from "./more";

const KIND = "relief_money";
const POCKETS = ["bank", "cash"] as const;

/** Money for a request: proposed by the desk, decided by the group or by a case, paid by finance. */
export function Grants({ unit, request, asked }: { unit: string; request: string; asked: number }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [key, setKey] = useState<string | null>(null);
  const read = useQuery({ queryKey: ["grants", unit], queryFn: () => grantsOf(unit) });
  const funds = useQuery({ queryKey: ["goods-funds", unit], enabled: key !== null, queryFn: () => fundsOf(unit) });
  const mine = (read.data ?? []).filter((grant) => grant.request === request);
  const granted = mine.filter((grant) => grant.state !== "refused").reduce((sum, grant) => sum + grant.amount_fen, 0);
  const after = () => {
    setKey(null);
    void queries.invalidateQueries();
  };
  const fields: Field[] = [
    { name: "fund", kind: "choice", label: say("slip.fund"), options: (funds.data ?? []).filter((fund) => fund.restriction !== "agency").map((fund) => ({ value: fund.id, label: fund.name })) },
    { name: "restriction", kind: "choice", label: say("needs.restriction"), options: (["restricted", "unrestricted"] as const).map((value) => ({ value, label: say(`needs.${value}`) })) },
    { name: "amount_fen", kind: "money", label: say("amount") },
  ];
  return (
    <section className="section" data-grants>
      <h3>{say("needs.grants")}</h3>
      {read.error && <Trouble error={read.error} />}
      <ul style={{ display: "grid", gap: 10 }}>{mine.map((grant) => <li key={grant.id}><OneGrant grant={grant} unit={unit} /></li>)}</ul>
      {key === null && granted < asked && <Act why={may("goods_propose") ? null : say("may_not", { permission: say("permission.goods_propose") })} onClick={() => setKey(freshKey("grant"))}>{say("needs.propose")}</Act>}
      {key !== null && (
        <QuickForm<{ fund: string; restriction: string; amount_fen: number }>
          fields={fields} initial={{ restriction: "restricted", amount_fen: asked - granted }} button={say("needs.propose")} done={say("saved")} after={after} cancel={() => setKey(null)}
          submit={(body) => api.POST("/api/v1/goods/requests/{request}/grants", { params: { path: { request } }, body: { ...body, key } })}
        />
      )}
    </section>
  );
}

type Chosen = "ask" | "approve" | "refuse" | "pay";

function OneGrant({ grant, unit }: { grant: Grant; unit: string }) {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const { fields, lines } = useAskingFields(unit, KIND);
  const cancel = () => setChosen(null);
  const after = () => {
    cancel();
    void queries.invalidateQueries();
  };
  const at = { params: { path: { grant: grant.id } } };
  const why = (permission: "goods_propose" | "goods_approve" | "books_post") => (may(permission) ? null : say("may_not", { permission: say(`permission.${permission}`) }));
  const head = (
    <div>
      <Money fen={grant.amount_fen} /> · <State group="grant" word={grant.state} /> {grant.number && <a href={`/api/v1/goods/grants/${grant.id}/paper`} target="_blank" rel="noreferrer">{grant.number}</a>}{" "}
      {grant.case && <Link to="/cases" search={{ case: grant.case }}>{say("approvals.open_case")}</Link>}
    </div>
  );
  if (chosen === "ask") return <>{head}<QuickForm<Asking> key={lines.length} fields={fields} initial={{ papers: lines }} effect={say("needs.ask_effect")} button={say("plans.ask")} done={say("approvals.asked")} cancel={cancel} after={after} submit={(entered) => askGrant(grant.id, askedOf(entered))} /></>;
  if (chosen === "pay") {
    const pocket: Field = { name: "paid_from", kind: "choice", label: say("paid_from"), options: POCKETS.map((value) => ({ value, label: name("pocket", value) })) };
    return <>{head}<QuickForm<{ paid_from: (typeof POCKETS)[number] }> fields={[pocket]} initial={{ paid_from: "bank" }} effect={say("needs.pay_effect")} button={say("needs.pay")} done={say("saved")} cancel={cancel} after={after} submit={(body) => api.POST("/api/v1/goods/grants/{grant}/payment", { ...at, body })} /></>;
  }
  if (chosen) {
    const words: Field[] = [{ name: "words", label: say("reason"), optional: chosen === "approve" }];
    return <>{head}<QuickForm<{ words?: string }> fields={words} button={say(chosen === "approve" ? "needs.approve" : "reject")} done={say("saved")} cancel={cancel} after={after} submit={({ words }) => api.POST("/api/v1/goods/grants/{grant}/decisions", { ...at, body: { decision: chosen, words: words ?? "" } })} /></>;
  }
  return (
    <>
      {head}
      <div className="buttons">
        {grant.state === "proposed" && grant.by_case && <Act why={why("goods_propose")} onClick={() => setChosen("ask")}>{say("plans.ask")}</Act>}
        {grant.state === "proposed" && !grant.by_case && <><Act why={why("goods_approve")} onClick={() => setChosen("approve")}>{say("needs.approve")}</Act><Act danger why={why("goods_approve")} onClick={() => setChosen("refuse")}>{say("reject")}</Act></>}
        {grant.state === "approved" && <Act why={why("books_post")} onClick={() => setChosen("pay")}>{say("needs.pay")}</Act>}
      </div>
    </>
  );
}
