import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Input, Segmented } from "antd";
import { useRef, useState } from "react";
import type { Policy } from "../../api/approvals";
import { api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { draftOf, dropDraft, keepDraft } from "../../lib/draft";
import { Act, Screen, Trouble, problemWords } from "../../ui/basics";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { type Fault, expectedAt, faultOf, lineOf, parsed, written } from "./fault";
import { PolicyForm } from "./PolicyForm";
import { PolicyWords } from "./PolicyWords";
import { tellHead, tellStage } from "./tell";
import { useTelling } from "./use";

type PolicyEditorProps = { unit: string; kind: string; from: Policy; close: () => void; published: (kind: string) => void };
type Kept = { kind: string; policy: Policy };
type Wrong = { fault: Fault; said: string };

/** The next version of a policy: as a form or as its text, told in words beside as it is written. */
export function PolicyEditor({ unit, kind: before, from, close, published }: PolicyEditorProps) {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const draft = `policy.${unit}.${before || "new"}`;
  const [kept] = useState(() => draftOf<Kept>(draft, new Date()));
  const [kind, setKind] = useState(kept?.kind ?? before);
  const [policy, setPolicy] = useState<Policy>(kept?.policy ?? from);
  const [text, setText] = useState<string | null>(null);
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const area = useRef<HTMLDivElement>(null);
  const read = text === null ? { policy } : parsed(text);
  const whole = "policy" in read && Array.isArray(read.policy?.stages) ? read.policy : null;

  const keep = (next: Policy, of = kind) => keepDraft(draft, { kind: of, policy: next } satisfies Kept, new Date());
  const change = (next: Policy) => {
    setPolicy(next);
    setWrong(null);
    keep(next);
  };
  const type = (next: string) => {
    setText(next);
    setWrong(null);
    const got = parsed(next);
    if ("policy" in got && Array.isArray(got.policy?.stages)) {
      setPolicy(got.policy);
      keep(got.policy);
    }
  };
  const turn = (to: string) => {
    setError(null);
    setText(to === "text" ? written(policy) : null);
  };
  const leave = () => {
    dropDraft(draft);
    close();
  };
  const publish = async () => {
    if (!whole) return;
    setBusy(true);
    setError(null);
    setWrong(null);
    try {
      await api.POST("/api/v1/approvals/policies", { body: { unit, subject_kind: kind.trim(), policy: whole } });
      dropDraft(draft);
      await queries.invalidateQueries();
      message.success(say("approvals.published"));
      published(kind.trim());
    } catch (refused) {
      const problem = asProblem(refused);
      const fault = faultOf(problem.field);
      const expected = fault && expectedAt(fault);
      if (!fault) setError(refused);
      else {
        setWrong({ fault, said: expected ? say(expected) : problemWords(problem, say).detail });
        // The text is written down anew, so that its lines are the ones that are counted.
        if (text !== null) setText(written(whole));
        requestAnimationFrame(() => area.current?.querySelector("[data-wrong]")?.scrollIntoView({ block: "center" }));
      }
    } finally {
      setBusy(false);
    }
  };
  const line = wrong && text !== null && whole ? lineOf(whole, wrong.fault) : "line" in read ? read.line : null;
  const why = !kind.trim() ? say("approvals.kind_needed") : whole ? null : say("approvals.text_broken");
  return (
    <Screen
      title={before ? say("approvals.policy_of", { kind: name("approvals.kind", before) }) : say("approvals.policy_new")} lead={units.name(unit)}
      acts={<Segmented value={text === null ? "form" : "text"} options={[{ value: "form", label: say("approvals.as_form") }, { value: "text", label: say("approvals.as_text") }]} disabled={text !== null && !whole} onChange={turn} />}
    >
      {kept && <p className="hint" style={{ marginBottom: 10 }}>{say("form.draft_kept")}</p>}
      <div className="editor" ref={area}>
        <section className="card">
          {!before && (
            <label className="field">
              <span>{say("approvals.kind_word")}</span>
              <Input value={kind} maxLength={40} placeholder="refund" onChange={(event) => { setKind(event.target.value); keep(policy, event.target.value); }} />
              <small className="hint">{say("approvals.kind_hint")}</small>
            </label>
          )}
          {text === null ? <PolicyForm policy={policy} change={change} wrong={wrong} /> : <Text text={text} line={line} said={wrong?.said ?? ("line" in read ? say("approvals.text_broken") : null)} type={type} />}
        </section>
        <section className="card preview" aria-label={say("approvals.preview")}>
          <h2 style={{ fontSize: 15, marginBottom: 8 }}>{say("approvals.preview")}</h2>
          {whole ? <Told policy={whole} /> : <p className="mute">{say("approvals.text_broken")}</p>}
        </section>
      </div>
      <div className="card" style={{ marginTop: 14, display: "grid", gap: 10 }}>
        <p className="effect">{say("approvals.publish_effect_in", { unit: units.name(unit) })}</p>
        {error !== null && <Trouble error={error} />}
        {wrong && <Alert type="error" showIcon role="alert" title={say("approvals.not_whole")} description={wrong.said} />}
        <div style={{ display: "flex", gap: 8 }}>
          <Act type="primary" why={why} loading={busy} onClick={() => void publish()}>{say("approvals.publish")}</Act>
          <Button onClick={leave}>{say("cancel")}</Button>
        </div>
      </div>
    </Screen>
  );
}

/** What is being written as text may not be a policy yet: then there is nothing to tell. */
function Told({ policy }: { policy: Policy }) {
  const telling = useTelling();
  try {
    tellHead(policy, telling);
    for (const stage of policy.stages) tellStage(stage, policy, telling);
  } catch {
    return <p className="mute">{telling.say("approvals.text_broken")}</p>;
  }
  return <PolicyWords policy={policy} />;
}

function Text({ text, line, said, type }: { text: string; line: number | null; said: string | null; type: (next: string) => void }) {
  const say = useSay();
  const lines = text.split("\n");
  return (
    <div className="text-editor">
      {said && <p className="bad" data-wrong>{line === null ? said : say("approvals.at_line", { line, said })}{line !== null && <code className="code">{lines[line - 1]?.trim()}</code>}</p>}
      <div className="numbered">
        <pre aria-hidden="true">{lines.map((_, at) => <span key={at} className={at + 1 === line ? "wrong" : ""}>{at + 1}</span>)}</pre>
        <textarea aria-label={say("approvals.as_text")} spellCheck={false} value={text} rows={lines.length} wrap="off" onChange={(event) => type(event.target.value)} />
      </div>
    </div>
  );
}
