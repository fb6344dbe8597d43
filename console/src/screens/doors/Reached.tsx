import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Select, Skeleton } from "antd";
import { useState } from "react";
import { PERSONAL_REASONS, type Personal, type PersonalChange, type PersonalField, type PersonalReason, changePersonal, personal, revealPersonal } from "../../api/personal";
import { REVEAL_REASONS } from "../../api/reveal";
import { Facts, Trouble } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

const FIELDS: PersonalField[] = ["real_name", "phone", "email"];

/** How somebody is reached: one's own without a user, else for who manages her. Masked; opened for a reason. */
export function Reached({ user }: { user?: string }) {
  const say = useSay();
  const queries = useQueryClient();
  const key = ["personal", user ?? "own"];
  const read = useQuery({ queryKey: key, queryFn: () => personal(user) });
  const [open, setOpen] = useState<Personal | null>(null);
  const [changing, setChanging] = useState(false);
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  if (!read.data) return <Skeleton active paragraph={{ rows: 1 }} />;
  const shown = open ?? read.data;
  const left = FIELDS.filter((field) => read.data[field]);
  const after = () => {
    setOpen(null);
    setChanging(false);
    void queries.invalidateQueries({ queryKey: key });
  };
  const mine = !user;
  const reveal: Choice = {
    key: "reveal", label: say("reveal.show"), done: say("reveal.effect"), why: left.length > 0 ? null : say("personal.none"),
    reasons: REVEAL_REASONS.map((value) => ({ value, label: say(`reveal_reason.${value}`) })),
    run: async (reason) => setOpen(await revealPersonal(user ?? "", reason as (typeof REVEAL_REASONS)[number])),
  };
  const change: Choice = { key: "change", label: say("personal.change"), open: () => setChanging(true) };
  return (
    <>
      {left.length === 0 && <p className="mute">{say("personal.none")}</p>}
      <Facts of={FIELDS.map((field) => [say(`personal.${field}`), shown[field]])} />
      {changing
        ? <ChangeReached {...(user ? { user } : {})} left={left} after={after} cancel={() => setChanging(false)} />
        : mine ? <p style={{ marginTop: 8 }}><Button size="small" onClick={() => setChanging(true)}>{say("personal.change")}</Button></p> : <Decide key={open ? "open" : "masked"} choices={open ? [change] : [change, reveal]} after={() => {}} />}
    </>
  );
}

type Entered = PersonalChange & { reason?: PersonalReason };

function ChangeReached({ user, left, after, cancel }: { user?: string; left: PersonalField[]; after: () => void; cancel: () => void }) {
  const say = useSay();
  const [removed, setRemoved] = useState<PersonalField[]>([]);
  const mine = !user;
  const open = mine ? FIELDS.filter((field) => field !== "real_name") : FIELDS;
  const fields: Field[] = open.filter((field) => !removed.includes(field)).map((name) => ({ name, label: say(`personal.${name}`), optional: true, hint: say("personal.leave_hint") }));
  if (!mine) fields.push({ name: "reason", kind: "choice", label: say("reason"), options: PERSONAL_REASONS.map((value) => ({ value, label: say(`personal_reason.${value}`) })) });
  const submit = ({ reason, ...entered }: Entered) => {
    const said = Object.entries(entered).filter(([, text]) => Boolean(text));
    const gone = removed.map((field) => [field, ""]);
    return changePersonal(user, { ...Object.fromEntries([...said, ...gone]), ...(reason ? { reason } : {}) });
  };
  const removable = left.filter((field) => open.includes(field));
  return (
    <>
      {removable.length > 0 && (
        <Select<PersonalField[]>
          mode="multiple" size="small" style={{ minWidth: 200, marginBottom: 8 }} aria-label={say("personal.remove")} placeholder={say("personal.remove")} value={removed} onChange={setRemoved}
          options={removable.map((value) => ({ value, label: say(`personal.${value}`) }))}
        />
      )}
      <QuickForm<Entered> fields={fields} {...(mine ? { effect: say("personal.own_hint") } : {})} button={say("save")} done={say("saved")} submit={submit} after={after} cancel={cancel} />
    </>
  );
}
