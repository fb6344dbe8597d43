import { Button, Checkbox, Input, InputNumber, Select } from "antd";
import type { How, Spec, Who } from "../../api/approvals";
import { useSay, useWord } from "../../words";
import type { Fault } from "./fault";
import { Field, LimitInput } from "./fields";
import { KINDS } from "./PapersInput";
import { DECIDERS, howOf, whoOf, withHow, withWho } from "./stageEdits";
import { LIMIT_S_DEFAULT } from "./tell";

const LEVELS = ["own", "above", "top", "peers"] as const;
const WHOS = ["role", "people", "committee", "outside"] as const;
const HOWS = ["any", "all", "number", "vote", "scores"] as const;
const SHARES = ["more_than_half", "two_thirds", "all"] as const;
const BASES = ["members", "present"] as const;
const PARTS = ["title", "summary", "papers"] as const;
const BACKS = ["no", "here", "start"] as const;
const TITLE_CHARS_MAX = 60;
const KEY_CHARS_MAX = 40;

type Option = { value: string; label: string };
type StageFieldsProps = { stage: Spec; number: number; before: Option[]; wrong: { fault: Fault; said: string } | null; change: (next: Spec) => void; remove: (() => void) | null };

/** One stage as a form: what it is called, after which others, who decides and how many, until when, what else. */
export function StageFields({ stage, number, before, wrong, change, remove }: StageFieldsProps) {
  const say = useSay();
  const name = useWord();
  const at = (part: string) => (wrong?.fault.part === part ? wrong.said : null);
  const papers = [...new Set([...KINDS, ...(stage.papers ?? [])])].map((kind) => ({ value: kind, label: name("approvals.paper", kind) }));
  return (
    <fieldset className="stage-form" aria-label={say("approvals.form.stage", { number })} data-stage-form={stage.key}>
      <legend>{say("approvals.form.stage", { number })}</legend>
      <div className="pair">
        <Field label={say("approvals.form.stage_title")} wrong={at("title")}><Input maxLength={TITLE_CHARS_MAX} value={stage.title} onChange={(event) => change({ ...stage, title: event.target.value })} /></Field>
        <Field label={say("approvals.form.title_en")}><Input maxLength={TITLE_CHARS_MAX} value={stage.title_en ?? ""} onChange={(event) => change({ ...stage, title_en: event.target.value })} /></Field>
      </div>
      <Field label={say("approvals.form.key")} hint={say("approvals.form.key_hint")} wrong={at("key")}><Input maxLength={KEY_CHARS_MAX} value={stage.key} onChange={(event) => change({ ...stage, key: event.target.value })} /></Field>
      {before.length > 0 && (
        <Field label={say("approvals.form.after")} hint={say("approvals.form.after_hint")} wrong={at("after")}>
          <Select mode="multiple" aria-label={say("approvals.form.after")} options={before} value={stage.after ?? []} onChange={(after) => change({ ...stage, after })} />
        </Field>
      )}
      <WhoFields label={say("approvals.form.who")} who={stage.who} kinds={WHOS} wrong={at("who")} change={(who) => change(withWho(stage, who))} />
      {stage.who.kind !== "outside" && <HowFields stage={stage} wrong={at("how")} change={change} />}
      {stage.how.kind === "scores" && <SheetFields stage={stage} wrong={at("sheet")} change={change} />}
      <div className="pair">
        <Field label={say("approvals.form.limit")} wrong={at("limit_s")}><LimitInput label={say("approvals.form.limit")} value={stage.limit_s ?? LIMIT_S_DEFAULT} change={(limit_s) => change({ ...stage, limit_s })} /></Field>
        <Field label={say("approvals.form.draw")} hint={say("approvals.form.draw_hint")} wrong={at("draw")}><InputNumber min={1} max={50} precision={0} style={{ width: "100%" }} value={stage.draw ?? null} onChange={(draw) => change({ ...stage, draw })} /></Field>
      </div>
      <Checkbox checked={Boolean(stage.deputy)} onChange={(event) => change({ ...stage, deputy: event.target.checked ? whoOf("role") : null })}>{say("approvals.form.deputy")}</Checkbox>
      {stage.deputy && <WhoFields label={say("approvals.form.deputy_who")} who={stage.deputy} kinds={["role", "people"]} wrong={at("deputy")} change={(deputy) => change({ ...stage, deputy })} />}
      <Field label={say("approvals.form.papers")} wrong={at("papers")}><Select mode="tags" aria-label={say("approvals.form.papers")} options={papers} value={stage.papers ?? []} onChange={(kinds) => change({ ...stage, papers: kinds })} /></Field>
      <div className="pair">
        <Field label={say("approvals.form.edits")}><Select mode="multiple" aria-label={say("approvals.form.edits")} options={PARTS.map((value) => ({ value, label: say(`approvals.part.${value}`) }))} value={stage.edits ?? []} onChange={(edits) => change({ ...stage, edits })} /></Field>
        <Field label={say("approvals.form.send_back")}><Select aria-label={say("approvals.form.send_back")} options={BACKS.map((value) => ({ value, label: say(`approvals.back.${value}`) }))} value={stage.send_back ?? "no"} onChange={(send_back) => change({ ...stage, send_back })} /></Field>
      </div>
      {remove && <p><Button size="small" onClick={remove}>{say("approvals.form.remove_stage")}</Button></p>}
    </fieldset>
  );
}

type WhoFieldsProps = { label: string; who: Who; kinds: readonly Who["kind"][]; wrong: string | null; change: (who: Who) => void };

