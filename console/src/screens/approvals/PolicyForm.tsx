import { Button, Checkbox, Input, Select } from "antd";
import type { Policy } from "../../api/approvals";
import { useLanguage, useSay } from "../../words";
import type { Fault } from "./fault";
import { Field, LimitInput } from "./fields";
import { StageFields } from "./StageFields";
import { withChanged, withStage, withoutStage } from "./stageEdits";
import { titled } from "./tell";

const DAY_S = 86_400;
const TITLE_CHARS_MAX = 60;
const STAGES_MAX = 20;

type PolicyFormProps = { policy: Policy; change: (next: Policy) => void; wrong: { fault: Fault; said: string } | null };

/** A policy as a form: its name, whether it is demanded, the emergency lane, and its stages one by one. */
export function PolicyForm({ policy, change, wrong }: PolicyFormProps) {
  const say = useSay();
  const language = useLanguage();
  const at = (part: string) => (wrong?.fault.stage === null && wrong.fault.part === part ? wrong.said : null);
  const lane = policy.fast_lane;
  const options = policy.stages.map((stage) => ({ value: stage.key, label: titled(stage, language) || stage.key }));
  return (
    <div className="fields">
      <Field label={say("approvals.form.title")} wrong={at("title")}><Input maxLength={TITLE_CHARS_MAX} value={policy.title} onChange={(event) => change({ ...policy, title: event.target.value })} /></Field>
      <Field label={say("approvals.form.title_en")}><Input maxLength={TITLE_CHARS_MAX} value={policy.title_en ?? ""} onChange={(event) => change({ ...policy, title_en: event.target.value })} /></Field>
      <Checkbox checked={policy.required ?? false} onChange={(event) => change({ ...policy, required: event.target.checked })}>{say("approvals.form.required")}</Checkbox>
      <Checkbox checked={Boolean(lane)} onChange={(event) => change({ ...policy, fast_lane: event.target.checked ? { stages: policy.stages.slice(-1).map((one) => one.key), papers_within_s: 3 * DAY_S } : null })}>{say("approvals.form.fast_lane")}</Checkbox>
      {lane && (
        <>
          <Field label={say("approvals.form.lane_stages")} wrong={at("fast_lane.stages")}><Select mode="multiple" aria-label={say("approvals.form.lane_stages")} options={options} value={lane.stages} onChange={(stages) => change({ ...policy, fast_lane: { ...lane, stages } })} /></Field>
          <Field label={say("approvals.form.lane_papers")} wrong={at("fast_lane.papers_within_s")}><LimitInput label={say("approvals.form.lane_papers")} value={lane.papers_within_s} change={(papers_within_s) => change({ ...policy, fast_lane: { ...lane, papers_within_s } })} /></Field>
        </>
      )}
      {(at("stages") || at("stages.key") || at("stages.people")) && <p className="bad" data-wrong>{wrong?.said}</p>}
      {policy.stages.map((stage, place) => (
        // A stage's word is edited here, so its place is what stays.
        <StageFields
          key={place} stage={stage} number={place + 1} before={options.slice(0, place)} wrong={wrong?.fault.stage === stage.key ? wrong : null}
          change={(next) => change(withChanged(policy, place, next))}
          remove={policy.stages.length > 1 ? () => change(withoutStage(policy, place)) : null}
        />
      ))}
      <Button type="dashed" block disabled={policy.stages.length >= STAGES_MAX} onClick={() => change(withStage(policy))}>{say("approvals.form.add_stage")}</Button>
    </div>
  );
}
