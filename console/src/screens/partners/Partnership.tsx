import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Table } from "antd";
import { useState } from "react";
import { type Agreement, type Terms, add } from "../../api/partnership";
import { freshKey } from "../../lib/key";
import { Act, Empty, Screen, State, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useWalk } from "../../ui/useWalk";
import { useSay } from "../../words";
import { useHome } from "../goods/useHome";
import { AgreementPanel } from "./AgreementPanel";
import { Choose, useAgreements, useRegions, useWhy } from "./bits";
import { RegionPanel } from "./RegionPanel";
import { useTermsFields } from "./terms";

type Draft = Terms & { region: string; title: string };

/** Partner regions: whom we stand beside, what was promised, and how far it is by the books. */
export function Partnership() {
  const say = useSay();
  const why = useWhy();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/partnership" });
  const navigate = useNavigate({ from: "/partnership" });
  const { unit, options } = useHome(search.unit);
  const [form, setForm] = useState<{ of: "region" | "agreement"; key: string } | null>(null);
  const regions = useRegions(unit);
  const agreements = useAgreements(unit);
  const terms = useTermsFields();
  const name = (id: string) => regions.data?.find((one) => one.id === id)?.region_name || regions.data?.find((one) => one.id === id)?.region || "";
  const rows = agreements.data ?? [];
  const show = (change: { agreement?: string | undefined; region?: string | undefined }) => {
    setForm(null);
    void navigate({ search: { unit: search.unit, ...change } });
  };
  const walk = useWalk({ rows, keyOf: (one) => one.id, open: (one) => show({ agreement: one.id }), opened: search.agreement });
  const begin = (of: "region" | "agreement") => {
    void navigate({ search: { unit: search.unit } });
    setForm({ of, key: freshKey(of) });
  };
  const after = () => {
    setForm(null);
    void queries.invalidateQueries({ queryKey: ["partnership"] });
  };
  const close = () => setForm(null);
  const ofRegion: Field[] = [
    { name: "region", label: say("partnership.region_code"), hint: say("partnership.region_hint"), chars: 9 }, { name: "society", label: say("partnership.society") },
    { name: "contact", label: say("partnership.contact"), hint: say("partnership.contact_hint") },
  ];
  const ofAgreement: Field[] = [
    { name: "region", kind: "choice", label: say("partnership.region"), options: (regions.data ?? []).map((one) => ({ value: one.id, label: `${one.region_name || one.region} · ${one.society}` })) },
    { name: "title", label: say("partnership.agreement_title") }, ...terms,
  ];
  const acts = unit !== "" && (
    <>
      <Act type="primary" why={why("partner_manage") ?? (regions.data?.length === 0 ? say("partnership.no_region") : null)} onClick={() => begin("agreement")}>{say("partnership.draft")}</Act>
      <Act why={why("partner_manage")} onClick={() => begin("region")}>{say("partnership.add_region")}</Act>
    </>
  );
  const opened = rows.find((one) => one.id === search.agreement);
  const region = regions.data?.find((one) => one.id === search.region);
  const open = Boolean(form ?? opened ?? region);
  return (
    <Screen title={say("partnership.title")} lead={say("partnership.lead")} acts={acts}>
      <Choose unit={unit} units={options} chooseUnit={(chosen) => void navigate({ search: { unit: chosen } })} />
      {(regions.error ?? agreements.error) && <Trouble error={regions.error ?? agreements.error} again={() => void agreements.refetch()} />}
      {(regions.data ?? []).length > 0 && (
        <div className="bar" role="list" aria-label={say("partnership.regions")}>
          {regions.data?.map((one) => (
            <span role="listitem" key={one.id}><Act type={one.id === search.region ? "primary" : "default"} onClick={() => show({ region: one.id })}>{one.region_name || one.region}</Act></span>
          ))}
        </div>
      )}
      <div className={open ? "split open wide" : "split"}>
        <div className="table picks">
          <Table<Agreement>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={agreements.isPending && unit !== ""} dataSource={rows} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("partnership.none")}>{say("partnership.none_hint")}</Empty> }}
            columns={[
              { key: "title", title: say("partnership.agreement"), dataIndex: "title" },
              { key: "region", title: say("partnership.region"), render: (_, one) => name(one.region) },
              { key: "state", title: say("state"), render: (_, one) => <State group="agreement" word={one.state} /> },
              { key: "signed", title: say("partnership.signed_on"), render: (_, one) => one.signed_on ?? "" },
            ]}
          />
        </div>
        {form?.of === "region" && (
          <Panel title={say("partnership.add_region")} close={close}>
            <QuickForm<{ region: string; society: string; contact: string }> fields={ofRegion} button={say("save")} done={say("saved")} after={after} cancel={close} submit={(body) => add(unit, "regions", body)} />
          </Panel>
        )}
        {form?.of === "agreement" && (
          <Panel title={say("partnership.draft")} close={close}>
            <QuickForm<Draft> draft="partner-agreement" fields={ofAgreement} button={say("save")} done={say("saved")} after={after} cancel={close}
              submit={({ region: beside, title, ...said }) => add(unit, "agreements", { key: form.key, region: beside, title, terms: { ...said, pairs: said.pairs ?? [], targets: said.targets ?? [] } })} />
          </Panel>
        )}
        {opened && !form && <AgreementPanel key={opened.id} unit={unit} agreement={opened} region={name(opened.region)} close={() => show({})} />}
        {region && !form && !opened && <RegionPanel key={region.id} unit={unit} region={region} close={() => show({})} />}
      </div>
    </Screen>
  );
}
