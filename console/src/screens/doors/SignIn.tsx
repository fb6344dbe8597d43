import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, type InputHTMLAttributes, type ReactNode, useRef, useState } from "react";
import { askPasskey, inWords, showPasskey } from "../../api/passkeys";
import { asProblem } from "../../api/problem";
import { SESSION, type Session, signIn, signInByPasskey } from "../../api/session";
import { homeward } from "../../lib/homeward";
import { PlainButton, Trouble } from "../../ui/base";
import { useSay } from "../../words";
import { Door } from "./Door";
import { browserWords, useUnreachable } from "./passkeyWords";
import { Ways } from "./Ways";

/** What the right password is answered with when a second factor is missing, and what is then asked for. */
const WANTED: Record<string, "code" | "passkey"> = { "second-factor-needed": "code", "passkey-needed": "passkey" };
const FIELDS = ["name", "password", "code"] as const;
type Field = (typeof FIELDS)[number];

export function SignIn() {
  const say = useSay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { back, sso } = useSearch({ from: "/sign-in" });
  const unreachable = useUnreachable();
  const form = useRef<HTMLFormElement>(null);
  const [wants, setWants] = useState<"code" | "passkey" | null>(null);
  const [busy, setBusy] = useState<"code" | "passkey" | null>(null);
  const [missing, setMissing] = useState<Field[]>([]);
  const [error, setError] = useState<unknown>(null);
  const enter = async (by: "code" | "passkey", come: () => Promise<Session>) => {
    setBusy(by);
    setError(null);
    try {
      const session = await come();
      queries.setQueryData(SESSION, session);
      await (session.must ? navigate({ to: "/first" }) : navigate({ href: homeward(back) }));
    } catch (problem) {
      const wanted = WANTED[asProblem(problem).slug];
      if (wanted) setWants(wanted);
      else setError(inWords(problem, browserWords(say)));
    } finally {
      setBusy(null);
    }
  };
  // The fields are read when they are needed: what a browser filled in by itself tells nobody of it.
  const entered = (): Record<Field, string> => {
    const given = new FormData(form.current ?? undefined);
    const text = (field: Field) => String(given.get(field) ?? "");
    return { name: text("name").trim(), password: text("password"), code: text("code").replace(/\s/g, "") };
  };
  const byCode = (event: FormEvent) => {
    event.preventDefault();
    if (busy !== null) return;
    const { name, password, code } = entered();
    const asked = { name, password, ...(wants === null ? {} : { code }) };
    const lacks = FIELDS.filter((field) => asked[field] === "");
    setMissing(lacks);
    if (lacks[0]) form.current?.querySelector<HTMLInputElement>(`#${lacks[0]}`)?.focus();
    else void enter("code", () => signIn(name, password, code || undefined));
  };
  const byPasskey = () => {
    const { name, password } = entered();
    return enter("passkey", async () => signInByPasskey(name, password, await showPasskey(await askPasskey(name, password))));
  };
  const other = () => {
    setWants(null);
    setError(null);
    setMissing([]);
  };
  const of = (id: Field) => ({ id, fault: missing.includes(id) ? say("form.required") : null, written: () => setMissing((all) => all.filter((one) => one !== id)) });
  const lead = wants === "passkey" ? say("signin.passkey_hint") : wants === "code" ? say("signin.code_hint") : say("signin.lead");
  return (
    <Door>
      <h1>{say("signin.title")}</h1>
      <p className="mute" style={{ marginBottom: 18 }}>{lead}</p>
      <form ref={form} onSubmit={byCode} noValidate>
        <Entry {...of("name")} label={say("signin.name")} hidden={wants !== null} autoComplete="username" autoFocus autoCapitalize="none" />
        <Entry {...of("password")} label={say("signin.password")} hidden={wants !== null} autoComplete="current-password" secret />
        {wants === "passkey" && (
          <>
            <PlainButton className="primary large block" disabled={unreachable !== null || busy !== null} aria-busy={busy === "passkey"} onClick={() => void byPasskey()}>{say("signin.passkey")}</PlainButton>
            {unreachable !== null && <p className="mute" style={{ marginTop: 8 }}>{unreachable}</p>}
            <p className="mute" style={{ textAlign: "center", margin: "14px 0 4px" }}>{say("signin.or")}</p>
          </>
        )}
        {wants !== null && <Entry {...of("code")} label={say("signin.code")} hint={say("signin.code_extra")} autoComplete="one-time-code" inputMode="text" autoFocus={wants === "code"} className="number" />}
        {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
        <PlainButton type="submit" className={wants === "passkey" ? "large block" : "primary large block"} disabled={busy === "passkey"} aria-busy={busy === "code"}>{say("signin.enter")}</PlainButton>
        {wants !== null && <PlainButton className="link large block" onClick={other}>{say("signin.other")}</PlainButton>}
        {wants === null && <Link to="/break-glass" className="mute" style={{ display: "block", textAlign: "center", marginTop: 14 }}>{say("signin.glass")}</Link>}
      </form>
      {wants === null && <Ways back={back} failed={sso} />}
    </Door>
  );
}

type EntryProps = InputHTMLAttributes<HTMLInputElement> & { id: Field; label: string; fault: string | null; written: () => void; hint?: ReactNode; secret?: boolean };

/** A line to write on, with its name above and what is wrong below; a secret one can be shown. */
function Entry({ id, label, fault, written, hint, secret, hidden, className = "", ...input }: EntryProps) {
  const say = useSay();
  const [shown, setShown] = useState(false);
  return (
    <div className="entry" hidden={hidden}>
      <label htmlFor={id}>{label}</label>
      <span className={fault === null ? "line" : "line wrong"}>
        <input {...input} id={id} name={id} type={secret && !shown ? "password" : "text"} className={className} aria-invalid={fault !== null} aria-describedby={`${id}-said`} onInput={written} />
        {secret && <PlainButton className="text small" aria-pressed={shown} onClick={() => setShown(!shown)}>{say(shown ? "signin.hide" : "signin.show")}</PlainButton>}
      </span>
      <p id={`${id}-said`} className={fault === null ? "mute" : "bad"} role={fault === null ? undefined : "alert"}>{fault ?? hint}</p>
    </div>
  );
}
