import { useCallback, useEffect, useReducer, useState } from "react";
import { type Along, NOTHING } from "./lib/along";
import * as db from "./lib/db";
import { isSecure } from "./lib/keys";
import { type Kept, toSend } from "./lib/queue";
import type { Kind } from "./lib/record";
import type { Sync } from "./lib/sync";
import { Entry } from "./screens/Entry";
import { Enrol, SignIn } from "./screens/Doors";
import { Kinds } from "./screens/Kinds";
import { Me } from "./screens/Me";
import { Queue } from "./screens/Queue";
import type { Language, Say } from "./words";

type Sheet = "record" | "queue" | "me";
/** Whether there is an app to install: the browser tells it once. */
type Asks = Event & { prompt(): Promise<void> };

/** The whole app: what happened, the queue, the phone. */
export function App({ sync, say, language, onLanguage }: { sync: Sync; say: Say; language: Language; onLanguage: (language: Language) => void }) {
  const [ready, setReady] = useState(false);
  const [profile, setProfile] = useState<db.Profile | undefined>();
  const [kept, setKept] = useState<Kept[]>([]);
  const [along, setAlong] = useState<Along>(NOTHING);
  const [sheet, setSheet] = useState<Sheet>("record");
  const [kind, setKind] = useState<Kind | null>(null);
  const [isDoorOpen, setDoorOpen] = useState(false);
  const [install, setInstall] = useState<Asks | null>(null);
  const [, redraw] = useReducer((n: number) => n + 1, 0);

  const read = useCallback(async () => {
    const [mine, records, taken] = await Promise.all([db.profile(), db.records(), db.along()]);
    setProfile(mine);
    setKept(records);
    setAlong(taken);
    setReady(true);
  }, []);
  useEffect(() => {
    void read();
    return sync.subscribe(() => {
      redraw();
      void read();
    });
  }, [sync, read]);
  useEffect(() => {
    const asked = (event: Event) => {
      event.preventDefault();
      setInstall(event as Asks);
    };
    const online = () => void sync.now();
    addEventListener("beforeinstallprompt", asked);
    addEventListener("online", online);
    return () => {
      removeEventListener("beforeinstallprompt", asked);
      removeEventListener("online", online);
    };
  }, [sync]);

  if (!ready) return null;
  if (!isSecure()) return <Plain title={say("title")} words={say("insecure")} />;
  const added = () => {
    void read();
    void sync.now();
  };
  const waiting = toSend(kept).length;
  const refused = kept.filter((one) => one.state === "refused").length;
  const signedIn = () => {
    setDoorOpen(false);
    void sync.now();
  };
  if (!profile) return <Enrol say={say} language={language} onLanguage={onLanguage} onDone={() => { void read(); void sync.now(); }} />;
  if (isDoorOpen) return <SignIn say={say} language={language} onLanguage={onLanguage} onDone={signedIn} onBack={() => setDoorOpen(false)} />;
  return (
    <div className="app">
      <Bar say={say} sync={sync} waiting={waiting} signIn={() => setDoorOpen(true)} />
      <main>
        {sheet === "record" && !kind && <Kinds say={say} onKind={setKind} />}
        {sheet === "record" && kind && <Entry key={kind} kind={kind} say={say} along={along} kept={kept} place={profile.place} onAdded={added} onBack={() => setKind(null)} />}
        {sheet === "queue" && <Queue say={say} kept={kept} gaps={sync.gaps} onSend={() => void sync.now()} />}
        {sheet === "me" && <Me say={say} language={language} onLanguage={onLanguage} profile={profile} along={along} waiting={waiting} install={install} onInstalled={() => setInstall(null)} onLeft={() => void read()} />}
      </main>
      <nav className="tabs">
        {(["record", "queue", "me"] as const).map((one) => (
          <button key={one} type="button" aria-current={sheet === one} onClick={() => { setSheet(one); if (one === "record") setKind(null); }}>
            {say(`tab.${one}`)}
            {one === "queue" && waiting + refused > 0 && <b className={refused > 0 ? "badge warn" : "badge"}>{waiting + refused}</b>}
          </button>
        ))}
      </nav>
    </div>
  );
}

function Plain({ title, words }: { title: string; words: string }) {
  return <main className="plain"><h1>{title}</h1><p>{words}</p></main>;
}

/** Whether what was recorded has left the phone, always in sight. */
function Bar({ say, sync, waiting, signIn }: { say: Say; sync: Sync; waiting: number; signIn: () => void }) {
  const { standing } = sync;
  const words = waiting > 0 ? say("waiting", { count: waiting }) : say("all_sent");
  return (
    <header className={`bar ${standing.is}`} role="status">
      <span data-waiting={waiting}>{words}</span>
      {standing.is === "offline" && <span>{say("offline")}</span>}
      {standing.is === "sending" && <span>{say("sending")}</span>}
      {standing.is === "duties" && <a href="/console/">{say("duties")}</a>}
      {standing.is === "refused" && <span>{standing.title} {standing.detail}</span>}
      {standing.is === "sign_in" && <button type="button" onClick={signIn}>{say("sign_in_to_send")}</button>}
    </header>
  );
}
