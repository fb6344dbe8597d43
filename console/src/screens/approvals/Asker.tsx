import type { ReactNode } from "react";
import { type Case, type Policy, amend, handIn, resubmit, withdraw } from "../../api/approvals";
import { useMay } from "../../api/session";
import { Decide } from "../../ui/Decide";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { type Change, changeOf } from "./change";
import { papersAsked, papersOf } from "./course";
import { type Deed, type Reader, amendable, deedsOf } from "./may";
import { PapersInput } from "./PapersInput";
import { type PaperLine, papersIn, wrongIn } from "./papers";

const TITLE_CHARS_MAX = 100;
const TEXT_CHARS_MAX = 4_000;

/** The field of papers, offering the kinds that are still missing. */
export function usePaperField(kinds: readonly string[], unit: string): Field {
  const say = useSay();
  return {
    name: "papers", kind: "own", label: say("approvals.papers"), optional: true, hint: say("approvals.papers.hint"),
    own: {
      input: <PapersInput kinds={kinds} unit={unit} />,
      wrong: (value) => {
        const wrong = wrongIn(value as PaperLine[] | undefined);
        return wrong && say(wrong);
      },
    },
  };
}

/** A line for each kind that is asked for, its name filled in. */
export function useFirstLines(): (kinds: readonly string[]) => PaperLine[] {
  const name = useWord();
  return (kinds) => kinds.map((kind) => ({ kind, name: name("approvals.paper", kind) }));
}

type AskerProps = { kase: Case; document: Policy | null; reader: Reader; chosen: Deed | null; choose: (deed: Deed | null) => void; after: () => void };

/** The foot of a case for who asked, and for who owes its papers: mend, hand in, take back. Nothing when nothing is to be done. */
export function Asker({ kase, document, reader, chosen, choose, after }: AskerProps): ReactNode {
  const say = useSay();
  const mine = useMay()("approval_request");
  const deeds = mine ? deedsOf(kase, document, reader) : [];
  const done = () => {
    choose(null);
    after();
  };
  const close = () => choose(null);
  if (deeds.length === 0) return null;
  if (chosen === "hand_in") return <HandIn kase={kase} after={done} close={close} />;
  if (chosen === "resubmit" || chosen === "amend") return <Mend kase={kase} document={document} reader={reader} how={chosen} after={done} close={close} />;
  const hint = deeds[0] === "resubmit" ? say("approvals.sent_back_to_you") : deeds[0] === "hand_in" ? say("approvals.papers_owed_hint") : say("approvals.waits_for_others");
  // Who decides may mend it too: that is no word to her, and not what she came for.
  const isHers = kase.is_mine || deeds[0] === "hand_in";
  return (
    <Decide
      effect={isHers && hint} after={done}
      choices={deeds.map((deed, at) => {
        const button = { key: deed, label: say(`approvals.deed.${deed}`), ...(at === 0 && isHers && deed !== "withdraw" ? { look: "primary" as const } : {}) };
        if (deed !== "withdraw") return { ...button, open: () => choose(deed) };
        return { ...button, note: say("approvals.withdraw_note"), chars: TEXT_CHARS_MAX, draft: `approval.${kase.id}.withdraw`, done: say("approvals.done.withdraw"), run: (said: string) => withdraw(kase.id, said) };
      })}
    />
  );
}

function HandIn({ kase, after, close }: { kase: Case; after: () => void; close: () => void }) {
  const say = useSay();
  const papers = usePaperField(kase.papers_owed, kase.unit);
  const lines = useFirstLines()(kase.papers_owed);
  return (
    <QuickForm<Change>
      fields={[papers]} initial={{ papers: lines }} draft={`approval.${kase.id}.papers`} effect={say("approvals.hand_in_effect")}
      button={say("approvals.deed.hand_in")} done={say("approvals.done.hand_in")} after={after} cancel={close}
      submit={(entered) => handIn(kase.id, papersIn(entered.papers))}
    />
  );
}

function Mend({ kase, document, reader, how, after, close }: { kase: Case; document: Policy | null; reader: Reader; how: "resubmit" | "amend"; after: () => void; close: () => void }) {
  const say = useSay();
  const at = how === "amend" ? amendable(kase, document, reader) : null;
  const has = new Set(papersOf(kase).map((paper) => paper.kind));
  const missing = papersAsked(document).filter((kind) => !has.has(kind));
  const papers = usePaperField(missing, kase.unit);
  const may = (part: "title" | "summary" | "papers") => how === "resubmit" || (at?.parts.includes(part) ?? false);
  const all: (Field | false)[] = [
    may("title") && { name: "title", label: say("approvals.case_title"), chars: TITLE_CHARS_MAX },
    may("summary") && { name: "summary", kind: "area", label: say("approvals.summary"), chars: TEXT_CHARS_MAX, optional: true },
    may("papers") && papers,
    how === "resubmit" && { name: "words", kind: "area", label: say("approvals.resubmit_words"), chars: TEXT_CHARS_MAX },
  ];
  const submit = (entered: Change) => {
    const content = changeOf(kase, entered);
    return at ? amend(kase.id, { stage: at.stage.key, content }) : resubmit(kase.id, { content, words: entered.words?.trim() ?? "" });
  };
  return (
    <QuickForm<Change>
      fields={all.filter((field) => field !== false)} initial={{ title: kase.title, summary: kase.summary }} draft={`approval.${kase.id}.${how}`}
      effect={say(`approvals.${how}_effect`)} button={say(`approvals.deed.${how}`)} done={say(`approvals.done.${how}`)} submit={submit} after={after} cancel={close}
    />
  );
}
