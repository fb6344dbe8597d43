import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useState } from "react";
import { revokeSession, sessions } from "../../api/session";
import { At, Trouble } from "../../ui/basics";
import { useSay } from "../../words";

/** Where one is signed in, or, for who looks after people, where somebody else is; each can be ended at once. */
export function Sessions({ user }: { user?: string }) {
  const say = useSay();
  const queries = useQueryClient();
  const key = ["sessions", user ?? "mine"];
  const list = useQuery({ queryKey: key, queryFn: () => sessions(user) });
  const [error, setError] = useState<unknown>(null);
  const end = async (session: string) => {
    setError(null);
    await revokeSession(session, user).catch(setError);
    await queries.invalidateQueries({ queryKey: key });
  };
  return (
    <>
      {(error ?? list.error) !== null && <Trouble error={error ?? list.error} />}
      {list.data?.items.length === 0 && <p className="mute">{say("account.no_sessions")}</p>}
      <ul style={{ display: "grid", gap: 12 }}>
        {list.data?.items.map((line) => (
          <li key={line.session} style={{ display: "flex", gap: 12, alignItems: "center" }}>
            <div style={{ flex: 1 }}>
              <b>{line.agent}</b> <span className="mute code">{line.from}</span>
              <div className="mute">{say("account.seen")} <At at={line.last_seen_at} /></div>
            </div>
            {line.current ? <Tag color="green">{say("account.this")}</Tag> : <Button size="small" onClick={() => void end(line.session)}>{say("account.end")}</Button>}
          </li>
        ))}
      </ul>
    </>
  );
}
