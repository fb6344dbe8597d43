import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Table } from "antd";
import { api, take } from "../../api/client";
import { useMay } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { percent } from "../../lib/money";
import { At, Money, Screen, Trouble } from "../../ui/basics";
import { useSay, useWord } from "../../words";

const FRESH_MS = 10_000;
const DAYS_SHOWN = 31;

/** What came in altogether, by channel and by day; for supervisors the first look. */
export function Totals() {
  const say = useSay();
  const name = useWord();
  const read = useQuery({ queryKey: ["totals"], queryFn: () => take(api.GET("/api/v1/reports/totals")), refetchInterval: whileHere(FRESH_MS) });
  const mayOpen = useMay()("gift_read");
  const totals = read.data;
  if (read.error) return <Screen title={say("totals.title")}><Trouble error={read.error} again={() => void read.refetch()} /></Screen>;
  const channels = (totals?.by_channel ?? []).filter((one) => one.gifts > 0);
  const days = [...(totals?.by_day ?? [])].reverse().slice(0, DAYS_SHOWN);
  const columns = <T extends { gifts: number; sum_fen: number }>(title: string, what: (row: T) => string, search: (row: T) => { channel?: string; from?: string; to?: string }) => [
    { key: "what", title, render: (_: unknown, row: T) => <span style={{ whiteSpace: "nowrap" }}>{what(row)}</span> },
    { key: "gifts", title: say("gifts.count"), align: "right" as const, render: (_: unknown, row: T) => row.gifts.toLocaleString("en") },
    { key: "sum", title: say("amount"), align: "right" as const, render: (_: unknown, row: T) => (mayOpen ? <Link to="/gifts" search={search(row)}><Money fen={row.sum_fen} /></Link> : <Money fen={row.sum_fen} />) },
    { key: "share", title: say("share"), width: "18%", render: (_: unknown, row: T) => <div className="bar-track"><i style={{ width: `${percent(row.sum_fen, totals?.sum_fen ?? 0)}%`, background: "var(--accent)" }} /></div> },
  ];
  return (
    <Screen title={say("totals.title")} lead={totals && <>{say("as_of")} <At at={totals.as_of} /></>}>
      {totals && (
        <dl className="figures">
          <div><dt>{say("totals.sum")}</dt><dd><Money fen={totals.sum_fen} large /></dd></div>
          <div><dt>{say("gifts.count")}</dt><dd className="number" style={{ fontSize: 26 }}>{totals.gifts.toLocaleString("en")}</dd></div>
          <div><dt>{say("totals.refunds", { count: totals.refunds.count })}</dt><dd><Money fen={totals.refunds.sum_fen} /></dd></div>
        </dl>
      )}
      <div className="cards" style={{ gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 420px), 1fr))", alignItems: "start" }}>
        <div className="table"><Table size="small" pagination={false} loading={!totals} rowKey="channel" dataSource={channels} columns={columns(say("channel"), (row: { channel: string; gifts: number; sum_fen: number }) => name("channel", row.channel), (row) => ({ channel: row.channel }))} /></div>
        <div className="table"><Table size="small" pagination={false} loading={!totals} rowKey="day" dataSource={days} columns={columns(say("business_day"), (row: { day: string; gifts: number; sum_fen: number }) => row.day, (row) => ({ from: row.day, to: row.day }))} /></div>
      </div>
    </Screen>
  );
}
