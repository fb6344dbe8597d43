import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm, Tag } from "antd";
import { useState } from "react";
import { type SsoLink, linkUser, links, rememberLinking, startLink, unlink } from "../../api/sso";
import { At, Trouble } from "../../ui/basics";
import { QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

/** What one is at other houses, or, for who looks after people, what somebody else is there. */
export function Linked({ user }: { user?: string }) {
  const say = useSay();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const key = ["sso-links", user ?? "mine"];
  const list = useQuery({ queryKey: key, queryFn: () => links(user) });
  const [linking, setLinking] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const again = () => queries.invalidateQueries({ queryKey: key });
  const begin = async (provider: string) => {
    setError(null);
    if (user) return setLinking(provider);
    try {
      const { location: place } = await startLink(provider);
      rememberLinking(provider);
      location.assign(place);
    } catch (problem) {
      setError(problem);
    }
  };
  const end = async (provider: string) => {
    setError(null);
    try {
      await unlink(provider, user);
      message.success(say("sso.unlinked"));
    } catch (problem) {
      setError(problem);
    }
    await again();
  };
  const all = list.data?.items ?? [];
  return (
    <>
      {(error ?? list.error) !== null && <div style={{ marginBottom: 10 }}><Trouble error={error ?? list.error} /></div>}
      {list.data && all.length === 0 && <p className="mute">{say("sso.none")}</p>}
      <ul style={{ display: "grid", gap: 12 }}>
        {all.map((one) => (
          <li key={one.provider} data-provider={one.provider}>
            <div style={{ display: "flex", gap: 12, alignItems: "center" }}>
              <div style={{ flex: 1 }}><b>{one.label}</b> <Standing of={one} /></div>
              {one.is_linked
                ? <Popconfirm title={say("sso.unlink_sure")} okText={say("sso.unlink")} cancelText={say("cancel")} onConfirm={() => void end(one.provider)}><Button size="small">{say("sso.unlink")}</Button></Popconfirm>
                : one.is_on && <Button size="small" onClick={() => void begin(one.provider)}>{say("sso.link")}</Button>}
            </div>
            {user && linking === one.provider && <LinkForm user={user} provider={one.provider} close={() => setLinking(null)} after={() => { setLinking(null); void again(); }} />}
          </li>
        ))}
      </ul>
    </>
  );
}

function Standing({ of }: { of: SsoLink }) {
  const say = useSay();
  return (
    <>
      {of.is_linked ? <Tag color="success">{say("sso.is_linked")}</Tag> : <Tag>{say("sso.is_not_linked")}</Tag>}
      {!of.is_on && <Tag color="warning">{say("sso.is_off")}</Tag>}
      {of.is_linked && (
        <div className="mute">
          {of.name && <>{say("sso.as", { name: of.name })} · </>}
          {of.last_used_at ? <>{say("sso.used")} <At at={of.last_used_at} /></> : say("sso.never_used")}
        </div>
      )}
    </>
  );
}

type Entered = { by: "reference" | "subject"; reference?: string; subject?: string };

/** Whoever looks after users links by the number that the person reads out, or by the provider's own name for them. */
function LinkForm({ user, provider, close, after }: { user: string; provider: string; close: () => void; after: () => void }) {
  const say = useSay();
  const submit = ({ by, reference = "", subject = "" }: Entered) => linkUser(user, provider, by === "reference" ? { reference } : { subject });
  return (
    <div style={{ marginTop: 12 }}>
      <QuickForm<Entered>
        fields={({ by }) => [
          { name: "by", kind: "choice", label: say("sso.by"), options: [{ value: "reference", label: say("sso.by.reference") }, { value: "subject", label: say("sso.by.subject") }] },
          by === "subject"
            ? { name: "subject", label: say("sso.subject"), hint: say("sso.subject_hint"), chars: 255 }
            : { name: "reference", label: say("sso.reference"), hint: say("sso.reference_hint"), chars: 20 },
        ]}
        initial={{ by: "reference" }} button={say("sso.link")} done={say("sso.done")} submit={submit} after={after} cancel={close}
      />
    </div>
  );
}
