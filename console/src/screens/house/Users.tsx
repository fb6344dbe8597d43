import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { endingPosts } from "../../api/posts";
import { Empty, Screen, State } from "../../ui/basics";
import { ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { QuickForm } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { ROLES, type RoleWord } from "./roles";
import { Term } from "./Term";
import { UserPanel } from "./UserPanel";

type User = Shape["UserOut"];
/** Who works here, with which roles. */
export function Users() {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const { user } = useSearch({ from: "/known/shell/users" });
  const navigate = useNavigate({ from: "/users" });
  const [making, setMaking] = useState(false);
  const pages = usePages<User>(["users"], ({ cursor, limit }) => takeList(api.GET("/api/v1/users", { params: { query: { limit, ...(cursor ? { cursor } : {}) } } })));
  const show = (id: string | undefined) => {
    setMaking(false);
    void navigate({ search: { user: id } });
  };
  const opened = pages.rows.find((one) => one.id === user);
  const columns = [
    { key: "name", title: say("users.name"), cell: (one: User) => one.name },
    { key: "kind", title: say("users.kind"), cell: (one: User) => name("actor", one.kind) },
    {
      key: "roles", title: say("users.roles"),
      cell: (one: User) => one.roles.map((role) => <span key={`${role.role} ${role.unit}`} title={units.name(role.unit)}><State group="role" word={role.role} /></span>),
    },
  ];
  return (
    <Screen title={say("users.title")} lead={say("users.lead")} acts={<Button type="primary" onClick={() => { show(undefined); setMaking(true); }}>{say("users.new")}</Button>}>
      <Ending show={show} />
      <div className={opened || making ? "split open" : "split"}>
        <ListTable<User> name="users" columns={columns} pages={pages} rowKey={(one) => one.id} opened={user} open={(one) => show(one.id)} empty={<Empty title={say("users.none")} />} />
        {making && <NewUser close={() => setMaking(false)} made={show} />}
        {opened && !making && <UserPanel key={opened.id} user={opened} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

/** Whose terms end soon: a warning, so that nobody finds a door shut on Monday. */
function Ending({ show }: { show: (user: string) => void }) {
  const say = useSay();
  const units = useUnits();
  const read = useQuery({ queryKey: ["users", "ending"], queryFn: endingPosts });
  if (!read.data || read.data.length === 0) return null;
  const rows = read.data.map((one) => (
    <li key={`${one.user} ${one.role} ${one.unit}`}>
      <Button type="link" size="small" onClick={() => show(one.user)}>{one.name}</Button> <State group="role" word={one.role} /> {units.name(one.unit)}<Term post={one} />
    </li>
  ));
  return <Alert type="warning" style={{ marginBottom: 12 }} title={say("posts.ending")} description={<ul>{rows}</ul>} />;
}

type Entered = { name: string; unit: string; role: RoleWord; phone?: string; real_name?: string };

function NewUser({ close, made }: { close: () => void; made: (user: string) => void }) {
  const say = useSay();
  const units = useUnits();
  const own = useOwnUnit();
  const queries = useQueryClient();
  const submit = async ({ role, ...rest }: Entered) => {
    const kind = role === "machine" ? "machine" : "person";
    const user = await take(api.POST("/api/v1/users", { body: { ...rest, kind, roles: [role as Shape["Role"]] } }));
    await queries.invalidateQueries({ queryKey: ["users"] });
    made(user.id);
  };
  return (
    <Panel title={say("users.new")} close={close}>
      <QuickForm<Entered>
        fields={[
          { name: "name", label: say("users.name"), hint: say("users.name_hint") },
          { name: "unit", kind: "choice", label: say("unit"), options: units.options, hint: say("users.unit_hint") },
          { name: "role", kind: "choice", label: say("users.role"), options: ROLES.map((value) => ({ value, label: say(`role.${value}`) })) },
          { name: "real_name", label: say("users.real_name"), optional: true, hint: say("users.sealed") },
          { name: "phone", label: say("users.phone"), optional: true, hint: say("users.sealed") },
        ]}
        initial={own ? { unit: own.id } : {}} effect={say("users.new_effect")} button={say("users.make")} done={say("saved")} submit={submit} after={() => undefined} cancel={close}
      />
    </Panel>
  );
}
