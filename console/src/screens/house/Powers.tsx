import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select, Table } from "antd";
import { useState } from "react";
import type { Permission } from "../../api/client";
import { type Power, holders, holdersFile, powersFile, powersOf } from "../../api/trail";
import { Empty, Screen, State, Trouble } from "../../ui/basics";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { Deciders } from "./Deciders";

/** All permissions of the server, those that decide first; a list that misses one does not compile. */
const ORDER: Record<Permission, true> = {
  approval_decide: true, refund_approve: true, payout_approve: true, match_approve: true, goods_approve: true, gift_review: true, approval_manage: true,
  approval_request: true, approval_read: true, gift_read: true, gift_record: true, gift_import: true, refund_request: true, campaign_manage: true, campaign_file: true,
  project_manage: true, match_manage: true, platform_manage: true, certificate_manage: true, personal_manage: true, personal_reveal: true, books_read: true, books_post: true,
  account_manage: true, goods_read: true, goods_import: true, goods_manage: true, goods_record: true, goods_request: true, goods_propose: true,
  partner_approve: true, partner_read: true, partner_manage: true, partner_purchase: true, points_record: true,
  duty_report: true, duty_manage: true, duty_read: true, document_send: true, document_read: true, report_read: true, audit_read: true, parameter_manage: true, user_manage: true, unit_manage: true, system_operate: true,
};
const PERMISSIONS = Object.keys(ORDER) as Permission[];

/** Who may do this, in a unit also by a role above it; the same as a file. */
export function Powers() {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const search = useSearch({ from: "/known/shell/powers" });
  const navigate = useNavigate({ from: "/powers" });
  const permission = PERMISSIONS.find((known) => known === search.permission) ?? PERMISSIONS[0] ?? "refund_approve";
  const read = useQuery({ queryKey: ["holders", permission, search.unit ?? null], queryFn: () => holders(permission, search.unit) });
  const [asked, setAsked] = useState<Power | null>(null);
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
            { key: "name", title: say("users.name"), render: (_, one) => <Button type="link" size="small" onClick={() => setAsked(one)}>{one.name}</Button> },
            { key: "kind", title: say("users.kind"), render: (_, one) => name("actor", one.kind) },
            { key: "role", title: say("powers.by"), render: (_, one) => <State group="role" word={one.role} /> },
            { key: "unit", title: say("unit"), render: (_, one) => units.name(one.unit) },
            { key: "lent", title: say("powers.lent"), render: (_, one) => (one.lent_by ? say("powers.lent_until", { name: one.lent_by, day: one.until ?? "" }) : one.until ? say("powers.until", { day: one.until }) : "") },
          ]}
        />
      </div>
      {asked && <WhatMay of={asked} />}
      <Deciders unit={search.unit} />
    </Screen>
  );
}

/** What somebody may do, each permission once; for auditors too. */
function WhatMay({ of }: { of: Power }) {
  const say = useSay();
  const name = useWord();
  const read = useQuery({ queryKey: ["users", of.user, "powers"], queryFn: () => powersOf(of.user) });
  const permissions = [...new Set((read.data?.items ?? []).map((power) => power.permission))];
  return (
    <section className="section">
      <h2 style={{ fontSize: 16 }}>{say("powers.what_may", { name: of.name })}</h2>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <p>{permissions.map((permission) => name("permission", permission)).join(" · ")}</p>
      <p><a href={powersFile(of.user)}>{say("export.csv")}</a></p>
    </section>
  );
}
