import { StrictMode, useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Feeds } from "./feeds";
import { type Outlines, read as readMap } from "./lib/geo";
import { type Settings, read, store, stored, write } from "./lib/settings";
import { dropMap, keepMap, keptMap } from "./store";
import { Wall } from "./Wall";
import { watchVersion } from "./version";
import { type Say, speaker } from "./words";
import "./wall.css";

/** A map that cannot be read is no map: the tiles stand in. */
function outlinesOf(text: string | null): Outlines | null {
  try {
    return text === null ? null : readMap(text);
  } catch {
    return null;
  }
}

async function mapOf(settings: Settings): Promise<Outlines | null> {
  const own = outlinesOf(await keptMap());
  if (own || !settings.map) return own;
  try {
    const answer = await fetch(settings.map);
    return answer.ok ? outlinesOf(await answer.text()) : null;
  } catch {
    return null;
  }
}

function Root({ feeds, first }: { feeds: Feeds; first: Settings }) {
  const [settings, setSettings] = useState(first);
  const [say, setSay] = useState<Say | null>(null);
  const [outlines, setOutlines] = useState<Outlines | null>(null);
  useEffect(() => {
    document.documentElement.lang = settings.language;
    document.documentElement.dataset.theme = settings.theme;
    history.replaceState(null, "", `${location.pathname}?${write(settings)}`);
    store(settings);
    void speaker(settings.language).then((one) => {
      document.title = one("title");
      setSay(() => one);
    });
  }, [settings]);
  useEffect(() => void mapOf(settings).then(setOutlines), [settings]);
  const onMap = useCallback((text: string | null) => {
    void (text === null ? dropMap() : keepMap(text));
    setOutlines(outlinesOf(text));
  }, []);
  if (!say) return null;
  return <Wall feeds={feeds} say={say} settings={settings} outlines={outlines} onSettings={setSettings} onMap={onMap} />;
}

const feeds = new Feeds();
watchVersion();
const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><Root feeds={feeds} first={read(location.search, stored(), navigator.language)} /></StrictMode>);
