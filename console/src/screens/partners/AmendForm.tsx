import { Link } from "@tanstack/react-router";
import { type AgreementWhole, type Amendment, type Terms, handIn, post } from "../../api/partnership";
import { State } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";
import { type Asking, askedOf, useAskingFields } from "../approvals/Ask";
import { useTermsFields } from "./terms";

const KIND = "partner_amendment";
const REASON_CHARS_MAX = 120;

type Said = Terms & Asking & { reason?: string; paper?: File };

/** What the version in force says, as a form holds it. */
function termsOf(whole: AgreementWhole): Partial<Terms> {
  const [version] = whole.versions;
  if (!version) return {};
  return {
    first_day: version.first_day, last_day: version.last_day, targets: version.targets.map(({ kind, year, target_fen }) => ({ kind, year, target_fen })),
    pairs: version.pairs.map(({ ours, theirs }) => ({ ours, theirs })),
  };
}

/** What an agreement shall say: a draft is mended; a signed one is amended with the signed paper, by a leader or by a case as the unit's policy has it. */
export function AmendForm({ unit, whole, formKey, after, cancel }: { unit: string; whole: AgreementWhole; formKey: string; after: () => void; cancel: () => void }) {
  const say = useSay();
  const terms = useTermsFields();
  const asking = useAskingFields(unit, KIND);
  const { agreement } = whole;
  const draft = agreement.state === "draft";
  const byCase = !draft && whole.by_case;
  const at = `agreements/${agreement.id}`;
  const reason: Field = { name: "reason", label: say("reason"), chars: REASON_CHARS_MAX, optional: draft };
  const paper: Field = { name: "paper", kind: "file", label: say("partnership.amend_file"), hint: say("partnership.paper_hint") };
  const fields = (entered: Partial<Said>): Field[] => [...terms, reason, ...(draft ? [] : [paper]), ...(byCase ? asking.fields(entered) : [])];
  const submit = async (said: Said) => {
    const body = { terms: { first_day: said.first_day, last_day: said.last_day, pairs: said.pairs ?? [], targets: said.targets ?? [] }, reason: said.reason ?? "" };
    const file = said.paper && !draft ? { file: await handIn(unit, said.paper) } : {};
    if (byCase) return post(`${at}/amendments`, { key: formKey, ...body, ...file, ...askedOf(said) });
    return post(`${at}/versions`, { ...body, ...file });
  };
  const effect = say(draft ? "partnership.amend_draft_effect" : byCase ? "partnership.amend_case_effect" : "partnership.amend_leader_effect");
  const initial: Partial<Said> = byCase ? { ...termsOf(whole), papers: asking.lines } : termsOf(whole);
  return (
    <QuickForm<Said>
      key={byCase ? asking.lines.length : 0} fields={fields} initial={initial} effect={effect} button={say(byCase ? "partnership.amend_ask" : "partnership.amend")}
      done={say(byCase ? "approvals.asked" : "saved")} after={after} cancel={cancel} submit={submit}
    />
  );
}

/** Amendments that cases decide or decided, each with the way to its case. */
export function Amendments({ of }: { of: Amendment[] }) {
  const say = useSay();
  if (of.length === 0) return null;
  return (
    <section className="section" data-amendments>
      <h3>{say("partnership.amendments")}</h3>
      <ul style={{ display: "grid", gap: 6 }}>
        {of.map((one) => (
          <li key={one.id}>
            <State group="amendment" word={one.state} /> {say("partnership.amend_version", { version: one.said.version, reason: one.said.reason })}{" "}
            {one.case && <Link to="/cases" search={{ case: one.case }}>{say("approvals.open_case")}</Link>}
          </li>
        ))}
      </ul>
    </section>
  );
}
