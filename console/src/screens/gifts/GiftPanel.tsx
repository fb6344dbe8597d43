import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useState } from "react";
import { type Shape, api } from "../../api/client";
import { type Payer, revealPayer } from "../../api/reveal";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { yuan } from "../../lib/money";
import { Facts, Trouble } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { Reveal } from "../../ui/Reveal";
import { useSay } from "../../words";
import { FactsOfGift, type Gift, readGift } from "./GiftFacts";

type RefundReason = Shape["RefundReason"];
/** What a person may give as a reason; the others are set by the system itself. */
const REASONS: RefundReason[] = ["wrong_payment", "duplicate_payment", "unlawful_raising", "campaign_cancelled"];
const WISHES = ["wanted", "waived"] as const;
const ERASURES: Shape["ErasureReason"][] = ["giver_asked", "consent_withdrawn", "guardian_asked", "time_over", "authority_ordered"];

/** One gift and what can be done about it. */
export function GiftPanel({ gift, close }: { gift: string; close: () => void }) {
  const say = useSay();
  const read = useQuery({ queryKey: ["gift", gift], queryFn: () => readGift(gift) });
  const [asking, setAsking] = useState(false);
  if (!read.data) {
    return <Panel title={say("gifts.one")} close={close}>{read.error ? <Trouble error={read.error} again={() => void read.refetch()} /> : <Skeleton active />}</Panel>;
  }
  const acts = asking ? <RefundForm gift={read.data} done={() => setAsking(false)} /> : <Actions gift={read.data} refund={() => setAsking(true)} />;
  return <Panel title={say("gifts.of", { sum: yuan(read.data.amount_fen) })} close={close} acts={acts}><FactsOfGift gift={read.data} />{!read.data.erased && <PayerOf gift={gift} />}<History of={gift} /></Panel>;
}

/** Who paid, opened for a reason. */
function PayerOf({ gift }: { gift: string }) {
  const say = useSay();
  const open = (payer: Payer) => {
    const told: [string, string | null][] = [
      [say("gifts.payer"), payer.name], [say("gifts.payer_phone"), payer.phone], [say("gifts.payer_for"), payer.on_behalf_of], [say("gifts.payer_memo"), payer.memo],
    ];
    return told.some(([, value]) => value) ? <Facts of={told} /> : <span className="mute">{say("reveal.nothing")}</span>;
  };
  return <section className="section"><h3>{say("gifts.payer")}</h3><Reveal run={(reason) => revealPayer(gift, reason)} shown={open} /></section>;
}

function Actions({ gift, refund }: { gift: Gift; refund: () => void }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const left = gift.amount_fen - gift.refunded_fen;
  const over = gift.standing === "taken_back" ? say("gifts.is_taken_back") : left <= 0 ? say("gifts.is_refunded") : null;
  const at = { params: { path: { gift: gift.gift } } };
  const choices: Choice[] = [];
  if (may("refund_request")) choices.push({ key: "refund", label: say("gifts.refund"), why: over, open: refund });
  if (may("gift_record")) {
    choices.push({
      key: "receipt", label: say("gifts.receipt_change"), done: say("saved"), why: gift.receipt === "anonymous" ? say("gifts.receipt_anonymous") : null,
      reasons: WISHES.map((value) => ({ value, label: say(`receipt.${value}`) })),
      run: (wish) => api.PUT("/api/v1/gifts/{gift}/receipt", { ...at, body: { wish: wish as (typeof WISHES)[number] } }),
    });
  }
  if (may("personal_manage")) {
    choices.push({
      key: "erase", label: say("gifts.erase"), look: "danger", done: say("gifts.erase_done"), why: gift.erased ? say("gifts.erased") : null,
      reasons: ERASURES.map((value) => ({ value, label: say(`erasure.${value}`) })),
      run: (reason) => api.POST("/api/v1/gifts/{gift}/erasure", { ...at, body: { reason: reason as Shape["ErasureReason"] } }),
    });
  }
  if (choices.length === 0) return <p className="mute">{say("read_only")}</p>;
  return <Decide effect={may("personal_manage") && say("gifts.erase_effect")} choices={choices} after={() => void queries.invalidateQueries()} />;
}

type Asked = { amount_fen: number; reason: RefundReason; words?: string };

function RefundForm({ gift, done }: { gift: Gift; done: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const [key] = useState(() => freshKey("refund"));
  const left = gift.amount_fen - gift.refunded_fen;
  const after = () => {
    void queries.invalidateQueries();
    done();
  };
  return (
    <QuickForm<Asked>
      fields={[
        { name: "amount_fen", kind: "money", label: say("gifts.refund_amount", { left: yuan(left) }) },
        { name: "reason", kind: "choice", label: say("reason"), options: REASONS.map((value) => ({ value, label: say(`refund_reason.${value}`) })) },
        { name: "words", kind: "area", label: say("gifts.refund_words"), hint: say("gifts.refund_words_hint"), optional: true },
      ]}
      initial={{ amount_fen: left }} effect={say("gifts.refund_effect")} button={say("gifts.refund_send")} done={say("gifts.refund_asked")}
      submit={(asked) => api.POST("/api/v1/gifts/{gift}/refunds", { params: { path: { gift: gift.gift } }, body: { amount_fen: asked.amount_fen, reason: asked.reason, words: asked.words?.trim() ?? "", key } })}
      after={after} cancel={done}
    />
  );
}
