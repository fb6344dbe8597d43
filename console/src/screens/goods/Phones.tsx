import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Button, Segmented, Select, Table } from "antd";
import { useState } from "react";
import { api } from "../../api/client";
import { useMay } from "../../api/session";
import { csvHead, csvLines, download } from "../../lib/csv";
import { dayOf } from "../../lib/time";
import { Act, At, Empty, Facts, Screen, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { Picture } from "./GoodsPhotos";
import { choicesOf } from "./more";
import { type Phone, type Photo, type Refused, minutesOff, phonesOf, photosOf, recordsOf, redo, revoke, settle } from "./phones";
import { useHome } from "./useHome";

const SHEETS = ["waiting", "settled", "devices", "photos"] as const;
type Sheet = (typeof SHEETS)[number];

/** Phones that record off line: what of theirs waits for an officer, the phones themselves, their photographs. */
export function Phones() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/phones" });
  const navigate = useNavigate({ from: "/phones" });
  const { unit, options } = useHome(search.unit);
  const may = useMay();
  const sheets = SHEETS.filter((one) => one !== "devices" || may("goods_manage"));
  const sheet: Sheet = sheets.find((one) => one === search.sheet) ?? "waiting";
  const go = (next: { unit?: string; sheet?: string }) => void navigate({ search: { unit, sheet, ...next } });
  return (
    <Screen title={say("phones.title")} lead={say("phones.lead")} acts={<Button href="/app/" target="_blank" rel="noreferrer">{say("phones.app")}</Button>}>
      <div className="bar">
        <Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => go({ unit: chosen })} />
        <Segmented value={sheet} options={sheets.map((value) => ({ value, label: say(`phones.sheet_${value}`) }))} onChange={(value) => go({ sheet: value })} />
      </div>
      {unit !== "" && (sheet === "waiting" || sheet === "settled") && <Records key={sheet} unit={unit} shown={sheet} />}
      {unit !== "" && sheet === "devices" && <Devices unit={unit} />}
      {unit !== "" && sheet === "photos" && <Photos unit={unit} />}
    </Screen>
  );
}

/** Whether a text is a public id, which says nothing to people. */
const isId = (text: string | undefined): boolean => /^[a-z2-7]{26}$/.test(text ?? "");

/** What a record says, in a line. */
function useRecordWords(): (one: Refused) => string {
  const name = useWord();
  return ({ record }) => [name("goods_record", record.kind), isId(record.item) ? "" : record.item ?? "", record.code ?? "", record.quantity === undefined ? "" : `${record.quantity} ${record.unit_word ?? ""}`].filter(Boolean).join(" · ");
}

