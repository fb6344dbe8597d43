import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useState } from "react";
import { type Need, type NewNeed, type Region, type Visit, file, handIn, post, read } from "../../api/partnership";
import { revealContact } from "../../api/reveal";
import { freshKey } from "../../lib/key";
import { Act, Empty, Facts, Money } from "../../ui/basics";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { Reveal } from "../../ui/Reveal";
import { useSay } from "../../words";
import { Back, useWhy } from "./bits";

type NewVisit = { way: Visit["way"]; day: string; people: number; minutes: string; paper?: File; needs?: NewNeed[] };

/** How much is needed, in words and figures. */
function Amount({ need }: { need: Need }) {
  const say = useSay();
  if (need.amount_fen !== null) return <Money fen={need.amount_fen} />;
  return <span className="number">{need.quantity?.toLocaleString("en")} {need.kind === "children" ? say("partnership.children_word") : need.unit_word}</span>;
}

/** A partner region: visits, and what was found to be needed. */
export function RegionPanel({ unit, region, close }: { unit: string; region: Region; close: () => void }) {
  const say = useSay();
  const why = useWhy();
  const queries = useQueryClient();
  const [key, setKey] = useState<string | null>(null);
  const visits = useQuery({ queryKey: ["partnership", "visits", region.id], queryFn: () => read<Visit[]>(`regions/${region.id}/visits`) });
  const needs = useQuery({ queryKey: ["partnership", "needs", region.id], queryFn: () => read<Need[]>(`regions/${region.id}/needs`) });
  const after = () => {
    setKey(null);
    void queries.invalidateQueries();
  };
  const kinds = (["goods", "money", "children"] as const).map((value) => ({ value, label: say(`partner_need.${value}`) }));
  const fields: Field[] = [
    { name: "way", kind: "choice", label: say("partnership.way"), options: (["there", "here"] as const).map((value) => ({ value, label: say(`partner_way.${value}`) })) },
    { name: "day", kind: "day", label: say("partnership.visit_day") }, { name: "people", kind: "count", label: say("partnership.people") },
    { name: "minutes", kind: "area", label: say("partnership.minutes"), chars: 20_000 }, { name: "paper", kind: "file", label: say("partnership.paper"), optional: true, hint: say("partnership.paper_hint") },
    {
      name: "needs", kind: "lines", label: say("partnership.needs"),
      lines: [
        { name: "kind", kind: "choice", label: say("partnership.need_kind"), options: kinds }, { name: "words", label: say("partnership.need_words") },
        { name: "amount_fen", kind: "money", label: say("partnership.need_money"), optional: true },
        { name: "quantity", kind: "count", label: say("partnership.quantity"), optional: true }, { name: "unit_word", label: say("partnership.unit_word"), optional: true },
      ],
    },
  ];
  const submit = async ({ paper, needs: found, ...visit }: NewVisit) => {
    const files = paper ? [await handIn(unit, paper)] : [];
    return post(`regions/${region.id}/visits`, { ...visit, key, files, needs: (found ?? []).map((need) => ({ ...need, unit_word: need.unit_word ?? "" })) });
  };
  const acts = key
    ? <QuickForm<NewVisit> draft={`partner-visit-${region.id}`} fields={fields} initial={{ way: "there", people: 1 }} button={say("partnership.record_visit")} done={say("saved")} after={after} cancel={() => setKey(null)} submit={submit} />
    : <Act type="primary" why={why("partner_manage")} onClick={() => setKey(freshKey("visit"))}>{say("partnership.record_visit")}</Act>;
  return (
    <Panel title={region.region_name || region.region} close={close} acts={acts}>
      <Facts of={[
        [say("partnership.society"), region.society],
        [say("partnership.contact"), <Reveal key="c" masked={region.contact} run={(reason) => revealContact(region.id, reason)} shown={(open) => open.contact} />],
      ]} />
      <section className="section">
        <h3>{say("partnership.needs")}</h3>
        {needs.isPending ? <Skeleton active /> : needs.data?.length === 0 ? <Empty title={say("partnership.no_need")} /> : (
          <ul style={{ display: "grid", gap: 6 }}>
            {needs.data?.map((need) => (
              <li key={need.id} style={{ display: "flex", gap: 8, textDecoration: need.withdrawn ? "line-through" : "none" }}><span style={{ flex: 1 }}>{need.words}{need.withdrawn !== null && <small className="mute"> {say("partnership.need_withdrawn", { why: need.withdrawn })}</small>}</span><Amount need={need} />{need.withdrawn === null && <Back path={`needs/${need.id}/withdraw`} word={say("partnership.need_withdraw")} why={why("partner_manage")} />}</li>
            ))}
          </ul>
        )}
      </section>
      <section className="section">
        <h3>{say("partnership.visits")}</h3>
        {visits.data?.length === 0 && <Empty title={say("partnership.no_visit")} />}
        <ul style={{ display: "grid", gap: 10 }}>
          {visits.data?.map((visit) => (
            <li key={visit.id}>
              <b>{visit.day}</b> {say(`partner_way.${visit.way}`)} · {say("partnership.people_count", { count: visit.people })}
              <p style={{ whiteSpace: "pre-wrap" }}>{visit.minutes}</p>
              {visit.files.map((one, at) => <a key={one} href={file(`files/${one}`)}>{say("partnership.paper")} {at + 1}</a>)}
            </li>
          ))}
        </ul>
      </section>
      <History of={region.id} />
    </Panel>
  );
}