function WhoFields({ label, who, kinds, wrong, change }: WhoFieldsProps) {
  const say = useSay();
  const roles = DECIDERS.map((value) => ({ value, label: say(`role.${value}`) }));
  const levels = LEVELS.map((value) => ({ value, label: say(`approvals.level.${value}`) }));
  const people = (names: string[], set: (people: string[]) => void) => (
    <Field label={say("approvals.form.people")} hint={say("approvals.form.people_hint")}><Select mode="tags" aria-label={say("approvals.form.people")} tokenSeparators={[" ", ",", "\n"]} open={false} suffixIcon={null} value={names} onChange={set} /></Field>
  );
  return (
    <div className="group">
      <Field label={label} wrong={wrong}>
        <Select aria-label={label} options={kinds.map((value) => ({ value, label: say(`approvals.who_kind.${value}`) }))} value={who.kind} onChange={(kind: Who["kind"]) => change(whoOf(kind))} />
      </Field>
      {who.kind === "committee" && <Field label={say("approvals.form.committee")}><Input maxLength={TITLE_CHARS_MAX} value={who.name} onChange={(event) => change({ ...who, name: event.target.value })} /></Field>}
      {who.kind === "outside" && <Field label={say("approvals.form.body")}><Input maxLength={TITLE_CHARS_MAX} value={who.body} onChange={(event) => change({ ...who, body: event.target.value })} /></Field>}
      {(who.kind === "people" || who.kind === "committee") && people(who.people, (names) => change({ ...who, people: names }))}
      {(who.kind === "role" || who.kind === "outside") && (
        <div className="pair">
          <Field label={say(who.kind === "role" ? "approvals.form.role" : "approvals.form.recorder")}>
            <Select aria-label={say(who.kind === "role" ? "approvals.form.role" : "approvals.form.recorder")} options={roles} value={who.kind === "role" ? who.role : who.recorder} onChange={(role) => change(who.kind === "role" ? { ...who, role } : { ...who, recorder: role })} />
          </Field>
          <Field label={say("approvals.form.level")}><Select aria-label={say("approvals.form.level")} options={levels} value={who.at} onChange={(level) => change({ ...who, at: level })} /></Field>
        </div>
      )}
    </div>
  );
}

function HowFields({ stage, wrong, change }: { stage: Spec; wrong: string | null; change: (next: Spec) => void }) {
  const say = useSay();
  const { how } = stage;
  const set = (next: How) => change({ ...stage, how: next });
  const shares = SHARES.map((value) => ({ value, label: say(`approvals.share.${value}`) }));
  const needed = (label: string) => (how.kind === "number" || how.kind === "scores") && (
    <Field label={label}><InputNumber aria-label={label} min={1} max={50} precision={0} value={how.needed} onChange={(count) => set({ ...how, needed: count ?? 1 })} /></Field>
  );
  return (
    <div className="group">
      <Field label={say("approvals.form.how")} wrong={wrong}>
        <Select aria-label={say("approvals.form.how")} options={HOWS.map((value) => ({ value, label: say(`approvals.how_kind.${value}`) }))} value={how.kind} onChange={(kind: How["kind"]) => change(withHow(stage, howOf(kind)))} />
      </Field>
      {how.kind === "number" && needed(say("approvals.form.needed"))}
      {how.kind === "scores" && (
        <div className="pair">
          {needed(say("approvals.form.sheets"))}
          <Field label={say("approvals.form.pass")}><InputNumber aria-label={say("approvals.form.pass")} min={1} precision={0} value={how.pass} onChange={(pass) => set({ ...how, pass: pass ?? 1 })} /></Field>
        </div>
      )}
      {how.kind === "vote" && (
        <div className="pair three">
          <Field label={say("approvals.form.quorum")}><Select aria-label={say("approvals.form.quorum")} options={shares} value={how.quorum} onChange={(quorum) => set({ ...how, quorum })} /></Field>
          <Field label={say("approvals.form.majority")}><Select aria-label={say("approvals.form.majority")} options={shares} value={how.majority} onChange={(majority) => set({ ...how, majority })} /></Field>
          <Field label={say("approvals.form.of")}><Select aria-label={say("approvals.form.of")} options={BASES.map((value) => ({ value, label: say(`approvals.base.${value}`) }))} value={how.of} onChange={(of) => set({ ...how, of })} /></Field>
        </div>
      )}
    </div>
  );
}

function SheetFields({ stage, wrong, change }: { stage: Spec; wrong: string | null; change: (next: Spec) => void }) {
  const say = useSay();
  const items = stage.sheet ?? [];
  const set = (place: number, part: Partial<(typeof items)[number]>) => change({ ...stage, sheet: items.map((item, at) => (at === place ? { ...item, ...part } : item)) });
  return (
    <div className="group">
      <span>{say("approvals.form.sheet")}</span>
      {items.map((item, place) => (
        <div className="sheet-line" key={place}>
          <Input aria-label={say("approvals.form.item")} placeholder={say("approvals.form.item")} maxLength={TITLE_CHARS_MAX} value={item.title} onChange={(event) => set(place, { title: event.target.value })} />
          <Input aria-label={say("approvals.form.item_key")} placeholder={say("approvals.form.item_key")} maxLength={KEY_CHARS_MAX} value={item.key} onChange={(event) => set(place, { key: event.target.value })} />
          <InputNumber aria-label={say("approvals.form.item_max")} min={1} max={1000} precision={0} value={item.max} onChange={(max) => set(place, { max: max ?? 1 })} />
          <Button size="small" onClick={() => change({ ...stage, sheet: items.filter((_, at) => at !== place) })}>{say("form.line_remove")}</Button>
        </div>
      ))}
      <Button size="small" onClick={() => change({ ...stage, sheet: [...items, { key: `item_${items.length + 1}`, title: "", max: 10 }] })}>{say("form.line_add")}</Button>
      {wrong && <small className="bad" data-wrong>{wrong}</small>}
    </div>
  );
}
