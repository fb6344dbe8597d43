import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Return, giveBack } from "../../api/campaigns";
import { type Shape, api } from "../../api/client";
import { useMay } from "../../api/session";
import { dayOf } from "../../lib/time";
import { Act } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";
import { planFields } from "./NewCampaign";
import { type Step, type Warned, stepsOfCampaign } from "./steps";

/** The foot of a campaign: what comes next, and what stands in its way. */
export function CampaignSteps({ campaign }: { campaign: Warned }) {
  const say = useSay();
  const may = useMay();
  const steps = stepsOfCampaign(campaign, dayOf(new Date()));
  const mine = steps.filter((step) => may(step.may));
  const [chosen, setChosen] = useState<Step["key"] | null>(null);
  if (mine.length === 0) return <p className="mute">{steps.length > 0 ? say("read_only") : say("step.none")}</p>;
  if (chosen) return <StepForm campaign={campaign} step={chosen} close={() => setChosen(null)} />;
  return (
    <div className="buttons">
      {mine.map((step, at) => (
        <Act key={step.key} type={at === 0 ? "primary" : "default"} why={step.why ? say(step.why, { from: campaign.plan.starts_on, to: campaign.plan.ends_on }) : null} onClick={() => setChosen(step.key)}>
          {say(step.label)}
        </Act>
      ))}
    </div>
  );
}

function StepForm({ campaign, step, close }: { campaign: Warned; step: Step["key"]; close: () => void }): ReactNode {
  const say = useSay();
  const queries = useQueryClient();
  const at = { params: { path: { campaign: campaign.id } } };
  const after = () => {
    void queries.invalidateQueries();
    close();
  };
  const plain = (key: "open" | "end" | "settle", run: () => Promise<unknown>) => {
    const choice: Choice = { key, label: say(`step.${key}`), look: "primary", done: say("saved"), run };
    const cancel: Choice = { key: "cancel", label: say("cancel"), done: say("step.cancelled"), run: async () => undefined };
    return <Decide effect={say(`step.campaign_${key}_effect`)} choices={[choice, cancel]} after={after} />;
  };
  switch (step) {
    case "file":
      return (
        <QuickForm<Shape["FilingIo"]>
          fields={[
            { name: "authority", label: say("filing.authority") },
            { name: "number", label: say("filing.number") },
            { name: "filed_on", label: say("filing.filed_on"), kind: "day" },
          ]}
          effect={say("step.file_effect")} button={say("step.file")} done={say("saved")} after={after} cancel={close}
          submit={(body) => api.POST("/api/v1/campaigns/{campaign}/filing", { ...at, body })}
        />
      );
    case "give_back":
      return (
        <QuickForm<Return>
          fields={[
            { name: "returned_on", label: say("filing.returned_on"), kind: "day" },
            { name: "reason", label: say("filing.return_reason"), kind: "area", hint: say("filing.return_hint") },
          ]}
          initial={{ returned_on: dayOf(new Date()) }} effect={say("step.give_back_effect")} button={say("step.give_back")} done={say("saved")} after={after} cancel={close}
          submit={(body) => giveBack(campaign.id, body)}
        />
      );
    case "change":
      return (
        <QuickForm<Shape["ChangePlan"]>
          fields={[
            ...planFields(say),
            { name: "reason", label: say("reason"), kind: "area", hint: say("step.public_reason") },
            { name: "changed_on", label: say("step.changed_on"), kind: "day" },
          ]}
          initial={{ plan: campaign.plan, changed_on: dayOf(new Date()) }} effect={say("step.change_effect")} button={say("step.change")} done={say("saved")} after={after} cancel={close}
          submit={(body) => api.POST("/api/v1/campaigns/{campaign}/changes", { ...at, body })}
        />
      );
    case "list":
      return (
        <QuickForm<Shape["PlatformLink"]>
          fields={[
            { name: "platform_code", label: say("step.list_platform"), hint: say("step.list_platform_hint") },
            { name: "url", label: say("step.list_url") },
            { name: "listed_on", label: say("step.list_since"), kind: "day" },
          ]}
          effect={say("step.list_effect")} button={say("step.list")} done={say("saved")} after={after} cancel={close}
          submit={(body) => api.PUT("/api/v1/campaigns/{campaign}/platform-links", { ...at, body })}
        />
      );
    case "emergency":
      return (
        <QuickForm<Shape["Emergency"]>
          fields={[{ name: "event", label: say("step.event"), hint: say("step.event_hint") }]}
          effect={say("step.emergency_effect")} button={say("step.emergency")} done={say("saved")} after={after} cancel={close}
          submit={(body) => api.POST("/api/v1/campaigns/{campaign}/open-in-emergency", { ...at, body })}
        />
      );
    case "target":
      return <TargetForm now={campaign.target_fen} after={after} close={close} submit={(body) => api.POST("/api/v1/campaigns/{campaign}/target", { ...at, body })} />;
    case "open":
      return plain(step, () => api.POST("/api/v1/campaigns/{campaign}/open", at));
    case "end":
      return plain(step, () => api.POST("/api/v1/campaigns/{campaign}/end", at));
    case "settle":
      return plain(step, () => api.POST("/api/v1/campaigns/{campaign}/settle", at));
    default:
      return null;
  }
}

type TargetFormProps = { now: number; submit: (body: Shape["RaiseTarget"]) => Promise<unknown>; after: () => void; close: () => void };

/** An urgent raise: the new target, and the reason that the public reads. */
export function TargetForm({ now, submit, after, close }: TargetFormProps) {
  const say = useSay();
  return (
    <QuickForm<Shape["RaiseTarget"]>
      fields={[
        { name: "target_fen", kind: "money", label: say("step.target_new") },
        { name: "reason", kind: "area", label: say("reason"), hint: say("step.public_reason") },
      ]}
      initial={{ target_fen: now }} effect={say("step.target_effect")} button={say("step.target")} done={say("saved")} submit={submit} after={after} cancel={close}
    />
  );
}
