import { useQuery } from "@tanstack/react-query";
import { App, Button, Modal } from "antd";
import { useState } from "react";
import { ownPosts } from "../../api/posts";
import { changePassword, useSession } from "../../api/session";
import { At, Facts, Screen, State } from "../../ui/basics";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { Factor } from "./Factor";
import { Passkeys } from "./Passkeys";
import { Lent } from "./Lent";
import { Linked } from "./Linked";
import { PasswordForm } from "./Password";
import { Reached } from "./Reached";
import { Term } from "../house/Term";
import { Sessions } from "./Sessions";

/** What a person can see and change of their own account. */
export function Account() {
  const say = useSay();
  const { user, ends_at } = useSession();
  const units = useUnits();
  const { message } = App.useApp();
  const posts = useQuery({ queryKey: ["posts", "own"], queryFn: ownPosts });
  const [factor, setFactor] = useState(false);
  const change = async (fresh: string, old: string) => {
    await changePassword(old, fresh);
    message.success(say("password.changed"));
  };
  return (
    <Screen title={say("account.title")} lead={user.name}>
      <div className="cards">
        <section className="card">
          <h2 style={{ fontSize: 16, marginBottom: 10 }}>{say("account.me")}</h2>
          <Facts of={[
            [say("account.name"), user.name],
            [say("account.roles"), (posts.data ?? user.roles).map((role) => (
              <div key={`${role.role} ${role.unit}`}><State group="role" word={role.role} /> {units.name(role.unit)}<Term post={role} /></div>
            ))],
            [say("account.until"), <At key="at" at={ends_at} />],
          ]} />
        </section>
        <section className="card">
          <h2 style={{ fontSize: 16, marginBottom: 10 }}>{say("personal.title")}</h2>
          <p className="mute" style={{ marginBottom: 14 }}>{say("personal.lead")}</p>
          <Reached />
        </section>
        <section className="card">
          <h2 style={{ fontSize: 16, marginBottom: 10 }}>{say("password.change")}</h2>
          <PasswordForm asksOld button={say("password.change")} submit={change} />
        </section>
        <section className="card">
          <h2 style={{ fontSize: 16, marginBottom: 10 }}>{say("lend.title")}</h2>
          <p className="mute" style={{ marginBottom: 14 }}>{say("lend.lead")}</p>
          <Lent />
        </section>
        <section className="card">
          <h2 style={{ fontSize: 16, marginBottom: 10 }}>{say("account.factor")}</h2>
          <p className="mute" style={{ marginBottom: 14 }}>{say("account.factor_lead")}</p>
          <Button onClick={() => setFactor(true)}>{say("account.factor_new")}</Button>
          <Modal open={factor} footer={null} onCancel={() => setFactor(false)} destroyOnHidden>
            <Factor done={() => setFactor(false)} />
          </Modal>
        </section>
        <section className="card">
          <h2 style={{ fontSize: 16, marginBottom: 10 }}>{say("account.passkeys")}</h2>
          <p className="mute" style={{ marginBottom: 14 }}>{say("account.passkeys_lead")}</p>
          <Passkeys />
        </section>
        <section className="card">
          <h2 style={{ fontSize: 16, marginBottom: 10 }}>{say("sso.linked")}</h2>
          <p className="mute" style={{ marginBottom: 14 }}>{say("sso.linked_lead")}</p>
          <Linked />
        </section>
        <section className="card">
          <h2 style={{ fontSize: 16, marginBottom: 10 }}>{say("account.sessions")}</h2>
          <Sessions />
        </section>
      </div>
    </Screen>
  );
}
