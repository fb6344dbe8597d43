import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Skeleton } from "antd";
import { useState } from "react";
import { ask } from "../../api/client";
import { APPROVALS } from "../../api/approvals";
import { whileHere } from "../../lib/awake";
import { moment } from "../../lib/time";
import { Facts, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useTell } from "../../ui/useTell";
import { useSay } from "../../words";

type CaseWebhook = { unit: string; address: string | null; is_on: boolean; set_at: string | null; last_at: string | null; last_status: number | null; secret: string | null };
type Wanted = { address: string; secret?: string; is_on: boolean };

/** Over TLS; without it only to this machine, which the server takes where its settings allow that. */
const ADDRESS = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$))[^\s?#@]*$/;

/** How long a test is given before its outcome is read again. */
const TRIED_MS = 3000;
/** While it is on, the last delivery is read again at this pace. */
const LAST_MS = 8_000;

/** Where a unit has its cases told to another program: one address, one secret. */
export function Webhook({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const [made, setMade] = useState<string | null>(null);
  const [fault, tell] = useTell();
  const at = `/api/v1/units/${unit}/case-webhook`;
  const key = [...APPROVALS, "webhook", unit];
  const read = useQuery({ queryKey: key, queryFn: () => ask<CaseWebhook>("GET", at), refetchInterval: (query) => (query.state.data?.is_on ? whileHere(LAST_MS)() : false) });
  const fields: Field[] = [
    { name: "address", label: say("webhook.address"), hint: say("webhook.address_hint"), chars: 300, wrong: (text) => (ADDRESS.test(text.trim()) ? null : say("webhook.address_wrong")) },
    { name: "secret", label: say("webhook.secret"), hint: say("webhook.secret_hint"), optional: true, personal: true },
    { name: "is_on", kind: "check", label: say("webhook.is_on") },
  ];
  const submit = async ({ address, secret, is_on }: Wanted) => {
    const body = { address: address.trim(), is_on: Boolean(is_on), ...(secret?.trim() ? { secret: secret.trim() } : {}) };
    setMade((await ask<CaseWebhook>("PUT", at, body)).secret);
  };
  const again = () => void queries.invalidateQueries({ queryKey: key });
  const attempt = async () => {
    if (await tell(ask<void>("POST", `${at}/test`))) setTimeout(again, TRIED_MS);
  };
  const set = read.data;
  const last = set?.last_at ? `${moment(set.last_at)} · ${set.last_status === null ? say("webhook.no_answer") : say("webhook.answered", { status: set.last_status })}` : null;
  return (
    <Panel title={say("webhook.title")} close={close}>
      <p className="mute">{say("webhook.lead")}</p>
      {read.error && <Trouble error={read.error} again={again} />}
      {read.isPending && <Skeleton active />}
      {made && <Alert type="warning" showIcon title={say("webhook.made")} description={<code>{made}</code>} />}
      {set && <Facts of={[[say("webhook.last"), last]]} />}
      {Boolean(fault) && <Trouble error={fault} />}
      {set?.is_on && <p><Button onClick={() => void attempt()}>{say("webhook.test")}</Button></p>}
      {set && (
        <QuickForm<Wanted>
          key={set.set_at ?? "new"} fields={fields} initial={{ address: set.address ?? "", is_on: set.address ? set.is_on : true }}
          effect={say("webhook.effect")} button={say("save")} done={say("webhook.done")} submit={submit} after={again}
        />
      )}
    </Panel>
  );
}
