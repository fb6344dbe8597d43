import { useQuery } from "@tanstack/react-query";
import { Button, Select, Table } from "antd";
import { useState } from "react";
import { type Decider, deciders, decidersFile } from "../../api/trail";
import { Trouble } from "../../ui/basics";
import { useUnits } from "../../ui/units";
import { useLanguage, useSay } from "../../words";

/** Who could approve what in a unit today: the policies' stages with their people, deputies and what was lent. */
export function Deciders({ unit }: { unit: string | undefined }) {
  const say = useSay();
  const language = useLanguage();
  const units = useUnits();
  const [kind, setKind] = useState<string | null>(null);
  const at = unit ?? units.root?.id;
  const read = useQuery({ queryKey: ["deciders", at ?? null], enabled: Boolean(at), queryFn: () => deciders(at ?? "") });
  const inWords = (zh: string, en: string) => (language === "en" && en ? en : zh);
  const all = read.data?.items ?? [];
  const kinds = [...new Map(all.map((one) => [one.subject_kind, inWords(one.policy, one.policy_en)]))].map(([value, label]) => ({ value, label }));
  const rows = all.filter((one) => !kind || one.subject_kind === kind);
  const until = (one: Decider) => (one.lent_by ? say("powers.lent_until", { name: one.lent_by, day: one.until ?? "" }) : one.until ? say("powers.until", { day: one.until }) : "");
  return (
    <section className="section">
      <h2 style={{ fontSize: 16 }}>{say("deciders.title")}</h2>
      <p className="mute">{say("deciders.lead")}</p>
      <div className="bar">
        <Select style={{ minWidth: 240 }} allowClear showSearch={{ optionFilterProp: "label" }} placeholder={say("deciders.all")} aria-label={say("deciders.kind")} options={kinds} value={kind} onChange={(one) => setKind(one ?? null)} />
        {at && <Button href={decidersFile(at, kind ?? undefined)}>{say("export.csv")}</Button>}
      </div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className="table">
        <Table<Decider>
          size="small" pagination={false} scroll={{ x: "max-content" }} loading={read.isFetching} dataSource={rows} rowKey={(one) => `${one.subject_kind} ${one.stage} ${one.seat} ${one.user ?? ""}`}
          columns={[
            { key: "kind", title: say("deciders.kind"), render: (_, one) => inWords(one.policy, one.policy_en) },
            {
              key: "stage", title: say("deciders.stage"),
              render: (_, one) => <>{inWords(one.stage_title, one.stage_title_en)}{one.drawn ? <small className="mute"> {say("deciders.drawn", { count: one.drawn })}</small> : null}</>,
            },
            { key: "name", title: say("users.name"), render: (_, one) => one.name ?? <span className="mute">{say("deciders.nobody")}</span> },
            { key: "seat", title: say("powers.by"), render: (_, one) => (one.name ? say(`deciders.${one.seat}`) : "") },
            { key: "lent", title: say("powers.lent"), render: (_, one) => until(one) },
          ]}
        />
      </div>
    </section>
  );
}
