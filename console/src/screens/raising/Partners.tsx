import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { sha256 } from "../../lib/sha256";
import { Act, At, Facts, State, Trouble } from "../../ui/basics";
import { Decide } from "../../ui/Decide";
import { QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { type Asking, askedOf, useAskingFields } from "../approvals/Ask";
import { CaseState } from "../approvals/bits";
import { isKept } from "../approvals/papers";
import { handInFile } from "../../api/approvals";
import { type DockingStep, stepsOfDocking } from "./docking";

type Docking = Shape["DockingOut"];
type Campaign = Pick<Shape["CampaignOut"], "id" | "unit" | "plan">;
const PARTNERS_MAX = 500;
const key = (campaign: string) => ["dockings", campaign];

/** The partners of a campaign without the right to raise in public: each with its gates, its case, and what comes next. */
export function Partners({ campaign }: { campaign: Campaign }) {
  const say = useSay();
  const may = useMay();
  const manages = may("campaign_manage");
  const reads = manages || may("gift_read");
  const [adding, setAdding] = useState(false);
  const read = useQuery({ queryKey: key(campaign.id), enabled: reads, queryFn: () => takeList(api.GET("/api/v1/dockings", { params: { query: { campaign: campaign.id } } })) });
  if (!reads) return null;
  const all = read.data?.items ?? [];
  return (
    <section className="section" data-partners>
      <h3>{say("docking.title")}</h3>
      <p className="mute">{say("docking.lead")}</p>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {all.map((one) => <One key={one.id} docking={one} campaign={campaign} />)}
      {adding ? <Add campaign={campaign} taken={all.map((one) => one.partner)} close={() => setAdding(false)} /> : <Act why={manages ? null : say("may_not", { permission: say("permission.campaign_manage") })} onClick={() => setAdding(true)}>{say("docking.add")}</Act>}
    </section>
  );
}

function One({ docking, campaign }: { docking: Docking; campaign: Campaign }) {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const [step, setStep] = useState<DockingStep | null>(null);
  const steps = stepsOfDocking(docking).filter((one) => may(one.may));
  const missing = docking.missing.map((gate) => name("docking.gate", gate)).join(" · ");
  return (
    <fieldset className="paper" aria-label={docking.partner_name}>
      <b>{docking.partner_name}</b>
      <Facts of={[
        [say("state"), <State key="s" word={docking.state} />],
        [say("docking.missing"), docking.state !== "ended" && missing],
        [say("docking.assessment"), docking.assessment && `${docking.assessment.assessed_on} · ${docking.assessment.conclusion}`],
        [say("docking.agreement"), docking.agreement && `${docking.agreement.number} · ${docking.agreement.signed_on}`],
        [say("approvals.one"), docking.case && docking.case_state && <span key="c"><CaseState word={docking.case_state} /> <Link to="/cases" search={{ case: docking.case }}>{say("approvals.open_case")}</Link></span>],
        [say("docking.named_at"), docking.named_at && <At key="n" at={docking.named_at} />],
        [say("docking.end_reason"), docking.end_reason],
      ]} />
      {step ? <StepForm docking={docking} campaign={campaign} step={step} close={() => setStep(null)} /> : (
        <div className="buttons">
          {steps.map((one, at) => (
            <Button key={one.key} type={at === 0 ? "primary" : "default"} disabled={one.why !== null} title={one.why ? say(one.why, { missing }) : ""} onClick={() => setStep(one)}>{say(`docking.step.${one.key}`)}</Button>
          ))}
        </div>
      )}
    </fieldset>
  );
}

type Papers = { file: File };
type Assessed = Papers & { assessed_on: string; conclusion: string };
type Agreed = Papers & { number: string; signed_on: string };

/** The fingerprint of a paper; one of a kind that is kept goes to the unit's papers. */
async function markOf(unit: string, file: File): Promise<string> {
  return isKept(file) ? (await handInFile(unit, file)).sha256 : sha256(new Uint8Array(await file.arrayBuffer()));
}

function StepForm({ docking, campaign, step, close }: { docking: Docking; campaign: Campaign; step: DockingStep; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const at = { params: { path: { docking: docking.id } } };
  const after = () => {
    void queries.invalidateQueries();
    close();
  };
  const cancel = { key: "cancel", label: say("cancel"), done: say("step.cancelled"), run: async () => undefined };
  switch (step.key) {
    case "assess":
      return (
        <QuickForm<Assessed>
          fields={[
            { name: "assessed_on", kind: "day", label: say("docking.assessed_on") },
            { name: "conclusion", kind: "area", label: say("docking.conclusion"), hint: say("docking.conclusion_hint") },
            { name: "file", kind: "file", label: say("docking.paper_file"), hint: say("docking.paper_file_hint") },
          ]}
          initial={docking.assessment ? { assessed_on: docking.assessment.assessed_on, conclusion: docking.assessment.conclusion } : {}}
          button={say("docking.step.assess")} done={say("saved")} after={after} cancel={close}
          submit={async ({ file, ...said }) => api.PUT("/api/v1/dockings/{docking}/assessment", { ...at, body: { ...said, sha256: await markOf(campaign.unit, file) } })}
        />
      );
    case "agree":
      return (
        <QuickForm<Agreed>
          fields={[
            { name: "number", label: say("docking.agreement_no") },
            { name: "signed_on", kind: "day", label: say("docking.signed_on") },
            { name: "file", kind: "file", label: say("docking.paper_file"), hint: say("docking.paper_file_hint") },
          ]}
          initial={docking.agreement ? { number: docking.agreement.number, signed_on: docking.agreement.signed_on } : {}}
          button={say("docking.step.agree")} done={say("saved")} after={after} cancel={close}
          submit={async ({ file, ...said }) => api.PUT("/api/v1/dockings/{docking}/agreement", { ...at, body: { ...said, sha256: await markOf(campaign.unit, file) } })}
        />
      );
    case "ask":
      return <AskDocking docking={docking} unit={campaign.unit} close={close} />;
    case "name":
      return <Decide effect={say("docking.name_effect", { partner: docking.partner_name })} choices={[{ key: "name", label: say("docking.step.name"), look: "primary", done: say("saved"), run: () => api.POST("/api/v1/dockings/{docking}/name", at) }, cancel]} after={after} />;
    case "end":
      return <Decide effect={say("docking.end_effect")} choices={[{ key: "end", label: say("docking.step.end"), look: "danger", note: say("docking.end_reason"), done: say("saved"), run: (reason) => api.POST("/api/v1/dockings/{docking}/end", { ...at, body: { reason } }) }, cancel]} after={after} />;
  }
}

function AskDocking({ docking, unit, close }: { docking: Docking; unit: string; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { fields } = useAskingFields(unit, "docking");
  return (
    <QuickForm<Asking>
      fields={fields} draft={`approval.docking.${docking.id}`} effect={say("docking.ask_effect")} button={say("docking.step.ask")} done={say("approvals.asked")} after={() => undefined} cancel={close}
      submit={async (entered) => {
        const { case: id } = await take(api.POST("/api/v1/dockings/{docking}/ask", { params: { path: { docking: docking.id } }, body: askedOf(entered) }));
        await queries.invalidateQueries();
        void navigate({ to: "/cases", search: { case: id } });
      }}
    />
  );
}

type Chosen = { partner: string; name?: string; credit_code?: string };
const NEW = "new";

/** A partner that is known, or a new one. */
function Add({ campaign, taken, close }: { campaign: Campaign; taken: string[]; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const read = useQuery({ queryKey: ["partners"], queryFn: () => takeList(api.GET("/api/v1/partners", { params: { query: { limit: PARTNERS_MAX } } })) });
  const known = (read.data?.items ?? []).filter((one) => one.unit === campaign.unit && !taken.includes(one.id));
  const after = () => {
    void queries.invalidateQueries();
    close();
  };
  const submit = async (entered: Chosen) => {
    const partner = entered.partner === NEW
      ? (await take(api.POST("/api/v1/partners", { body: { unit: campaign.unit, name: entered.name ?? "", credit_code: entered.credit_code ?? "" } }))).id
      : entered.partner;
    await api.POST("/api/v1/dockings", { body: { campaign: campaign.id, partner } });
  };
  return (
    <QuickForm<Chosen>
      fields={(entered) => [
        { name: "partner", kind: "choice", label: say("docking.partner"), options: [...known.map((one) => ({ value: one.id, label: one.name })), { value: NEW, label: say("docking.partner_new") }] },
        ...(entered.partner === NEW ? [{ name: "name", label: say("docking.partner_name"), hint: say("docking.partner_name_hint") }, { name: "credit_code", label: say("docking.credit_code") }] : []),
      ]}
      initial={{ partner: NEW }} button={say("docking.add")} done={say("saved")} submit={submit} after={after} cancel={close}
    />
  );
}
