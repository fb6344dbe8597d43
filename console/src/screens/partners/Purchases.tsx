import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Table } from "antd";
import { useState } from "react";
import { type ChildList, type Need, type Purchase, post, read } from "../../api/partnership";
import { freshKey } from "../../lib/key";
import { Act, Empty, Screen, State, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useWalk } from "../../ui/useWalk";
import { useSay, useWord } from "../../words";
import { useHome } from "../goods/useHome";
import { Choose, useAgreements, useWhy } from "./bits";
import { PurchasePanel } from "./PurchasePanel";

type NewPurchase = { kind: string; item: string; spec?: string; unit_word: string; quantity?: number; need?: string; list?: string };

/** Local purchases of an agreement, with quotes compared. */
export function Purchases() {
  const say = useSay();
  const name = useWord();
  const why = useWhy();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/partner-purchases" });
  const navigate = useNavigate({ from: "/partner-purchases" });
  const { unit, options } = useHome(search.unit);
  const [key, setKey] = useState<string | null>(null);
  const agreements = useAgreements(unit);
  const chosen = agreements.data?.find((one) => one.id === search.agreement) ?? agreements.data?.[0];
  const id = chosen?.id ?? "";
  const enabled = id !== "";
  const purchases = useQuery({ queryKey: ["partnership", id, "purchases"], enabled, queryFn: () => read<Purchase[]>(`agreements/${id}/purchases`) });
  const needs = useQuery({ queryKey: ["partnership", "needs", chosen?.region], enabled: key !== null && enabled, queryFn: () => read<Need[]>(`regions/${chosen?.region ?? ""}/needs`) });
  const lists = useQuery({ queryKey: ["partnership", id, "lists"], enabled: key !== null && enabled, queryFn: () => read<ChildList[]>(`agreements/${id}/lists`) });
  const rows = purchases.data ?? [];
  const show = (purchase: string | undefined) => void navigate({ search: { ...search, purchase } });
  const walk = useWalk({ rows, keyOf: (one) => one.id, open: (one) => show(one.id), opened: search.purchase });
  const after = () => {
    setKey(null);
    void queries.invalidateQueries({ queryKey: ["partnership"] });
  };
  const fields = (entered: Partial<NewPurchase>): Field[] => [
    { name: "kind", kind: "choice", label: say("partnership.counted_in"), options: (["goods", "student_aid"] as const).map((value) => ({ value, label: say(`partner_kind.${value}`) })) },
    { name: "list", kind: "choice", label: say("partner_purchase.list"), hint: say("partner_purchase.list_hint"), optional: true, options: (lists.data ?? []).filter((one) => one.state === "open").map((one) => ({ value: one.id, label: `${one.title} · ${one.school}` })) },
    { name: "need", kind: "choice", label: say("partner_purchase.need"), optional: true, options: (needs.data ?? []).filter((one) => one.withdrawn === null).map((one) => ({ value: one.id, label: one.words })) },
    { name: "item", label: say("partner_purchase.item"), chars: 120 }, { name: "spec", label: say("partner_purchase.spec"), optional: true, chars: 120 },
    { name: "unit_word", label: say("partnership.unit_word"), chars: 20 },
    ...(entered.list ? [] : [{ name: "quantity", kind: "count" as const, label: say("partnership.quantity") }]),
  ];
  const begin = () => {
    show(undefined);
    setKey(freshKey("purchase"));
  };
  const block = why("partner_purchase") ?? (chosen?.state === "running" ? null : say("partner_purchase.not_running"));
  return (
    <Screen title={say("partner_purchase.title")} lead={say("partner_purchase.lead")} acts={enabled && <Act type="primary" why={block} onClick={begin}>{say("partner_purchase.ask")}</Act>}>
      <Choose unit={unit} units={options} chooseUnit={(next) => void navigate({ search: { unit: next } })} agreement={id} agreements={agreements.data ?? []} choose={(agreement) => void navigate({ search: { unit: search.unit, agreement } })} />
      {(agreements.error ?? purchases.error) && <Trouble error={agreements.error ?? purchases.error} again={() => void purchases.refetch()} />}
      <div className={key ?? search.purchase ? "split open wide" : "split"}>
        <div className="table picks">
          <Table<Purchase>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={purchases.isPending && enabled} dataSource={rows} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("partner_purchase.none")}>{say("partner_purchase.none_hint")}</Empty> }}
            columns={[
              { key: "item", title: say("partner_purchase.item"), dataIndex: "item" },
              { key: "quantity", title: say("partnership.quantity"), align: "right", render: (_, one) => <span className="number">{one.quantity.toLocaleString("en")} {one.unit_word}</span> },
              { key: "kind", title: say("partnership.counted_in"), render: (_, one) => name("partner_kind", one.kind) },
              { key: "state", title: say("state"), render: (_, one) => <State group="purchase" word={one.state} /> },
              { key: "number", title: say("partner_purchase.number"), render: (_, one) => one.number ?? "" },
            ]}
          />
        </div>
        {key && (
          <Panel title={say("partner_purchase.ask")} close={() => setKey(null)}>
            <QuickForm<NewPurchase> draft="purchase.new" fields={fields} initial={{ kind: "goods" }} button={say("save")} done={say("saved")} after={after} cancel={() => setKey(null)} submit={(body) => post(`agreements/${id}/purchases`, { ...body, key, spec: body.spec ?? "", quantity: body.quantity ?? 0 })} />
          </Panel>
        )}
        {search.purchase && !key && <PurchasePanel key={search.purchase} id={search.purchase} unit={unit} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}
