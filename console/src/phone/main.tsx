import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { load, save } from "../lib/stored";
import { speakTo } from "./lib/server";
import { Sync } from "./lib/sync";
import { type Language, type Say, speaker } from "./words";
import "./phone.css";

const CHOICE = "phone.language";

function first(): Language {
  const kept = load<Language>(CHOICE);
  if (kept === "en" || kept === "zh-Hans") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";
}

function Root({ sync }: { sync: Sync }) {
  const [language, setLanguage] = useState<Language>(first);
  const [say, setSay] = useState<Say | null>(null);
  useEffect(() => {
    document.documentElement.lang = language;
    speakTo(language);
    save(CHOICE, language);
    void speaker(language).then((one) => {
      document.title = one("title");
      setSay(() => one);
    });
  }, [language]);
  if (!say) return null;
  return <App sync={sync} say={say} language={language} onLanguage={setLanguage} />;
}

const sync = new Sync();
const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><Root sync={sync} /></StrictMode>);
// Without a worker (plain HTTP, a private window) everything works while there is a line.
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/app/worker.js", { scope: "/app/" }).catch(() => undefined);
void sync.now();
