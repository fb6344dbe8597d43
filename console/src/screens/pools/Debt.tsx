import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { yuan } from "../../lib/money";
import { dayOf } from "../../lib/time";
import { Facts, Money, Trouble } from "../../ui/basics";
import { QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

type Debt = Shape["DebtOut"];

/** What the sponsor owes for the matches of its pool and what it paid, for who reads the books; who posts them books a payment. */
export function DebtOf({ pool, byGift }: { pool: string; byGift: boolean }) {
  const say = useSay();
  const may = useMay();
  const [paying, setPaying] = useState(false);
  const debt = useQuery({ queryKey: ["pool debt", pool], queryFn: () => take(api.GET("/api/v1/match/pools/{code}/debt", { params: { path: { code: pool } } })) });
  if (debt.error) return <Trouble error={debt.error} />;
  if (!debt.data) return <p className="mute">{say("loading")}</p>;
  const { owed_fen, matched_fen, settled_fen, settlements } = debt.data;
  const why = !may("books_post") ? say("may_not", { permission: say("permission.books_post") }) : owed_fen <= 0 ? say("debt.nothing") : null;
  return (
    <section className="section" data-debt>
      <h3>{say("debt.title")}</h3>
      <Facts of={[
        [say("debt.owed"), <Money key="o" fen={owed_fen} />],
        [say("debt.matched"), <Money key="m" fen={matched_fen} />],
        [say("debt.settled"), <Money key="s" fen={settled_fen} />],
        ...settlements.map((one): [string, React.ReactNode] => [say("debt.paid", { number: one.number }), <span key={one.number}>{one.paid_on} · <Money fen={one.amount_fen} />{one.memo_code && ` · ${one.memo_code}`}</span>]),
      ]} />
      {owed_fen < 0 && <p className="mute">{say("debt.too_much")}</p>}
      {paying && <Pay debt={debt.data} byGift={byGift} close={() => setPaying(false)} />}
      {!paying && <Button disabled={why !== null} onClick={() => setPaying(true)}>{say("debt.pay")}</Button>}
      {!paying && why && <p className="mute">{why}</p>}
    </section>
  );
}

function Pay({ debt, byGift, close }: { debt: Debt; byGift: boolean; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const [key] = useState(() => freshKey("debt"));
  const submit = async (body: Omit<Shape["SettleDebt"], "key">) => {
    await take(api.POST("/api/v1/match/pools/{code}/settlements", { params: { path: { code: debt.pool } }, body: { ...body, key } }));
    await queries.invalidateQueries();
  };
  return (
    <QuickForm<Omit<Shape["SettleDebt"], "key">>
      fields={[
        { name: "amount_fen", kind: "money", label: say("amount") },
        { name: "paid_on", kind: "day", label: say(byGift ? "debt.taken_on" : "debt.paid_on") },
        { name: "memo_code", label: say("voucher"), optional: true },
      ]}
      initial={{ amount_fen: debt.owed_fen, paid_on: dayOf(new Date()) }}
      effect={(entered) => say(byGift ? "debt.effect_gift" : "debt.effect", { sum: typeof entered.amount_fen === "number" && entered.amount_fen > 0 ? yuan(entered.amount_fen) : "–" })}
      button={say("debt.pay")} done={say("saved")} submit={submit} after={close} cancel={close}
    />
  );
}
