import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Select, Skeleton, Tag } from "antd";
import { useState } from "react";
import { api, take } from "../../api/client";
import { Act, Empty, Money, Screen, State, Trouble } from "../../ui/basics";
import { useTell } from "../../ui/useTell";
import { useSay, useWord } from "../../words";
import { Repeat, repeatWords } from "./Repeat";
import { RequestForm } from "./RequestForm";
import type { Request } from "./requests";
import { useHome } from "./useHome";

/** What one's own hospital or department asks for: handed in, confirmed, taken back, on a phone as at a desk. */
export function MyRequests() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/my-requests" });
  const navigate = useNavigate({ from: "/my-requests" });
  const { unit, options } = useHome(search.unit);
  const [asking, setAsking] = useState(false);
  const read = useQuery({ queryKey: ["own-requests", unit], enabled: unit !== "", queryFn: () => take(api.GET("/api/v1/goods/{unit}/own/requests", { params: { path: { unit } } })) });
  const own = read.data?.receiver;
  const items = (read.data?.items ?? []).map((one) => ({ ...one, units: [...new Set([one.base_unit, ...one.units])] }));
  const rows = read.data?.requests ?? [];
  return (
    <Screen title={say("own_requests.title")} lead={own ? say("own_requests.lead", { receiver: own.name }) : say("own_requests.lead_unbound")} acts={own && !asking && <Act type="primary" onClick={() => setAsking(true)}>{say("own_requests.ask")}</Act>}>
      {options.length > 1 && <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>}
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {read.isPending && unit !== "" && <Skeleton active />}
      {read.data && !own && <Empty title={say("own_requests.unbound")}>{say("own_requests.unbound_hint")}</Empty>}
      {asking && own && (
        <section className="section" style={{ maxWidth: 560 }}>
          <h2 style={{ fontSize: 18 }}>{say("own_requests.ask")}</h2>
          <RequestForm unit={unit} items={items} receiver={{ own: own.id }} effect={say("own_requests.ask_effect")} button={say("own_requests.ask")} close={() => setAsking(false)} />
        </section>
      )}
      {own && rows.length === 0 && !asking && <Empty title={say("own_requests.none")}>{say("own_requests.none_hint")}</Empty>}
      <ul style={{ display: "grid", gap: 12, listStyle: "none", padding: 0, maxWidth: 720 }}>
        {rows.map((row) => <li key={row.id} className="section"><One row={row} /></li>)}
      </ul>
    </Screen>
  );
}

function One({ row }: { row: Request }) {
  const say = useSay();
  const name = useWord();
  const [fault, tell] = useTell();
  const at = { params: { path: { request: row.id } } };
  const stands = row.state !== "withdrawn";
  const more = [name("needs.priority", row.priority), row.needed_by && `${say("needs.needed_by")} ${row.needed_by}`, row.basis, repeatWords(row, say)];
  return (
    <>
      <div style={{ display: "flex", flexWrap: "wrap", gap: 8, alignItems: "baseline" }}>
        <b style={{ flex: 1, minWidth: 160 }}>{row.item ?? say("needs.money")}</b>
        {typeof row.amount_fen === "number" ? <Money fen={row.amount_fen} /> : <span className="number">{(row.quantity ?? 0).toLocaleString("en")} {row.unit_word}</span>}
      </div>
      <p className="mute">{more.filter(Boolean).join(" · ")}</p>
      <p><State group="request_state" word={row.state} /> {stands && row.stale && <Tag>{say("needs.stale")}</Tag>}</p>
      {fault != null && <Trouble error={fault} />}
      {stands && (
        <div className="buttons" style={{ display: "flex", flexWrap: "wrap", gap: 8, marginBottom: 8 }}>
          <Act onClick={() => void tell(api.POST("/api/v1/goods/requests/{request}/confirm", at))}>{say("needs.still")}</Act>
          <Act danger onClick={() => void tell(api.POST("/api/v1/goods/requests/{request}/withdraw", at))}>{say("needs.withdraw")}</Act>
        </div>
      )}
      {stands && <Repeat row={row} />}
    </>
  );
}
