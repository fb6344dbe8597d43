import { useQueryClient } from "@tanstack/react-query";
import { type Shape, api, take } from "../../api/client";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { type Say, useSay } from "../../words";

type Entered = { unit: string; online?: boolean; summary?: string; plan: Shape["Plan"] };

/** The items of a plan that 慈善法 24 asks for, as fields of a form that holds it under `plan`. */
export function planFields(say: Say): Field[] {
  const plan = (name: keyof Shape["Plan"], kind: NonNullable<Field["kind"]> = "text", hint?: string): Field => ({
    name: ["plan", name], kind, label: say(`plan.${name}`), ...(hint ? { hint } : {}),
  });
  return [
    plan("title"), plan("purpose", "area"), plan("beneficiaries", "area", say("plan.beneficiaries_hint")), plan("use_of_proceeds", "area"),
    { ...plan("expected_fen", "money"), group: say("plan.group_money") }, { ...plan("bank_account"), personal: true }, plan("receiving_ways"), plan("fundraising_cost"), plan("remainder"),
    { ...plan("starts_on", "day"), group: say("plan.group_where") }, plan("ends_on", "day"), plan("area"),
    { ...plan("responsible_name", "text", say("plan.responsible_hint")), group: say("plan.group_who"), personal: true }, { ...plan("responsible_address"), personal: true },
  ];
}

/** A campaign as a draft: the plan has the items that 慈善法 24 asks for. */
export function NewCampaign({ close, made }: { close: () => void; made: (campaign: string) => void }) {
  const say = useSay();
  const units = useUnits();
  const own = useOwnUnit();
  const queries = useQueryClient();
  const fields: Field[] = [
    { name: "unit", kind: "choice", label: say("unit"), options: units.options },
    ...planFields(say),
    { name: "summary", kind: "area", label: say("summary"), optional: true, group: say("plan.group_page") },
    { name: "online", kind: "check", label: say("campaigns.online"), hint: say("campaigns.online_hint") },
  ];
  const submit = async (entered: Entered) => {
    const body = { ...entered, online: entered.online ?? false };
    const campaign = await take(api.POST("/api/v1/campaigns", { body }));
    await queries.invalidateQueries({ queryKey: ["campaigns"] });
    made(campaign.id);
  };
  return (
    <Panel title={say("campaigns.new")} close={close}>
      <p className="mute">{say("plan.lead")}</p>
      <QuickForm<Entered> draft="campaign.new" fields={fields} initial={{ ...(own ? { unit: own.id } : {}), online: true }} effect={say("campaigns.new_effect")} button={say("campaigns.make")} done={say("saved")} submit={submit} after={() => undefined} cancel={close} />
    </Panel>
  );
}