function Records({ unit, shown }: { unit: string; shown: "waiting" | "settled" }) {
  const say = useSay();
  const words = useRecordWords();
  const queries = useQueryClient();
  const [open, setOpen] = useState<Refused | null>(null);
  const [act, setAct] = useState<"redo" | "settle">("redo");
  const read = useQuery({ queryKey: ["phone-records", unit, shown], queryFn: () => recordsOf(unit, shown) });
  const close = () => setOpen(null);
  const after = () => {
    close();
    void queries.invalidateQueries();
  };
  const rows = read.data ?? [];
  const save = () => {
    const head = csvHead([say("phones.record"), say("phones.phone"), say("phones.number"), say("phones.happened"), say("phones.handed_in"), say("phones.why"), say("phones.settled_words")]);
    const lines = csvLines(rows.map((one) => [words(one), one.device_name, String(one.record.seq), one.reckoned_at, one.received_at, one.refusal?.title ?? "", one.settled_words]));
    download(`phone-records-${dayOf(new Date())}.csv`, new Blob([head, lines], { type: "text/csv" }));
  };
  return (
    <>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {rows.length > 0 && <div className="bar"><Act onClick={save}>{say("export.csv")}</Act></div>}
      <div className={open ? "split open" : "split"}>
        <div className="table picks">
          <Table<Refused>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending} dataSource={rows} rowKey="id"
            onRow={(row) => ({ onClick: () => { setOpen(row); setAct("redo"); } })}
            locale={{ emptyText: <Empty title={say(shown === "waiting" ? "phones.none_waiting" : "phones.none_settled")}>{say("phones.none_hint")}</Empty> }}
            columns={[
              { key: "what", title: say("phones.record"), render: (_, row) => words(row) },
              { key: "phone", title: say("phones.phone"), render: (_, row) => `${row.device_name} · ${row.record.seq}` },
              { key: "at", title: say("phones.happened"), render: (_, row) => <At at={row.reckoned_at} /> },
              { key: "why", title: say(shown === "waiting" ? "phones.why" : "phones.settled_words"), render: (_, row) => (shown === "waiting" ? row.refusal?.title ?? say("phones.cut_off") : row.settled_words) },
            ]}
          />
        </div>
        {open && (
          <Panel title={words(open)} close={close}>
            <Facts of={[
              [say("phones.phone"), `${open.device_name} · ${open.record.seq}`],
              [say("phones.happened"), <At key="at" at={open.reckoned_at} />],
              [say("phones.device_clock"), <At key="clock" at={open.device_at} />],
              [say("phones.handed_in"), <At key="in" at={open.received_at} />],
              [say("stock.item"), isId(open.record.item) ? "" : open.record.item ?? ""],
              [say("stock.expires_on"), open.record.expires_on ?? ""],
              [say("phones.note"), open.record.note ?? ""],
              [say("phones.signer"), open.record.signer ?? ""],
              [say("donor"), open.record.donor ?? ""],
              [say("phones.why"), open.refusal ? `${open.refusal.title} ${open.refusal.detail}` : open.outcome === "pending" ? say("phones.cut_off") : ""],
              [say("phones.settled_words"), open.settled_words],
            ]} />
            {shown === "waiting" && open.refusal?.slug === "goods-unmapped" && open.record.item && <Means key={open.id} unit={unit} one={open} words={open.record.item} after={after} />}
            {shown === "waiting" && (
              <div className="acts">
                <Segmented value={act} options={[{ value: "redo", label: say("phones.redo") }, { value: "settle", label: say("phones.settle") }]} onChange={setAct} />
                {act === "redo" ? <Redo one={open} after={after} cancel={close} /> : (
                  <QuickForm<{ words: string }> fields={[{ name: "words", label: say("phones.settle_words"), chars: 120 }]} effect={say("phones.settle_effect")} button={say("phones.settle")} done={say("saved")} after={after} cancel={close} submit={(body) => settle(open.id, body.words)} />
                )}
              </div>
            )}
          </Panel>
        )}
      </div>
    </>
  );
}

/** Says which item the words of a record mean, from now on, and carries the record out by it. */
function Means({ unit, one, words, after }: { unit: string; one: Refused; words: string; after: () => void }) {
  const say = useSay();
  const { message } = App.useApp();
  const items = useQuery({ queryKey: ["choices", unit], queryFn: () => choicesOf(unit) });
  const options = (items.data?.items ?? []).map((item) => ({ value: item.id, label: [item.name, item.grade].filter(Boolean).join(" · ") }));
  const submit = async ({ item }: { item: string }) => {
    await api.POST("/api/v1/goods/items/{item}/aliases", { params: { path: { item } }, body: { words } });
    const { outcome } = await redo(one.id, "");
    if (outcome === "refused") message.warning(say("phones.refused_again"));
  };
  return (
    <QuickForm<{ item: string }>
      fields={[{ name: "item", kind: "choice", label: say("phones.means", { words }), options }]}
      effect={say("phones.means_effect")} button={say("phones.means_redo")} done={say("phones.tried")} after={after} submit={submit}
    />
  );
}

