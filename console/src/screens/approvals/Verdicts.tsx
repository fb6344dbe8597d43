import { Button, Input, Segmented } from "antd";
import { useState } from "react";
import { type Case, type Policy, type Stage, act, declareConflict } from "../../api/approvals";
import { draftOf, dropDraft, keepDraft } from "../../lib/draft";
import { type Choice, Decide } from "../../ui/Decide";
import { QuickForm } from "../../ui/QuickForm";
import { useLanguage, useSay, useWord } from "../../words";
import { specOf } from "./course";
import { effectOf } from "./effect";
import { type Reader, type Way, needsWords, stagesOfMine, totalOf, waysAt } from "./may";
import { titled } from "./tell";

/** The server's longest words of a decision. */
const WORDS_CHARS_MAX = 4_000;

type VerdictsProps = { kase: Case; document: Policy | null; reader: Reader; wanted?: string | undefined; after: () => void };

/** The foot of a case for who decides: what will happen, then what may be said, each with the reason when it may not. */
export function Verdicts({ kase, document, reader, wanted, after }: VerdictsProps) {
  const say = useSay();
  const language = useLanguage();
  const mine = stagesOfMine(kase, reader);
  const [chosen, setChosen] = useState(wanted);
  const stage = mine.find((one) => one.key === chosen) ?? mine[0] ?? kase.stages.find((one) => one.state === "open");
  if (!stage) return null;
  return (
    <>
      {mine.length > 1 && (
        <Segmented block aria-label={say("approvals.which_stage")} value={stage.key} options={mine.map((one) => ({ value: one.key, label: titled(one, language) }))} onChange={setChosen} />
      )}
      <AtStage key={stage.key} kase={kase} stage={stage} document={document} reader={reader} after={after} />
    </>
  );
}

function AtStage({ kase, stage, document, reader, after }: Omit<VerdictsProps, "wanted"> & { stage: Stage }) {
  const say = useSay();
  const name = useWord();
  const language = useLanguage();
  const [scoring, setScoring] = useState(false);
  const kept = `approval.${kase.id}.${stage.key}`;
  const [remark, setRemark] = useState<string | null>(() => draftOf<string>(`${kept}.remark`, new Date()));
  const write = (text: string | null) => {
    setRemark(text);
    if (text) keepDraft(`${kept}.remark`, text, new Date());
    else dropDraft(`${kept}.remark`);
  };
  const spec = specOf(document, stage.key);
  const ways = waysAt(kase, stage, document, reader);
  const why = (way: Way): string | null => {
    const not = ways.find((one) => one.way === way)?.why;
    return not ? say(not.word, { papers: (not.papers ?? []).map((kind) => name("approvals.paper", kind)).join(" · ") }) : null;
  };
  const isOutside = spec?.who.kind === "outside";
  const choice = (way: Way): Choice => {
    const label = say(isOutside && (way === "approve" || way === "refuse") ? `approvals.finding.${way}` : `approvals.way.${way}`);
    const look = way === "approve" || way === "score" ? { look: "primary" as const } : way === "refuse" ? { look: "danger" as const } : {};
    const button = { key: way, label, why: why(way), ...look };
    if (way === "score") return { ...button, open: () => setScoring(true) };
    if (way === "conflict") return { ...button, note: say("approvals.conflict_note"), draft: `${kept}.conflict`, chars: WORDS_CHARS_MAX, done: say("approvals.done.conflict"), run: (said) => declareConflict(kase.id, said) };
    const asks = needsWords(way, spec) ? { note: say(isOutside ? "approvals.finding.note" : `approvals.note.${way}`), draft: `${kept}.${way}`, chars: WORDS_CHARS_MAX } : {};
    return {
      ...button, ...asks, done: say(`approvals.done.${way}`),
      run: async (said) => {
        await act(kase.id, { stage: stage.key, verdict: way, words: said || remark?.trim() || "" });
        dropDraft(`${kept}.remark`);
      },
    };
  };
  if (scoring) return <ScoreSheet kase={kase} stage={stage} document={document} kept={`${kept}.score`} after={after} cancel={() => setScoring(false)} />;
  const first = ways[0] ? why(ways[0].way) : null;
  const nothing = ways.every((one) => one.why);
  const effect = nothing && first ? first : say("approvals.effect.at", { stage: titled(stage, language), effect: first ?? effectOf(kase, stage, document, { say, language }) });
  return (
    <>
      {!nothing && !isOutside && stage.sheet.length === 0 && (remark === null
        ? <p><Button type="link" size="small" style={{ padding: 0 }} onClick={() => setRemark("")}>{say("approvals.remark_add")}</Button></p>
        : <Input.TextArea aria-label={say("approvals.remark")} placeholder={say("approvals.remark")} autoSize={{ minRows: 1, maxRows: 5 }} maxLength={WORDS_CHARS_MAX} value={remark} onChange={(event) => write(event.target.value)} />)}
      <Decide effect={effect} choices={ways.map((one) => choice(one.way))} after={after} />
    </>
  );
}

type Sheet = { scores: Record<string, number>; words?: string };

/** A sheet of scores: each item from 0 to its most, the total beside what passes. */
function ScoreSheet({ kase, stage, document, kept, after, cancel }: { kase: Case; stage: Stage; document: Policy | null; kept: string; after: () => void; cancel: () => void }) {
  const say = useSay();
  const language = useLanguage();
  const how = specOf(document, stage.key)?.how;
  const most = stage.sheet.reduce((sum, item) => sum + item.max, 0);
  return (
    <QuickForm<Sheet>
      fields={[
        ...stage.sheet.map((item) => ({ name: ["scores", item.key], kind: "count" as const, max: item.max, label: say("approvals.tell.item", { title: titled(item, language), max: item.max }) })),
        { name: "words", kind: "area", label: say("approvals.remark_label"), optional: true, chars: WORDS_CHARS_MAX },
      ]}
      draft={kept}
      effect={(entered) => {
        const total = totalOf(stage, entered.scores ?? {});
        if (total === null) return say("approvals.score_total_open", { most });
        return how?.kind === "scores" ? say("approvals.score_total_pass", { total, most, pass: how.pass, needed: how.needed }) : say("approvals.score_total", { total, most });
      }}
      button={say("approvals.score_send")} done={say("approvals.done.score")} after={after} cancel={cancel}
      submit={({ scores, words }) => act(kase.id, { stage: stage.key, verdict: "score", scores, words: words?.trim() ?? "" })}
    />
  );
}
