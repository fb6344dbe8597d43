import { useState } from "react";
import { fetchRaw } from "../../api/client";
import { download } from "../../lib/csv";
import { Screen } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

const REASONS = ["donor_asked", "guardian_asked", "relative_asked", "authority_ordered"] as const;
const FORMS = ["html", "csv", "json"] as const;
type Asked = { contact: string; reason: (typeof REASONS)[number]; form: (typeof FORMS)[number]; after?: string };
/** A public id: 26 letters of base32. */
const ID = /^[a-z2-7]{26}$/;

/** A copy of all that is held about a donor, for herself; it is noted who took it and why, never whose. */
export function Copies() {
  const say = useSay();
  const [round, setRound] = useState(0);
  const fields: Field[] = [
    { name: "contact", label: say("copies.contact"), hint: say("copies.contact_hint") },
    { name: "reason", kind: "choice", label: say("reason"), options: REASONS.map((value) => ({ value, label: say(`copies.reason.${value}`) })) },
    { name: "form", kind: "choice", label: say("copies.form"), options: FORMS.map((value) => ({ value, label: say(`copies.form.${value}`) })) },
    { name: "after", label: say("copies.after"), hint: say("copies.after_hint"), optional: true, wrong: (text) => (ID.test(text.trim()) ? null : say("supervision.id_wrong")) },
  ];
  const submit = async ({ after, ...asked }: Asked) => {
    const body = JSON.stringify({ ...asked, ...(after?.trim() ? { after: after.trim() } : {}) });
    const answer = await fetchRaw("/api/v1/personal-copies", { method: "POST", body, headers: { "content-type": "application/json" } });
    download(`personal-data.${asked.form}`, await answer.blob());
  };
  return (
    <Screen title={say("copies.title")} lead={say("copies.lead")}>
      <div className="card" style={{ maxWidth: 560 }}>
        <QuickForm<Asked> key={round} fields={fields} initial={{ form: "html" }} effect={say("copies.effect")} button={say("copies.take")} done={say("copies.taken")} submit={submit} after={() => setRound(round + 1)} />
      </div>
    </Screen>
  );
}
