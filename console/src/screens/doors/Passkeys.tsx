import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Modal, Tag } from "antd";
import { useState } from "react";
import { type Passkey, passkeys, removePasskey, renamePasskey } from "../../api/passkeys";
import { asProblem } from "../../api/problem";
import { At, Trouble, problemWords } from "../../ui/basics";
import { useSay } from "../../words";
import { MakePasskey } from "./MakePasskey";

/** One's own passkeys, or, for who looks after people, somebody else's: those may only be taken away. */
export function Passkeys({ user }: { user?: string }) {
  const say = useSay();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const key = ["passkeys", user ?? "mine"];
  const list = useQuery({ queryKey: key, queryFn: () => passkeys(user) });
  const [adding, setAdding] = useState(false);
  const did = async (what: Promise<void>, words: string) => {
    try {
      await what;
      message.success(words);
    } catch (error) {
      const { title, detail } = problemWords(asProblem(error), say);
      modal.error({ title, content: detail });
    }
    await queries.invalidateQueries({ queryKey: ["passkeys"] });
    await queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  const remove = ({ passkey, name }: Passkey) =>
    modal.confirm({
      title: say(user ? "passkey.remove_theirs" : "passkey.remove_sure", { name }),
      okText: say("passkey.remove"), cancelText: say("cancel"),
      okButtonProps: { danger: true },
      onOk: () => did(removePasskey(passkey, user), say("passkey.removed")),
    });
  const made = () => {
    setAdding(false);
    message.success(say("passkey.made"));
    void queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  return (
    <>
      {list.error && <Trouble error={list.error} again={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <p className="mute" style={{ marginBottom: 12 }}>{say("passkey.none")}</p>}
      <ul style={{ display: "grid", gap: 12, marginBottom: user ? 0 : 14 }} data-passkeys>
        {list.data?.items.map((one) => (
          <li key={one.passkey} style={{ display: "flex", flexWrap: "wrap", gap: 8, alignItems: "center" }}>
            <div style={{ flex: "1 1 180px", minWidth: 0 }}>
              {user ? <b>{one.name}</b> : <Named of={one} save={(name) => did(renamePasskey(one.passkey, name), say("passkey.renamed"))} />}
              <div className="mute">
                {say("passkey.since")} <At at={one.registered_at} /> · {one.last_used_at ? <>{say("passkey.used")} <At at={one.last_used_at} /></> : say("passkey.unused")}
              </div>
              {!one.here && <Tag>{say("passkey.elsewhere")}</Tag>}
            </div>
            <Button size="small" onClick={() => remove(one)}>{say("passkey.remove")}</Button>
          </li>
        ))}
      </ul>
      {!user && <Button onClick={() => setAdding(true)}>{say("passkey.add")}</Button>}
      <Modal open={adding} title={say("passkey.title")} footer={null} onCancel={() => setAdding(false)} destroyOnHidden>
        <MakePasskey done={made} />
      </Modal>
    </>
  );
}

const NAME_CHARS_MAX = 40;

/** A name that can be written over where it stands. */
function Named({ of, save }: { of: Passkey; save: (name: string) => Promise<void> }) {
  const say = useSay();
  const [name, setName] = useState<string | null>(null);
  if (name === null) {
    return (
      <>
        <b style={{ overflowWrap: "anywhere" }}>{of.name}</b>{" "}
        <Button type="link" size="small" onClick={() => setName(of.name)}>{say("passkey.rename")}</Button>
      </>
    );
  }
  const keep = async () => {
    if (name.trim() !== "" && name.trim() !== of.name) await save(name);
    setName(null);
  };
  return (
    <Input value={name} maxLength={NAME_CHARS_MAX} aria-label={say("passkey.name")} autoFocus
      onChange={(event) => setName(event.target.value)} onPressEnter={() => void keep()} onBlur={() => void keep()} />
  );
}
