import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Typography } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { type Invitation, invite, useSession } from "../../api/session";
import { type Post, grantPost } from "../../api/posts";
import { powersFile, powersOf } from "../../api/trail";
import { asProblem } from "../../api/problem";
import { Act, At, State, Trouble, problemWords } from "../../ui/basics";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { Passkeys } from "../doors/Passkeys";
import { Linked } from "../doors/Linked";
import { Reached } from "../doors/Reached";
import { Sessions } from "../doors/Sessions";
import { ROLES } from "./roles";
import { Term } from "./Term";

type User = Shape["UserOut"] & { posts?: Post[] };
type Role = Shape["RoleIn"];

/** One person: roles, the invitation, tokens of programs. */
export function UserPanel({ user, close }: { user: User; close: () => void }) {
  const say = useSay();
  const [adding, setAdding] = useState(false);
  const queries = useQueryClient();
  const units = useUnits();
  const after = () => {
    void queries.invalidateQueries({ queryKey: ["users"] });
    setAdding(false);
  };
  const form = (
    <QuickForm<Post>
      fields={[
        { name: "role", kind: "choice", label: say("users.role"), options: ROLES.map((value) => ({ value, label: say(`role.${value}`) })) },
        { name: "unit", kind: "choice", label: say("unit"), options: units.options, hint: say("users.unit_hint") },
        { name: "title", label: say("posts.post_title"), optional: true, chars: 40, hint: say("posts.title_hint") },
        { name: "from_day", kind: "day", label: say("posts.from_day"), optional: true },
        { name: "until_day", kind: "day", label: say("posts.until_day"), optional: true, hint: say("posts.until_hint") },
      ]}
      initial={units.root ? { unit: units.root.id } : {}} button={say("users.grant")} done={say("saved")} after={after} cancel={() => setAdding(false)}
      submit={(body) => grantPost(user.id, body)}
    />
  );
  return (
    <Panel title={user.name} close={close} acts={adding ? form : <div className="buttons"><Button onClick={() => setAdding(true)}>{say("users.add_role")}</Button></div>}>
      <section className="section"><h3>{say("users.roles")}</h3><Roles user={user} /></section>
      {user.kind === "person" && <section className="section"><h3>{say("users.invitation")}</h3><Invite user={user} /></section>}
      {user.kind === "person" && <section className="section"><h3>{say("personal.title")}</h3><Reached user={user.id} /></section>}
      {user.kind === "person" && <section className="section"><h3>{say("account.sessions")}</h3><Sessions user={user.id} /></section>}
      {user.kind === "person" && <section className="section"><h3>{say("account.passkeys")}</h3><Passkeys user={user.id} /></section>}
      {user.kind === "person" && <section className="section"><h3>{say("sso.linked")}</h3><Linked user={user.id} /></section>}
      <section className="section"><h3>{say("users.powers")}</h3><MayDo user={user} /></section>
      <section className="section"><h3>{say("users.tokens")}</h3><Tokens user={user} /></section>
      <History of={user.id} />
    </Panel>
  );
}

function Roles({ user }: { user: User }) {
  const say = useSay();
  const units = useUnits();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const me = useSession().user.id;
  const end = async (role: Role) => {
    try {
      await api.POST("/api/v1/users/{user}/roles/end", { params: { path: { user: user.id } }, body: role });
      await queries.invalidateQueries({ queryKey: ["users"] });
      message.success(say("users.role_ended"));
    } catch (error) {
      message.error(problemWords(asProblem(error), say).title);
    }
  };
  const posts: Post[] = user.posts ?? user.roles;
  if (posts.length === 0) return <p className="mute">{say("users.no_roles")}</p>;
  return (
    <ul style={{ display: "grid", gap: 8 }}>
      {posts.map((role) => (
        <li key={`${role.role} ${role.unit}`} style={{ display: "flex", gap: 8, alignItems: "center" }}>
          <span style={{ flex: 1 }}><State group="role" word={role.role} /> {units.name(role.unit)}<Term post={role} /></span>
          <Act size="small" why={user.id === me && role.role === "administrator" ? say("users.own_role") : null} onClick={() => void end({ role: role.role, unit: role.unit })}>{say("users.end_role")}</Act>
        </li>
      ))}
    </ul>
  );
}

