import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useState } from "react";
import { LEAVE_REASONS, type Lent as One, type LeaveReason, endLent, lend, lendableTo, ownLent } from "../../api/lent";
import { useSession } from "../../api/session";
import { Act, State, Trouble } from "../../ui/basics";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";

const KEY = ["lent"];
/** Administrators' roles and machines' are not lent. */
const KEPT = ["administrator", "system_administrator", "security_administrator", "audit_administrator", "machine"];

/** Roles lent for a leave: what one gave and what one got, and a new one. */
export function Lent() {
  const say = useSay();
  const units = useUnits();
  const queries = useQueryClient();
  const { user } = useSession();
  const [giving, setGiving] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const read = useQuery({ queryKey: KEY, queryFn: ownLent });
  const own = user.roles.filter((role) => !KEPT.includes(role.role));
  const after = () => {
    setGiving(false);
    void queries.invalidateQueries({ queryKey: KEY });
  };
  const end = async (one: One) => {
    setError(null);
    await endLent(one.delegation).catch(setError);
    after();
  };
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  if (!read.data) return <Skeleton active paragraph={{ rows: 1 }} />;
  return (
    <>
      {error !== null && <Trouble error={error} />}
      {read.data.length === 0 && <p className="mute">{say("lend.none")}</p>}
      <ul style={{ display: "grid", gap: 8 }}>
        {read.data.map((one) => (
          <li key={one.delegation} style={{ display: "flex", gap: 8, alignItems: "center", flexWrap: "wrap" }}>
            <span style={{ flex: "1 1 200px" }}>
              <State group="role" word={one.role} /> {units.name(one.unit)} · {say(`lend.${one.way}`, { name: one.with })}
              <small className="mute" style={{ display: "block" }}>{one.from_day} – {one.to_day} · {say(`leave_reason.${one.reason}`)} · {say(`lend_state.${one.state}`)}</small>
            </span>
            {one.state !== "over" && <Act size="small" onClick={() => void end(one)}>{say("lend.end")}</Act>}
          </li>
        ))}
      </ul>
      {giving
        ? <Lending roles={own} after={after} cancel={() => setGiving(false)} />
        : <p style={{ marginTop: 8 }}><Act size="small" why={own.length > 0 ? null : say("lend.no_role")} onClick={() => setGiving(true)}>{say("lend.new")}</Act></p>}
    </>
  );
}

type Role = ReturnType<typeof useSession>["user"]["roles"][number];
type Entered = { role: string; to: string; from_day: string; to_day: string; reason: LeaveReason };

function Lending({ roles, after, cancel }: { roles: Role[]; after: () => void; cancel: () => void }) {
  const say = useSay();
  const units = useUnits();
  const people = useQuery({ queryKey: [...KEY, "people"], queryFn: lendableTo });
  if (people.error) return <Trouble error={people.error} again={() => void people.refetch()} />;
  if (!people.data) return <Skeleton active paragraph={{ rows: 2 }} />;
  const submit = async ({ role, ...entered }: Entered) => {
    const chosen = roles[Number(role)];
    if (chosen) await lend({ ...entered, role: chosen.role, unit: chosen.unit });
  };
  return (
    <QuickForm<Entered>
      fields={[
        { name: "role", kind: "choice", label: say("users.role"), options: roles.map((role, at) => ({ value: String(at), label: `${say(`role.${role.role}`)} · ${units.name(role.unit)}` })) },
        { name: "to", kind: "choice", label: say("lend.to"), options: people.data.map(({ id, name }) => ({ value: id, label: name })) },
        { name: "from_day", kind: "day", label: say("lend.from_day") }, { name: "to_day", kind: "day", label: say("lend.to_day") },
        { name: "reason", kind: "choice", label: say("reason"), options: LEAVE_REASONS.map((value) => ({ value, label: say(`leave_reason.${value}`) })) },
      ]}
      initial={roles.length === 1 ? { role: "0", reason: "leave" } : { reason: "leave" }} button={say("lend.new")} done={say("saved")} submit={submit} after={after} cancel={cancel}
    />
  );
}
