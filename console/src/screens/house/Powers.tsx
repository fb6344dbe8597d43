import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select, Table } from "antd";
import type { Permission } from "../../api/client";
import { type Power, holders, holdersFile } from "../../api/trail";
import { Empty, Screen, State, Trouble } from "../../ui/basics";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";

const PERMISSIONS: Permission[] = [
  "refund_approve", "payout_approve", "match_approve", "goods_approve", "gift_review", "gift_read", "gift_record", "gift_import", "refund_request",
  "campaign_manage", "campaign_file", "project_manage", "match_manage", "platform_manage", "certificate_manage", "personal_manage",
  "books_read", "books_post", "account_manage", "goods_read", "goods_import", "goods_manage", "goods_record", "goods_request", "goods_propose",
  "report_read", "audit_read", "parameter_manage", "user_manage", "unit_manage", "system_operate",
];

/** Who may do this, in a unit also by a role above it; the same as a file. */
export function Powers() {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const search = useSearch({ from: "/known/shell/powers" });
  const navigate = useNavigate({ from: "/powers" });
  const permission = PERMISSIONS.find((known) => known === search.permission) ?? PERMISSIONS[0] ?? "refund_approve";
  const read = useQuery({ queryKey: ["holders", permission, search.unit ?? null], queryFn: () => holders(permission, search.unit) });
  const set = (change: Partial<typeof search>) => void navigate({ search: { ...search, ...change } });
  return (
    <Screen title={say("powers.title")} lead={say("powers.lead")} acts={<Button href={holdersFile(permission, search.unit)}>{say("export.csv")}</Button>}>
      <div className="bar">
        <Select
          style={{ minWidth: 240 }} showSearch={{ optionFilterProp: "label" }} aria-label={say("powers.permission")} value={permission}
          options={PERMISSIONS.map((value) => ({ value, label: say(`permission.${value}`) }))} onChange={(value) => set({ permission: value })}
        />
        <Select style={{ minWidth: 220 }} allowClear showSearch={{ optionFilterProp: "label" }} placeholder={say("powers.all_units")} aria-label={say("unit")} options={units.options} value={search.unit ?? null} onChange={(unit) => set({ unit: unit ?? undefined })} />
      </div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className="table">
        <Table<Power>
          size="small" pagination={false} scroll={{ x: "max-content" }} loading={read.isPending} dataSource={read.data?.items ?? []} rowKey={(one) => `${one.user} ${one.role} ${one.unit}`}
          locale={{ emptyText: <Empty title={say("powers.nobody")}>{say("powers.nobody_hint")}</Empty> }}
          columns={[
            { key: "name", title: say("users.name"), render: (_, one) => one.name },
            { key: "kind", title: say("users.kind"), render: (_, one) => name("actor", one.kind) },
            { key: "role", title: say("powers.by"), render: (_, one) => <State group="role" word={one.role} /> },
            { key: "unit", title: say("unit"), render: (_, one) => units.name(one.unit) },
            { key: "lent", title: say("powers.lent"), render: (_, one) => (one.until ? say("powers.lent_until", { name: one.lent_by ?? "", day: one.until }) : "") },
          ]}
        />
      </div>
    </Screen>
  );
}
