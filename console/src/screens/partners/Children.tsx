import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Skeleton, Table } from "antd";
import { useState } from "react";
import { type Child, type ChildList, type ListWhole, type Outcome, type TakenIn, file, handIn, post, read, takeIn } from "../../api/partnership";
import { freshKey } from "../../lib/key";
import { Act, Empty, Facts, Screen, State, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useWalk } from "../../ui/useWalk";
import { useSay, useWord } from "../../words";
import { useHome } from "../goods/useHome";
import { Choose, useAgreements, useWhy } from "./bits";

/** Lists of children to be fitted: sizes from a school's sheet, what is to be ordered, who has signed. Names are masked. */
export function Children() {
  const say = useSay();
  const why = useWhy();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/partner-children" });
  const navigate = useNavigate({ from: "/partner-children" });
  const { unit, options } = useHome(search.unit);
  const [key, setKey] = useState<string | null>(null);
  const agreements = useAgreements(unit);
  const chosen = agreements.data?.find((one) => one.id === search.agreement) ?? agreements.data?.[0];
  const id = chosen?.id ?? "";
  const lists = useQuery({ queryKey: ["partnership", id, "lists"], enabled: id !== "", queryFn: () => read<ChildList[]>(`agreements/${id}/lists`) });
  const rows = lists.data ?? [];
  const show = (list: string | undefined) => void navigate({ search: { ...search, list } });
  const walk = useWalk({ rows, keyOf: (one) => one.id, open: (one) => show(one.id), opened: search.list });
  const after = () => {
    setKey(null);
    void queries.invalidateQueries({ queryKey: ["partnership"] });
  };
  const begin = () => {
    show(undefined);
    setKey(freshKey("list"));
  };
  const fields: Field[] = [{ name: "title", label: say("partner_children.list_title"), chars: 120 }, { name: "school", label: say("partner_children.school"), chars: 120 }];
  const block = why("partner_manage") ?? (chosen?.state === "running" ? null : say("partner_purchase.not_running"));
  return (
    <Screen title={say("partner_children.title")} lead={say("partner_children.lead")} acts={id !== "" && <Act type="primary" why={block} onClick={begin}>{say("partner_children.open")}</Act>}>
      <Choose unit={unit} units={options} chooseUnit={(next) => void navigate({ search: { unit: next } })} agreement={id} agreements={agreements.data ?? []} choose={(agreement) => void navigate({ search: { unit: search.unit, agreement } })} />
      {(agreements.error ?? lists.error) && <Trouble error={agreements.error ?? lists.error} again={() => void lists.refetch()} />}
      <div className={key ?? search.list ? "split open wide" : "split"}>
        <div className="table picks">
          <Table<ChildList>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={lists.isPending && id !== ""} dataSource={rows} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("partner_children.none")}>{say("partner_children.none_hint")}</Empty> }}
            columns={[
              { key: "title", title: say("partner_children.list_title"), dataIndex: "title" }, { key: "school", title: say("partner_children.school"), dataIndex: "school" },
              { key: "state", title: say("state"), render: (_, one) => <State group="child_list" word={one.state} /> },
            ]}
          />
        </div>
        {key && (
          <Panel title={say("partner_children.open")} close={() => setKey(null)}>
            <QuickForm<{ title: string; school: string }> fields={fields} button={say("save")} done={say("saved")} after={after} cancel={() => setKey(null)} submit={(body) => post(`agreements/${id}/lists`, { ...body, key })} />
          </Panel>
        )}
        {search.list && !key && <ListPanel key={search.list} id={search.list} unit={unit} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function ListPanel({ id, unit, close }: { id: string; unit: string; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const why = useWhy();
  const queries = useQueryClient();
  const [taking, setTaking] = useState(false);
  const [taken, setTaken] = useState<TakenIn | null>(null);
  const [child, setChild] = useState<Child | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const whole = useQuery({ queryKey: ["partnership", "list", id], queryFn: () => read<ListWhole>(`lists/${id}`) });
  if (!whole.data) return <Panel title={say("partner_children.one")} close={close}>{whole.error ? <Trouble error={whole.error} /> : <Skeleton active />}</Panel>;
  const { list, children, sizes, outcomes } = whole.data;
  const after = () => {
    setTaking(false);
    setChild(null);
    void queries.invalidateQueries({ queryKey: ["partnership"] });
  };
  const end = async () => {
    setFault(null);
    try {
      await post(`lists/${id}/close`);
      after();
    } catch (error) {
      setFault(error);
    }
  };
  const acts = taking
    ? <QuickForm<{ sheet: File }> fields={[{ name: "sheet", kind: "file", label: say("partner_children.sheet"), hint: say("partner_children.sheet_hint") }]} button={say("partner_children.take_in")} done={say("partner_children.read")} after={after} cancel={() => setTaking(false)} submit={async ({ sheet }) => setTaken(await takeIn(id, sheet))} />
    : child ? <HandOver child={child} unit={unit} after={after} cancel={() => setChild(null)} />
    : (
      <div className="buttons">
        {list.state === "open" && <Act type="primary" why={why("partner_manage")} onClick={() => setTaking(true)}>{say("partner_children.take_in")}</Act>}
        {list.state === "ordered" && <Act type="primary" why={why("partner_manage")} onClick={() => void end()}>{say("partner_children.close")}</Act>}
        <Button href={file(`lists/${id}/sizes/csv`)}>{say("partner_children.sizes_csv")}</Button>
        {list.state !== "open" && <Button href={file(`lists/${id}/paper`)} target="_blank" rel="noreferrer">{say("partner_children.paper")}</Button>}
      </div>
    );
  return (
    <Panel title={list.title} close={close} acts={acts}>
      {fault !== null && <Trouble error={fault} />}
      <Facts of={[[say("state"), <State key="s" group="child_list" word={list.state} />], [say("partner_children.school"), list.school], [say("partner_children.count"), children.filter((one) => !one.withdrawn).length], ...outcomes.map((one): [string, number] => [name("child_outcome", one.outcome), one.children])]} />
      {taken && (
        <section className="section" role="status">
          <h3>{taken.refused.length > 0 ? say("partner_children.refused", { count: taken.refused.length }) : say("partner_children.added", { added: taken.added, known: taken.known })}</h3>
          <ul>{taken.refused.map((one) => <li key={`${one.row} ${one.field}`}>{say("partner_children.row", { row: one.row })} {name("child_field", one.field)}: {name("child_fault", one.why)}</li>)}</ul>
        </section>
      )}
      <section className="section">
        <h3>{say("partner_children.sizes")}</h3>
        <ul>{sizes.map((one) => <li key={`${one.garment} ${one.shoe}`} className="number">{say("partner_children.size", { garment: one.garment, shoe: one.shoe, count: one.children })}</li>)}</ul>
      </section>
      <section className="section">
        <h3>{say("partner_children.children")}</h3>
        <Table<Child>
          size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} dataSource={children} rowKey="id"
          locale={{ emptyText: <Empty title={say("partner_children.no_child")} /> }}
          columns={[
            { key: "n", title: "#", dataIndex: "n" }, { key: "name", title: say("child_field.name"), dataIndex: "name" }, { key: "grade", title: say("partner_children.grade"), dataIndex: "grade" },
            { key: "size", title: say("partner_children.size_short"), render: (_, one) => <span className="number">{one.garment} / {one.shoe}</span> },
            { key: "outcome", title: say("partner_children.outcome"), render: (_, one) => (one.withdrawn ? say("partner_children.withdrawn") : `${name("child_outcome", one.outcome)} ${one.words}`) },
            { key: "do", title: "", render: (_, one) => list.state === "ordered" && !one.withdrawn && <Act size="small" why={why("partner_purchase")} onClick={() => setChild(one)}>{say("partner_children.hand")}</Act> },
          ]}
        />
      </section>
    </Panel>
  );
}

/** What became of a child's set: a signature as a picture or the code on the slip, or why not. */
function HandOver({ child, unit, after, cancel }: { child: Child; unit: string; after: () => void; cancel: () => void }) {
  const say = useSay();
  type Said = { outcome: Outcome; words?: string; code?: string; signature?: File };
  const fields = (entered: Partial<Said>): Field[] => [
    { name: "outcome", kind: "choice", label: say("partner_children.outcome"), options: (["handed", "absent", "wrong_size", "declined"] as const).map((value) => ({ value, label: say(`child_outcome.${value}`) })) },
    ...(entered.outcome === "handed"
      ? [{ name: "signature", kind: "file" as const, label: say("partner_children.signature"), optional: true }, { name: "code", label: say("partner_children.code"), optional: true, chars: 6 }]
      : [{ name: "words", label: say("reason"), chars: 120 }]),
  ];
  return (
    <QuickForm<Said> fields={fields} initial={{ outcome: "handed" }} effect={`${child.n} · ${child.name} · ${child.grade}`} button={say("partner_children.hand")} done={say("saved")} after={after} cancel={cancel}
      submit={async ({ signature, words, ...said }) => post(`children/${child.id}/hand-over`, { ...said, words: words ?? "", ...(signature ? { signature: await handIn(unit, signature) } : {}) })} />
  );
}
