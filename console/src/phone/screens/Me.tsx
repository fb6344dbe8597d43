import { useState } from "react";
import type { Along } from "../lib/along";
import { type Profile, leave } from "../lib/db";
import type { Language, Say } from "../words";
import { Languages } from "./Doors";

type Asks = Event & { prompt(): Promise<void> };
/** A clock that is off by more is told; anything less harms nothing. */
const CLOCK_MS = 120_000;
const MINUTE_MS = 60_000;

/** This phone: its name, its clock, what it took along, how to install the app. */
export function Me({ say, language, onLanguage, profile, along, waiting, install, onInstalled, onLeft }: {
  say: Say; language: Language; onLanguage: (language: Language) => void; profile: Profile; along: Along; waiting: number; install: Asks | null; onInstalled: () => void; onLeft: () => void;
}) {
  const [persisted, setPersisted] = useState<boolean | null>(null);
  const off = Math.round(profile.offset_ms / MINUTE_MS);
  return (
    <>
      <h1>{profile.name}</h1>
      <p className="lead">{say("me_lead")}</p>
      <dl>
        <dt>{say("sent")}</dt><dd>{waiting === 0 ? say("all_sent") : say("waiting", { count: waiting })}</dd>
        <dt>{say("along")}</dt><dd>{along.as_of ? say("along_has", { at: new Date(along.as_of).toLocaleString(language), codes: along.codes.length, lots: along.lots.length }) : say("along_none")}</dd>
        <dt>{say("clock")}</dt><dd className={Math.abs(profile.offset_ms) > CLOCK_MS ? "warn" : ""}>{Math.abs(profile.offset_ms) > CLOCK_MS ? say("clock_off", { minutes: Math.abs(off) }) : say("clock_fine")}</dd>
      </dl>
      {install && <button type="button" className="main" onClick={() => void install.prompt().then(onInstalled)}>{say("install")}</button>}
      <p className="mute">{say("install_hint")}</p>
      <button type="button" onClick={() => void navigator.storage?.persist?.().then(setPersisted)}>{say("persist")}</button>
      {persisted !== null && <p className="mute">{say(persisted ? "persist_yes" : "persist_no")}</p>}
      <button type="button" disabled={waiting > 0} onClick={() => void leave().then((left) => { if (left) onLeft(); })}>{say("leave")}</button>
      {waiting > 0 && <p className="mute">{say("leave_wait")}</p>}
      <Languages say={say} language={language} onLanguage={onLanguage} />
    </>
  );
}
