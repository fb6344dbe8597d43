import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { sendAgreement, sponsors } from "../../api/matching";
import { useMay } from "../../api/session";
import { yuan } from "../../lib/money";
import { useAccounts } from "../../ui/lists";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { useSay } from "../../words";

type Entered = {
  unit: string;
  title: string;
  code: string;
  sponsor: string;
  account: string;
  campaign?: string;
  priority?: number;
  backing: "gift" | "agreement";
  gift?: string;
  file?: File;
  signed_on?: string;
  locked_fen: number;
};
/** Asked after the others, unless somebody says otherwise. */
const PRIORITY = 100;

/** Locks a sponsor's money for a pool; its rule is written next, and nothing is public before that is published. */
export function NewPool({ close, made }: { close: () => void; made: (code: string) => void }) {
  const say = useSay();
  const may = useMay();
  const units = useUnits();
  const own = useOwnUnit();
  const queries = useQueryClient();
  const accounts = (useAccounts() ?? []).filter((account) => !account.closed_at);
  const known = useQuery({ queryKey: ["sponsors"], queryFn: sponsors });
  const campaigns = useQuery({ queryKey: ["campaigns", "choice"], enabled: may("campaign_manage"), queryFn: () => takeList(api.GET("/api/v1/campaigns", { params: { query: { limit: 500 } } })) });
  // What was made on the way to a refused pool is used again, not made twice.
  const sent = useRef<{ sponsor: Map<string, string>; agreement: Map<File, string> }>({ sponsor: new Map(), agreement: new Map() });
  const fields = (entered: Partial<Entered>): Field[] => [
    { name: "title", label: say("pools.new_title") },
    { name: "code", label: say("projects.code"), hint: say("projects.code_hint") },
    { name: "unit", kind: "choice", label: say("unit"), options: units.options },
    { name: "sponsor", personal: true, label: say("pools.sponsor"), hint: say("pools.sponsor_hint", { known: (known.data ?? []).filter((one) => one.unit === entered.unit).map((one) => one.name).join(", ") || "–" }) },
    { name: "account", kind: "choice", label: say("account"), hint: say("pools.account_hint"), options: accounts.map((account) => ({ value: account.id, label: `${account.name} · ${account.code}` })) },
    { name: "campaign", kind: "choice", label: say("campaigns.one"), optional: true, hint: say("pools.campaign_hint"), options: (campaigns.data?.items ?? []).map((one) => ({ value: one.id, label: one.plan.title })) },
    { name: "locked_fen", kind: "money", label: say("pools.locked"), group: say("pools.backing") },
    { name: "backing", kind: "choice", label: say("pools.backing"), options: (["gift", "agreement"] as const).map((value) => ({ value, label: say(`pools.by_${value}`) })) },
    ...(entered.backing === "agreement"
      ? [{ name: "file", kind: "file", label: say("pools.agreement_file"), hint: say("pools.agreement_hint") }, { name: "signed_on", kind: "day", label: say("pools.signed_on") }] satisfies Field[]
      : [{ name: "gift", label: say("gifts.id"), hint: say("pools.gift_hint") }]),
    { name: "priority", kind: "count", label: say("pools.priority"), hint: say("pools.priority_hint") },
  ];
  const sponsorOf = async (unit: string, name: string): Promise<string> => {
    const found = known.data?.find((one) => one.unit === unit && one.name === name)?.id ?? sent.current.sponsor.get(`${unit} ${name}`);
    if (found) return found;
    const { id } = await take(api.POST("/api/v1/match/sponsors", { body: { unit, name } }));
    sent.current.sponsor.set(`${unit} ${name}`, id);
    return id;
  };
  const agreementOf = async (unit: string, file: File): Promise<string> => {
    const id = sent.current.agreement.get(file) ?? (await sendAgreement(unit, file)).agreement;
    sent.current.agreement.set(file, id);
    return id;
  };
  const submit = async ({ backing, file, gift, signed_on, sponsor, ...entered }: Entered) => {
    const behind = backing === "agreement" && file ? { agreement: await agreementOf(entered.unit, file), signed_on: signed_on ?? null } : { gift: gift?.trim() ?? null };
    const body: Shape["CreatePool"] = { ...entered, sponsor: await sponsorOf(entered.unit, sponsor.trim()), ...behind };
    const pool = await take(api.POST("/api/v1/match/pools", { body }));
    await queries.invalidateQueries();
    made(pool.code);
  };
  return (
    <Panel title={say("pools.new")} close={close}>
      <QuickForm<Entered>
        draft="pool.new"
        fields={fields} initial={{ backing: "gift", priority: PRIORITY, ...(own ? { unit: own.id } : {}) }}
        effect={(entered) => say("pools.new_effect", { sum: typeof entered.locked_fen === "number" && entered.locked_fen > 0 ? yuan(entered.locked_fen) : "–" })}
        button={say("pools.make")} done={say("saved")} submit={submit} after={() => undefined} cancel={close}
      />
    </Panel>
  );
}
