import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { type Shape, api, take } from "../../api/client";
import { useMay } from "../../api/session";
import { At, Facts, Money, State, Trouble } from "../../ui/basics";
import { useSay, useWord } from "../../words";

export type Gift = Shape["GiftOut"];

export const readGift = (gift: string): Promise<Gift> => take(api.GET("/api/v1/gifts/{gift}", { params: { path: { gift } } }));

/** What is known of a gift; the name masked, as the server gives it. */
export function FactsOfGift({ gift }: { gift: Gift }) {
  const say = useSay();
  const name = useWord();
  const who = gift.erased ? say("gifts.erased") : gift.anonymous ? say("gifts.anonymous") : gift.name;
  return (
    <Facts of={[
      [say("amount"), <Money key="a" fen={gift.amount_fen} />],
      [say("gifts.standing"), <State key="s" group="standing" word={gift.standing} />],
      [say("gifts.refunded"), gift.refunded_fen > 0 && <Money key="r" fen={gift.refunded_fen} />],
      [say("donor"), who],
      [say("project"), gift.project],
      [say("channel"), `${name("channel", gift.channel)} · ${gift.account}`],
      [say("gifts.source"), name("source", gift.source)],
      [say("gifts.paid_at"), <At key="p" at={gift.paid_at} />],
      [say("business_day"), gift.day],
      [say("trade_no"), <span key="t" className="code">{gift.trade_no}</span>],
      [say("gifts.receipt"), name("receipt", gift.receipt)],
      [say("gifts.id"), <span key="g" className="code">{gift.gift}</span>],
      [say("gifts.certificate"), <a key="c" href={`/v/${gift.certificate}`} target="_blank" rel="noreferrer" className="code">{gift.certificate}</a>],
    ]} />
  );
}

/** The facts of a gift that something else speaks of. */
export function GiftFacts({ gift }: { gift: string }) {
  const say = useSay();
  const may = useMay();
  const read = useQuery({ queryKey: ["gift", gift], queryFn: () => readGift(gift), enabled: may("gift_read") });
  if (!may("gift_read")) return <p className="mute">{say("gifts.may_not")}</p>;
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  if (!read.data) return <Skeleton active paragraph={{ rows: 4 }} />;
  return (
    <>
      <FactsOfGift gift={read.data} />
      <p style={{ marginTop: 10 }}><Link to="/gifts" search={{ gift }}>{say("gifts.open")}</Link></p>
    </>
  );
}
