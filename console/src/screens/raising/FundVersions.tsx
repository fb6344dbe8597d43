import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Shape, api, take } from "../../api/client";
import { useMay, useSession } from "../../api/session";
import { yuan } from "../../lib/money";
import { dayOf } from "../../lib/time";
import { At, Facts, State, Trouble } from "../../ui/basics";
import { Decide } from "../../ui/Decide";
import { asOptions, usePersonName, useProjects } from "../../ui/lists";
import { QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

type Fund = Shape["FundOut"];
type Version = Shape["VersionOut"];
type Amend = Shape["AmendIn"];
/** `fee_bp` counts parts of ten thousand: 100 of them are one per cent. */
const PARTS_A_PERCENT = 100;
/** Tables of the law: a year's months, days that every month has, five years, a tenth. */
const [MONTHS, DAYS, REST_MONTHS, FEE_BP] = [12, 28, 60, 1_000];

export const useVersions = (fund: string) =>
  useQuery({ queryKey: ["funds", fund, "versions"], queryFn: () => take(api.GET("/api/v1/named-funds/{fund}/versions", { params: { path: { fund } } })) });

/** The versions of an agreement: what waits for another person, what holds, what held. */
export function FundVersions({ fund }: { fund: Fund }) {
  const say = useSay();
  const may = useMay();
  const me = useSession().user.id;
  const name = usePersonName();
  const queries = useQueryClient();
  const read = useVersions(fund.id);
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  if (!read.data || read.data.length === 0) return null;
  const decide = (one: Version) => {
    const at = { params: { path: { fund: fund.id, version: one.version } } };
    const why = !may("books_post") ? say("may_not", { permission: say("permission.books_post") }) : null;
    return (
      <Decide
        effect={say("funds.amend_effect")} after={() => void queries.invalidateQueries()}
        choices={[
          {
            key: "agree", label: say("funds.amend_agree"), look: "primary", done: say("funds.amended"), why: why ?? (one.made_by === me ? say("funds.amend_own") : null),
            run: () => take(api.POST("/api/v1/named-funds/{fund}/amendments/{version}/agree", at)),
          },
          { key: "refuse", label: say("reject"), done: say("saved"), why, run: () => take(api.POST("/api/v1/named-funds/{fund}/amendments/{version}/refuse", at)) },
        ]}
      />
    );
  };
  return (
    <section className="section" data-versions>
      <h3>{say("funds.versions")}</h3>
      {read.data.map((one) => (
        <div key={one.version} data-version={one.version} style={{ marginBottom: 16 }}>
          <Facts of={[
            [say("funds.version", { number: one.version }), <State key="s" group="fund_version" word={one.state} />],
            [say("funds.agreement"), `${one.agreement_no} · ${one.signed_on}`],
            [say("funds.from"), one.from],
            [say("funds.minimum"), `${yuan(one.minimum_fen)} ${say("yuan")} · ${say(`funds.rule_${one.minimum_rule}`)}`],
            [say("funds.principal"), one.principal_fen > 0 && `${yuan(one.principal_fen)} ${say("yuan")}`],
            [say("funds.fee"), `${one.fee_bp / PARTS_A_PERCENT} %`],
            [say("plan.purpose"), one.state === "proposed" && one.purpose],
            [say("funds.spending"), one.state === "proposed" && one.spending],
            [say("funds.rest"), one.state === "proposed" && one.rest],
            [say("asked_by"), one.state === "proposed" && (one.made_by === me ? say("me") : name(one.made_by))],
            [say("decided_at"), one.decided_at && <At key="d" at={one.decided_at} />],
          ]} />
          {one.state === "proposed" && decide(one)}
        </div>
      ))}
    </section>
  );
}

/** An amendment: the whole agreement as it is to be, under a paper of its own. */
export function AmendForm({ fund, version, close }: { fund: Fund; version: Version; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const projects = useProjects();
  const { purpose, purpose_en, spending, spending_en, fee_bp, principal_fen, minimum_fen, minimum_rule, report_month, report_day, dormant_months, rest } = version;
  const after = () => {
    void queries.invalidateQueries();
    close();
  };
  return (
    <QuickForm<Amend>
      fields={[
        { name: "agreement_no", label: say("funds.amend_no"), chars: 64 },
        { name: "signed_on", kind: "day", label: say("funds.amend_signed") },
        { name: "name", label: say("funds.one"), chars: 80 },
        { name: "purpose", kind: "area", label: say("plan.purpose"), chars: 1000 },
        { name: "spending", kind: "area", label: say("funds.spending"), chars: 1000 },
        { name: "fee_bp", kind: "count", label: say("funds.fee_bp"), max: FEE_BP, hint: say("funds.fee_hint") },
        { name: "minimum_fen", kind: "money", label: say("funds.minimum"), optional: true },
        { name: "minimum_rule", kind: "choice", label: say("funds.rule"), options: (["refuse", "alert"] as const).map((value) => ({ value, label: say(`funds.rule_${value}`) })) },
        { name: "principal_fen", kind: "money", label: say("funds.principal"), optional: true },
        { name: "report_month", kind: "count", label: say("funds.report_month"), max: MONTHS },
        { name: "report_day", kind: "count", label: say("funds.report_day"), max: DAYS },
        { name: "dormant_months", kind: "count", label: say("funds.dormant_months"), max: REST_MONTHS },
        { name: "rest_to", kind: "choice", label: say("funds.rest_to"), options: asOptions(projects ?? []) },
        { name: "rest", kind: "area", label: say("funds.rest"), chars: 1000 },
      ]}
      initial={{ name: fund.name, signed_on: dayOf(new Date()), purpose, purpose_en, spending, spending_en, fee_bp, minimum_rule, report_month, report_day, dormant_months, rest,
        ...(minimum_fen > 0 ? { minimum_fen } : {}), ...(principal_fen > 0 ? { principal_fen } : {}) }}
      effect={say("funds.amend_form_effect")} button={say("funds.amend_send")} done={say("funds.amend_sent")}
      submit={(body) => take(api.POST("/api/v1/named-funds/{fund}/amendments", {
        params: { path: { fund: fund.id } }, body: { ...body, purpose_en, spending_en, minimum_fen: body.minimum_fen ?? 0, principal_fen: body.principal_fen ?? 0 },
      }))}
      after={after} cancel={close}
    />
  );
}
