import { Button } from "antd";
import { useState } from "react";
import { ask } from "../../api/client";
import { download } from "../../lib/csv";
import { Facts, Screen } from "../../ui/basics";
import { Decide } from "../../ui/Decide";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

const REASONS = ["giver_asked", "consent_withdrawn", "guardian_asked", "time_over", "authority_ordered"] as const;
const COUNTED = ["gifts", "mandates", "news", "teams", "orders"] as const;
type Counts = Record<(typeof COUNTED)[number], number>;
type Kept = { rule: "receipt" | "refund" | "books" | "public_log" | "trail"; gifts: number; until: string | null; parameter: string | null; source: string | null };
type Report = { stage: "preview" | "done"; as_of: string; erased: Counts; kept: Kept[]; next: string | null };

const AT = "/api/v1/personal-erasures";
/** Parts gone through by one press: who has given more presses again. */
const PARTS_MAX = 50;

/** The lines of two parts as one: gifts add up, the later day counts. */
function merged(one: Report, other: Report): Report {
  const erased = Object.fromEntries(COUNTED.map((of) => [of, one.erased[of] + other.erased[of]])) as Counts;
  const rules = [...new Set([...one.kept, ...other.kept].map((line) => line.rule))];
  const kept = rules.map((rule) => {
    const lines = [...one.kept, ...other.kept].filter((line) => line.rule === rule);
    const until = lines.map((line) => line.until ?? "").sort().at(-1);
    return { ...(lines[0] as Kept), gifts: lines.reduce((sum, line) => sum + line.gifts, 0), until: until || null };
  });
  return { ...other, erased, kept };
}

/** Part after part, from where a report ended; each is told at once, so that what was done is known where a later one fails. */
async function parts(path: string, body: object, before: Report | null, tell: (so_far: Report) => void): Promise<Report> {
  const one = await ask<Report>("POST", path, before?.next ? { ...body, after: before.next } : body);
  let all = before ? merged(before, one) : one;
  tell(all);
  for (let part = 1; all.next && part < PARTS_MAX; part += 1) {
    all = merged(all, await ask<Report>("POST", path, { ...body, after: all.next }));
    tell(all);
  }
  return all;
}

/** All that is held about one person: looked at first, then destroyed for ever, with a report of what the law keeps. */
export function Erasures() {
  const say = useSay();
  const [round, setRound] = useState(0);
  const [contact, setContact] = useState("");
  const [report, setReport] = useState<Report | null>(null);
  const [busy, setBusy] = useState(false);
  const fields: Field[] = [{ name: "contact", label: say("copies.contact"), hint: say("copies.contact_hint"), personal: true }];
  const look = async (asked: { contact: string }) => {
    setReport(await parts(`${AT}/preview`, asked, null, () => undefined));
    setContact(asked.contact);
  };
  // What is left of a round that was cut short goes on where it ended.
  const left = report?.stage === "done" && report.next ? report : null;
  const erase = async (reason: string) => {
    setBusy(true);
    try {
      await parts(AT, { contact, reason }, left, setReport);
    } finally {
      setBusy(false);
    }
  };
  const next = () => {
    setReport(null);
    setContact("");
    setRound(round + 1);
  };
  return (
    <Screen title={say("erasures.title")} lead={say("erasures.lead")}>
      <div className="card" style={{ maxWidth: 640 }}>
        {!report && <QuickForm<{ contact: string }> key={round} fields={fields} effect={say("erasures.effect")} button={say("erasures.look")} done={say("erasures.looked")} submit={look} after={() => {}} />}
        {report && <Lines of={report} />}
        {(report?.stage === "preview" || left) && (
          <Decide
            effect={say("erasures.erase_effect")}
            choices={[{ key: "erase", label: say("erasures.erase"), look: "danger", done: say("erasures.done"), reasons: REASONS.map((value) => ({ value, label: say(`erasure.${value}`) })), run: erase }]}
            after={() => {}}
          />
        )}
        {report?.stage === "done" && (
          <p>
            <Button onClick={() => download("personal-data-erased.json", new Blob([JSON.stringify(report, null, 2)], { type: "application/json" }))}>{say("erasures.json")}</Button>{" "}
            <Button onClick={() => window.print()}>{say("erasures.print")}</Button>
          </p>
        )}
        {report && <Button type="link" disabled={busy} onClick={next}>{say("erasures.again")}</Button>}
      </div>
    </Screen>
  );
}

function Lines({ of }: { of: Report }) {
  const say = useSay();
  const line = (kept: Kept) => [kept.gifts > 0 && String(kept.gifts), kept.until && say("erasures.until", { until: kept.until }), kept.source].filter(Boolean).join(" · ");
  return (
    <>
      <h2>{say(of.stage === "done" ? "erasures.was" : "erasures.would")}</h2>
      <Facts of={COUNTED.map((one): [string, string] => [say(`erasures.of.${one}`), String(of.erased[one])])} />
      <h2>{say("erasures.kept")}</h2>
      <Facts of={of.kept.map((kept): [string, string] => [say(`erasures.keep.${kept.rule}`), line(kept) || "—"])} />
      {of.next && <p><b>{say("erasures.more")}</b></p>}
      {of.stage === "done" && <p className="mute">{say("erasures.backups")}</p>}
    </>
  );
}