/** What the roles allow together, each permission once. */
function MayDo({ user }: { user: User }) {
  const say = useSay();
  const name = useWord();
  const read = useQuery({ queryKey: ["users", user.id, "powers"], queryFn: () => powersOf(user.id) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  const permissions = [...new Set((read.data?.items ?? []).map((power) => power.permission))];
  return (
    <>
      <p>{permissions.map((permission) => name("permission", permission)).join(" · ")}</p>
      <p><a href={powersFile(user.id)}>{say("export.csv")}</a></p>
    </>
  );
}

/** The link is shown here and nowhere else; it is handed over in person or by a channel that only they read. */
function Invite({ user }: { user: User }) {
  const say = useSay();
  const [made, setMade] = useState<Invitation | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = async () => {
    setBusy(true);
    setError(null);
    try {
      setMade(await invite(user.id));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  if (made) {
    const address = new URL(made.path, location.origin).href;
    return (
      <Alert type="success" title={<>{say("users.invited")} <At at={made.ends_at} /></>}
        description={<Typography.Text copyable code style={{ wordBreak: "break-all" }} data-invitation>{address}</Typography.Text>} />
    );
  }
  return (
    <>
      <p className="mute" style={{ marginBottom: 8 }}>{say("users.invite_hint")}</p>
      {error !== null && <Trouble error={error} />}
      <Button loading={busy} onClick={() => void make()}>{say("users.invite")}</Button>
    </>
  );
}

function Tokens({ user }: { user: User }) {
  const say = useSay();
  const queries = useQueryClient();
  const key = ["users", user.id, "tokens"];
  const at = { params: { path: { user: user.id } } };
  const list = useQuery({ queryKey: key, queryFn: () => takeList(api.GET("/api/v1/users/{user}/tokens", at)) });
  const [issuing, setIssuing] = useState(false);
  const [token, setToken] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const revoke = async (id: string) => {
    setError(null);
    await api.POST("/api/v1/tokens/{token}/revoke", { params: { path: { token: id } } }).catch(setError);
    await queries.invalidateQueries({ queryKey: key });
  };
  const issue = async (body: Shape["AddToken"]) => {
    setToken((await take(api.POST("/api/v1/users/{user}/tokens", { ...at, body }))).token);
  };
  const after = () => {
    void queries.invalidateQueries({ queryKey: key });
    setIssuing(false);
  };
  const live = (list.data?.items ?? []).filter((one) => !one.revoked_at);
  return (
    <div style={{ display: "grid", gap: 8 }}>
      {(error ?? list.error) !== null && <Trouble error={error ?? list.error} />}
      {live.map((one) => (
        <div key={one.id} style={{ display: "flex", gap: 8, alignItems: "center" }}>
          <span style={{ flex: 1 }}>{one.name} <span className="mute">{say("users.token_until")} <At at={one.expires_at} /></span></span>
          <Button size="small" onClick={() => void revoke(one.id)}>{say("users.revoke")}</Button>
        </div>
      ))}
      {list.data && live.length === 0 && <p className="mute">{say("users.no_tokens")}</p>}
      {token && <Alert type="success" title={say("users.token_once")} description={<Typography.Text copyable code style={{ wordBreak: "break-all" }}>{token}</Typography.Text>} />}
      {issuing
        ? <QuickForm<Shape["AddToken"]> fields={[{ name: "name", label: say("users.token_name") }]} button={say("users.token_issue")} done={say("saved")} submit={issue} after={after} cancel={() => setIssuing(false)} />
        : <p><Button size="small" onClick={() => setIssuing(true)}>{say("users.token_new")}</Button></p>}
    </div>
  );
}
