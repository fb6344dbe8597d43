import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Segmented, Select } from "antd";
import { useState } from "react";
import { ask } from "../../api/client";
import { type Payer, revealPayer } from "../../api/reveal";
import { Empty, Facts, Money, Screen } from "../../ui/basics";
import { DayInput } from "../../ui/forms";
import { ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { type Page, usePages } from "../../ui/pages";
import { Reveal } from "../../ui/Reveal";
import { useSay } from "../../words";
import { GiftFacts } from "./GiftFacts";

type Donor = { kind: "person" | "organisation"; name: string | null; gifts: number; sum_fen: number; first_day: string; last_day: string; newest_gift: string };
type Donors = Page<Donor> & { from: string; to: string; others: { gifts: number; sum_fen: number } | null; is_whole: boolean };
type Around = Pick<Donors, "from" | "to" | "others" | "is_whole">;
const KINDS = ["all", "person", "organisation"] as const;
const ORDERS = ["largest", "often", "newest"] as const;

/** Who gave how often and how much, as far as gifts tell it: persons by their telephone, firms by their name. */
export function Donors() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/donors" });
  const navigate = useNavigate({ from: "/donors" });
  const { from, to, kind, sort } = search;
  // What stands around the list belongs to its filter: a list read before is shown again without being asked for.
  const filter = JSON.stringify([from, to, kind, sort]);
  const [arounds, setArounds] = useState<Record<string, Around>>({});
  const around = arounds[filter];
  const pages = usePages<Donor>(["donors", from ?? null, to ?? null, kind ?? null, sort ?? null], async ({ cursor, limit }) => {
    const said = Object.entries({ from, to, kind, sort, cursor }).filter((pair): pair is [string, string] => Boolean(pair[1]));
    const page = await ask<Donors>("GET", `/api/v1/donors?${new URLSearchParams([["limit", String(limit)], ...said])}`);
    if (!cursor) setArounds((known) => ({ ...known, [filter]: page }));
    return page;
  });
  const set = (change: Partial<typeof search>) => void navigate({ search: { ...search, ...change, donor: undefined } });
  const show = (donor: string | undefined) => void navigate({ search: { ...search, donor } });
  const opened = pages.rows.find((one) => one.newest_gift === search.donor);
  const columns = [
    { key: "name", title: say("donor"), cell: (one: Donor) => one.name ?? say("gifts.anonymous") },
    { key: "kind", title: say("donors.kind"), cell: (one: Donor) => say(`donors.kind.${one.kind}`) },
    { key: "gifts", title: say("donors.gifts"), right: true, cell: (one: Donor) => one.gifts },
    { key: "sum", title: say("donors.sum"), right: true, cell: (one: Donor) => <Money fen={one.sum_fen} /> },
    { key: "first", title: say("donors.first"), cell: (one: Donor) => one.first_day },
    { key: "last", title: say("donors.last"), cell: (one: Donor) => one.last_day },
  ];
  return (
    <Screen title={say("donors.title")} lead={say("donors.lead")}>
      <div className="bar">
        <div style={{ width: 132 }}><DayInput value={from ?? around?.from} placeholder={say("from")} onChange={(day) => set({ from: day })} /></div>
        <div style={{ width: 132 }}><DayInput value={to ?? around?.to} placeholder={say("to")} onChange={(day) => set({ to: day })} /></div>
        <Segmented value={kind ?? "all"} options={KINDS.map((value) => ({ value, label: say(`donors.kind.${value}`) }))} onChange={(value) => set({ kind: value === "all" ? undefined : String(value) })} />
        <Select style={{ minWidth: 130 }} aria-label={say("donors.order")} value={sort ?? "largest"} options={ORDERS.map((value) => ({ value, label: say(`donors.order.${value}`) }))} onChange={(value) => set({ sort: value })} />
      </div>
      {around && !around.is_whole && <Alert type="warning" showIcon style={{ marginBottom: 12 }} title={say("donors.cut")} />}
      {around?.others && around.others.gifts > 0 && <p className="mute">{say("donors.others", { count: around.others.gifts })} <Money fen={around.others.sum_fen} /></p>}
      <div className={opened ? "split open" : "split"}>
        <ListTable<Donor> name="donors" columns={columns} pages={pages} rowKey={(one) => one.newest_gift} opened={search.donor} open={(one) => show(one.newest_gift)} empty={<Empty title={say("donors.none")} />} />
        {opened && (
          <Panel key={opened.newest_gift} title={opened.name ?? say("gifts.anonymous")} close={() => show(undefined)}>
            <Facts of={[
              [say("donors.kind"), say(`donors.kind.${opened.kind}`)], [say("donors.gifts"), opened.gifts], [say("donors.sum"), <Money key="s" fen={opened.sum_fen} />],
              [say("donors.first"), opened.first_day], [say("donors.last"), opened.last_day],
              [say("donors.who"), <Reveal<Payer> key="r" run={(reason) => revealPayer(opened.newest_gift, reason)} shown={(payer) => [payer.name, payer.phone].filter(Boolean).join(" · ") || "—"} />],
            ]} />
            <section className="section"><h3>{say("donors.newest")}</h3><GiftFacts gift={opened.newest_gift} /></section>
          </Panel>
        )}
      </div>
    </Screen>
  );
}
