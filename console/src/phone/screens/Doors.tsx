import { type FormEvent, useCallback, useEffect, useState } from "react";
import * as db from "../lib/db";
import { freshPair, sign } from "../lib/keys";
import { enrolmentText, oneLine } from "../lib/record";
import * as server from "../lib/server";
import type { Language, Say } from "../words";

type Dressed = { say: Say; language: Language; onLanguage: (language: Language) => void };

export function Languages({ say, language, onLanguage }: Dressed) {
  const other: Language = language === "en" ? "zh-Hans" : "en";
  return <button type="button" className="quiet" onClick={() => onLanguage(other)}>{say("other_language")}</button>;
}

const inWords = (say: Say, fault: unknown): string => {
  if (!(fault instanceof server.Refused)) return fault instanceof Error ? fault.message : String(fault);
  return fault.status === 0 ? say("unreachable") : `${fault.title} ${fault.detail}`;
};

/** Name, password, and the code where the account has a second factor. */
export function SignIn({ say, language, onLanguage, onDone, onBack }: Dressed & { onDone: (session: server.Session) => void; onBack?: () => void }) {
  const [trouble, setTrouble] = useState("");
  const [isBusy, setBusy] = useState(false);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    setBusy(true);
    setTrouble("");
    try {
      onDone(await server.signIn(text("name"), String(form.get("password") ?? ""), text("code")));
    } catch (fault) {
      setTrouble(inWords(say, fault));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="plain">
      <h1>{say("sign_in")}</h1>
      <p className="lead">{say("sign_in_lead")}</p>
      <form onSubmit={(event) => void send(event)}>
        <label>{say("user")}<input name="name" autoComplete="username" autoCapitalize="none" required /></label>
        <label>{say("password")}<input name="password" type="password" autoComplete="current-password" required /></label>
        <label>{say("factor")}<input name="code" inputMode="numeric" autoComplete="one-time-code" /></label>
        {trouble && <p className="warn" role="alert">{trouble}</p>}
        <button type="submit" className="main" disabled={isBusy}>{say("sign_in")}</button>
        {onBack && <button type="button" onClick={onBack}>{say("back")}</button>}
      </form>
      <Languages say={say} language={language} onLanguage={onLanguage} />
    </main>
  );
}

/** Who may record is asked by the server; these roles do. */
const RECORDING = ["storekeeper", "goods_volunteer"];

/** Makes the phone's key and gives it a name; needs the line once. */
export function Enrol({ say, language, onLanguage, onDone }: Dressed & { onDone: () => void }) {
  const [session, setSession] = useState<server.Session | null>(null);
  const [isAsking, setAsking] = useState(true);
  const [units, setUnits] = useState<server.Unit[]>([]);
  const [trouble, setTrouble] = useState("");
  const [isBusy, setBusy] = useState(false);
  const known = useCallback(async (found: server.Session) => {
    const own = found.user.roles.filter((role) => RECORDING.includes(role.role)).map((role) => role.unit);
    setUnits(await Promise.all([...new Set(own)].map(server.unit)));
    setSession(found);
  }, []);
  useEffect(() => {
    server.session().then(known).catch((fault: unknown) => {
      if (!(fault instanceof server.Refused && fault.status === 401)) setTrouble(inWords(say, fault));
    }).finally(() => setAsking(false));
  }, [known, say]);
  const enrol = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const unit = String(form.get("unit") ?? "");
    const name = oneLine(String(form.get("name") ?? ""));
    setBusy(true);
    setTrouble("");
    try {
      const { key, point } = await freshPair();
      const made = await server.enrol(unit, { name, public_key: point, signature: await sign(key, enrolmentText(unit, point)) });
      await db.startAnew({ unit, device: made.id, name: made.name, key, seq: 0, place: "", offset_ms: 0 });
      await db.keepAlong(await server.takeAlong(unit));
      onDone();
    } catch (fault) {
      setTrouble(inWords(say, fault));
    } finally {
      setBusy(false);
    }
  };
  if (isAsking) return null;
  if (!session) return <SignIn say={say} language={language} onLanguage={onLanguage} onDone={(found) => void known(found).catch((fault: unknown) => setTrouble(inWords(say, fault)))} />;
  return (
    <main className="plain">
      <h1>{say("enrol")}</h1>
      <p className="lead">{say("enrol_lead")}</p>
      {session.must && <p className="warn"><a href="/console/">{say("duties")}</a></p>}
      {units.length === 0 && <p className="warn">{say("no_unit")}</p>}
      <form onSubmit={(event) => void enrol(event)}>
        <label>{say("unit")}<select name="unit" required>{units.map((unit) => <option key={unit.id} value={unit.id}>{unit.name}</option>)}</select></label>
        <label>{say("phone_name")}<input name="name" required maxLength={60} placeholder={say("phone_name_hint")} /></label>
        {trouble && <p className="warn" role="alert">{trouble}</p>}
        <button type="submit" className="main" disabled={isBusy || units.length === 0}>{say("enrol")}</button>
      </form>
      <Languages say={say} language={language} onLanguage={onLanguage} />
    </main>
  );
}
