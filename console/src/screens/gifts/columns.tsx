import type { Column } from "../../ui/ListTable";
import { At, Money, State } from "../../ui/basics";
import { yuan } from "../../lib/money";
import { moment } from "../../lib/time";
import { type Say, useSay, useWord } from "../../words";
import type { Gift } from "./GiftFacts";

function who(gift: Gift, say: Say): string {
  if (gift.erased) return say("gifts.erased");
  return gift.anonymous ? say("gifts.anonymous") : (gift.name ?? "");
}

/** The columns of gifts, on the screen and in a file. */
export function useGiftColumns(): Column<Gift>[] {
  const say = useSay();
  const name = useWord();
  return [
    { key: "paid_at", title: say("gifts.paid_at"), sort: { up: "oldest", down: "newest" }, cell: (gift) => <At at={gift.paid_at} />, text: (gift) => moment(gift.paid_at) },
    { key: "amount", title: say("amount"), sort: { up: "smallest", down: "largest" }, right: true, cell: (gift) => <Money fen={gift.amount_fen} />, text: (gift) => yuan(gift.amount_fen) },
    { key: "donor", title: say("donor"), cell: (gift) => who(gift, say), text: (gift) => who(gift, say) },
    { key: "project", title: say("project"), cell: (gift) => gift.project, text: (gift) => gift.project },
    { key: "channel", title: say("channel"), cell: (gift) => name("channel", gift.channel), text: (gift) => name("channel", gift.channel) },
    { key: "standing", title: say("gifts.standing"), cell: (gift) => <State group="standing" word={gift.standing} />, text: (gift) => name("standing", gift.standing) },
    { key: "trade_no", title: say("trade_no"), cell: (gift) => <span className="code">{gift.trade_no}</span>, text: (gift) => gift.trade_no },
    { key: "account", title: say("account"), extra: true, cell: (gift) => gift.account, text: (gift) => gift.account },
    { key: "refunded", title: say("gifts.refunded"), extra: true, right: true, cell: (gift) => (gift.refunded_fen > 0 ? <Money fen={gift.refunded_fen} /> : ""), text: (gift) => yuan(gift.refunded_fen) },
    { key: "source", title: say("gifts.source"), extra: true, cell: (gift) => name("source", gift.source), text: (gift) => name("source", gift.source) },
    { key: "receipt", title: say("gifts.receipt"), extra: true, cell: (gift) => name("receipt", gift.receipt), text: (gift) => name("receipt", gift.receipt) },
    { key: "day", title: say("business_day"), extra: true, cell: (gift) => gift.day, text: (gift) => gift.day },
    { key: "gift", title: say("gifts.id"), extra: true, cell: (gift) => <span className="code">{gift.gift}</span>, text: (gift) => gift.gift },
  ];
}