/** Carries a record out after all; refused again, it says why and stays. */
function Redo({ one, after, cancel }: { one: Refused; after: () => void; cancel: () => void }) {
  const say = useSay();
  const { message } = App.useApp();
  const isLoss = one.record.kind === "lost";
  const submit = async (body: { reason?: string }) => {
    const { outcome } = await redo(one.id, body.reason ?? "");
    if (outcome === "refused") message.warning(say("phones.refused_again"));
  };
  return (
    <QuickForm<{ reason?: string }>
      fields={[{ name: "reason", label: say("phones.reason"), chars: 120, optional: !isLoss, hint: say("phones.reason_hint") }]}
      effect={say(isLoss ? "phones.loss_effect" : "phones.redo_effect")} button={say("phones.redo")} done={say("phones.tried")} after={after} cancel={cancel} submit={submit}
    />
  );
}

function Devices({ unit }: { unit: string }) {
  const say = useSay();
  const { modal, message } = App.useApp();
  const queries = useQueryClient();
  const read = useQuery({ queryKey: ["phones", unit], queryFn: () => phonesOf(unit) });
  const clock = (phone: Phone): string => {
    const minutes = minutesOff(phone.offset_ms);
    if (phone.offset_ms === null) return "";
    return minutes === 0 ? say("phones.clock_fine") : say(minutes > 0 ? "phones.clock_behind" : "phones.clock_ahead", { minutes: Math.abs(minutes) });
  };
  const take = (phone: Phone) => modal.confirm({
    title: say("phones.revoke_title", { name: phone.name }), content: say("phones.revoke_effect"), okText: say("phones.revoke"), okButtonProps: { danger: true },
    onOk: () => revoke(phone.id).then(() => queries.invalidateQueries()).then(() => void message.success(say("saved"))),
  });
  return (
    <>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <Table<Phone>
        size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending} dataSource={read.data ?? []} rowKey="id"
        locale={{ emptyText: <Empty title={say("phones.none")}>{say("phones.app_hint")}</Empty> }}
        columns={[
          { key: "name", title: say("phones.phone"), dataIndex: "name" },
          { key: "enrolled", title: say("phones.enrolled"), render: (_, row) => <At at={row.enrolled_at} /> },
          { key: "seen", title: say("phones.seen"), render: (_, row) => (row.seen_at ? <At at={row.seen_at} /> : say("phones.never")) },
          { key: "clock", title: say("phones.clock"), render: (_, row) => clock(row) },
          { key: "numbers", title: say("phones.numbers"), render: (_, row) => (row.has_gaps ? say("phones.gaps", { last: row.seq_last }) : String(row.seq_last)) },
          { key: "waiting", title: say("phones.sheet_waiting"), align: "right", dataIndex: "waiting" },
          { key: "act", title: "", render: (_, row) => (row.revoked_at ? say("phones.revoked") : <Act size="small" danger onClick={() => take(row)}>{say("phones.revoke")}</Act>) },
        ]}
      />
    </>
  );
}

function Photos({ unit }: { unit: string }) {
  const say = useSay();
  const [open, setOpen] = useState<Photo | null>(null);
  const read = useQuery({ queryKey: ["goods-photos", unit], queryFn: () => photosOf(unit) });
  return (
    <>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className={open ? "split open" : "split"}>
        <div className="table picks">
          <Table<Photo>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending} dataSource={read.data ?? []} rowKey="id"
            onRow={(row) => ({ onClick: () => setOpen(row) })}
            locale={{ emptyText: <Empty title={say("phones.none_photos")}>{say("phones.photos_hint")}</Empty> }}
            columns={[
              { key: "at", title: say("phones.taken_at"), render: (_, row) => <At at={row.taken_at} /> },
              { key: "phone", title: say("phones.phone"), dataIndex: "device_name" },
              { key: "note", title: say("phones.note"), dataIndex: "note" },
              { key: "bytes", title: "", render: (_, row) => (row.length === null ? say("phones.awaited") : `${Math.round(row.length / 1024)} kB`) },
            ]}
          />
        </div>
        {open && <Panel title={open.note || say("phones.sheet_photos")} close={() => setOpen(null)}>{open.length === null ? <p>{say("phones.awaited")}</p> : <Picture key={open.id} photo={open} />}</Panel>}
      </div>
    </>
  );
}
