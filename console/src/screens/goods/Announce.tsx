import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { freshKey } from "../../lib/key";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";

type Entered = Omit<Shape["Announce"], "key" | "value_fen"> & { value_fen?: number | null };
const SOURCES = ["donation", "budget", "aid_fund", "transfer_in", "customs", "held_for_addressee"] as const satisfies Shape["Source"][];
const BASES = ["voucher", "ex_factory", "donor_sale_price", "gov_guide", "ecommerce", "appraisal", "nominal"] as const satisfies Shape["ValueBasis"][];

/** Goods that are to come: what, how many, where to, and what they are worth where there is evidence. */
export function Announce({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const queries = useQueryClient();
  const [key] = useState(() => freshKey("lot"));
  const at = { params: { path: { unit } } };
  const items = useQuery({ queryKey: ["items", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/items", at)) });
  const places = useQuery({ queryKey: ["places", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/places", at)) });
  const unitsOf = (item: string | undefined): string[] => {
    const found = items.data?.items.find((one) => one.id === item);
    return found ? [found.base_unit, ...Object.keys(found.units)] : [];
  };
  const fields = (entered: Partial<Entered>): Field[] => [
    { name: "item", kind: "choice", label: say("stock.item"), options: (items.data?.items ?? []).map((item) => ({ value: item.id, label: `${item.name} ${item.grade} · ${item.code}` })) },
    { name: "quantity", kind: "count", label: say("stock.quantity") },
    { name: "unit_word", kind: "choice", label: say("lots.unit_word"), options: unitsOf(entered.item).map((value) => ({ value, label: value })) },
    { name: "place", kind: "choice", label: say("stock.place"), options: (places.data?.items ?? []).map((place) => ({ value: place.id, label: place.name })) },
    { name: "source", kind: "choice", label: say("gifts.source"), options: SOURCES.map((value) => ({ value, label: name("goods_source", value) })) },
    { name: "donor", personal: true, label: say("donor"), optional: true }, { name: "expected_on", kind: "day", label: say("lots.expected_on"), optional: true },
    { name: "spec", label: say("lots.spec"), optional: true, group: say("lots.more") }, { name: "batch", label: say("lots.batch"), optional: true }, { name: "expires_on", kind: "day", label: say("stock.expires_on"), optional: true },
    { name: "value_fen", kind: "money", label: say("lots.value"), optional: true, hint: say("lots.value_hint") },
    { name: "value_basis", kind: "choice", label: say("lots.basis"), optional: true, options: BASES.map((value) => ({ value, label: say(`value_basis.${value}`) })) },
    { name: "value_evidence", label: say("lots.evidence"), optional: entered.value_basis !== "voucher", hint: say("lots.evidence_hint"), chars: 120 },
    { name: "has_certificate", kind: "check", label: say("lots.certificate") },
  ];
  const submit = async ({ value_fen, value_basis, ...entered }: Entered) => {
    const worth = typeof value_fen === "number" ? { value_fen, value_basis: value_basis ?? null } : {};
    await api.POST("/api/v1/goods/{unit}/lots", { ...at, body: { ...entered, ...worth, has_certificate: entered.has_certificate ?? false, key } });
    await queries.invalidateQueries();
  };
  return (
    <Panel title={say("lots.announce")} close={close}>
      <QuickForm<Entered> draft={`lot.${unit}`} fields={fields} initial={{ source: "donation" }} effect={say("lots.announce_effect")} button={say("lots.announce")} done={say("saved")} submit={submit} after={close} cancel={close} />
    </Panel>
  );
}
