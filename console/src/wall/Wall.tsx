/** The frame that never moves: head, one scene, the line of facts, the foot with as-of and log position. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { Feeds } from "./feeds";
import { vowOf } from "./feeds";
import { type Freshness, hasContact, judge, worst } from "./lib/freshness";
import type { Outlines } from "./lib/geo";
import { type Scene, type Turn, format, turn, usual } from "./lib/playlist";
import { fit } from "./lib/scale";
import type { Settings } from "./lib/settings";
import type { Unit } from "./lib/tree";
import { Setup } from "./Setup";
import type { CampaignInfo, Covered, Goods as GoodsFigures, Home } from "./shapes";
import * as sources from "./sources";
import { Foot, Head, Line, type Mood } from "./frame";
import { Boards } from "./scenes/Ranks";
import { Coverage } from "./scenes/Coverage";
import { Drill } from "./scenes/Drill";
import { Goods } from "./scenes/Goods";
import { Now } from "./scenes/Now";
import { Pools } from "./scenes/Pools";
import { Training } from "./scenes/Training";
import { WallContext } from "./ui";
import type { Say } from "./words";

/** After a touch the list waits, so that nobody is interrupted while explaining. */
const TOUCHED_MS = 60_000;
const TICK_MS = 1_000;

/** Draws anew once a second, so that ages are true, and when figures came, at most once a frame. */
function useTicks(feeds: Feeds): void {
  const [, draw] = useState(0);
  useEffect(() => {
    let waits = false;
    const soon = () => {
      if (waits) return;
      waits = true;
      requestAnimationFrame(() => {
        waits = false;
        draw((n) => n + 1);
      });
    };
    const timer = setInterval(soon, TICK_MS);
    const leave = feeds.subscribe(soon);
    return () => {
      clearInterval(timer);
      leave();
    };
  }, [feeds]);
}

function useFit() {
  const [now, set] = useState(() => fit(innerWidth, innerHeight));
  useEffect(() => {
    const measure = () => set(fit(innerWidth, innerHeight));
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  return now;
}

/** The list in force: the operator's, else what has something to show. */
function listOf(feeds: Feeds, settings: Settings): Scene[] {
  if (settings.play.length > 0) return settings.play;
  const home = feeds.get<Home>("home")?.kept?.value;
  const running = (home?.campaigns ?? []).map((one) => one.public_id).filter((id) => ["open", "full"].includes(feeds.get<CampaignInfo>(`info:${id}`)?.kept?.value.state ?? ""));
  const goods = feeds.get<GoodsFigures>("goods")?.kept?.value;
  return usual({
    running,
    units: feeds.get<Unit[]>("units")?.kept?.value.length ?? 0,
    goods: (goods?.lots_today ?? 0) > 0 || (goods?.went?.length ?? 0) > 0 || (goods?.came?.length ?? 0) > 0,
    coverage: (feeds.get<Covered[]>("coverage")?.kept?.value.length ?? 0) > 0,
    pools: settings.pools.length,
    training: settings.training !== null,
  });
}

export function Wall({ feeds, say, settings, outlines, onSettings, onMap }: {
  feeds: Feeds; say: Say; settings: Settings; outlines: Outlines | null;
  onSettings: (settings: Settings) => void; onMap: (text: string | null) => void;
}) {
  useTicks(feeds);
  const size = useFit();
  const [, redraw] = useState(0);
  const [open, setOpen] = useState(false);
  const [paused, setPaused] = useState(false);
  const [drilled, setDrilled] = useState<string | null>(null);
  const touched = useRef(Number.NEGATIVE_INFINITY);
  const place = useRef<{ turn: Turn; key: string }>({ turn: { at: 0, since_ms: performance.now() }, key: "" });

  const now = feeds.now();
  const scenes = listOf(feeds, settings);
  const standing = scenes.findIndex((one) => format([one]) === place.current.key);
  const before = standing >= 0 ? { ...place.current.turn, at: standing } : place.current.turn;
  const holds = paused || open || now.at_ms - touched.current < TOUCHED_MS;
  const next = holds && scenes[before.at] ? before : turn(scenes, before, now.at_ms);
  const scene = scenes[next.at] ?? scenes[0] ?? { name: "now" as const, seconds: 20 };
  place.current = { turn: next, key: format([scene]) };
  const following = scenes[(next.at + 1) % scenes.length] ?? scene;
  useEffect(() => setDrilled(null), [place.current.key]);

  const home = feeds.get<Home>("home")?.kept?.value;
  const shown = sources.of(scene, settings, home);
  // The settings name the campaigns; a list that nobody made must know what there is.
  const automatic = settings.play.length === 0 || open ? [sources.goods, sources.coverage, ...sources.of({ name: "now", seconds: 0 }, settings, home)] : [];
  const wanted = [sources.home, sources.units, ...shown, ...sources.of(following, settings, home), ...automatic];
  useEffect(() => feeds.want(wanted));

  const step = (by: number) => {
    place.current = { turn: { at: (next.at + by + scenes.length) % scenes.length, since_ms: performance.now() }, key: "" };
    touched.current = Number.NEGATIVE_INFINITY;
    redraw((n) => n + 1);
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (open || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "s") setOpen(true);
      else if (event.key === "p") setPaused((is) => !is);
      else if (event.key === "ArrowRight") step(1);
      else if (event.key === "ArrowLeft") step(-1);
      else if (event.key === "f") void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
  const drill = (id: string) => {
    touched.current = performance.now();
    setDrilled(id);
  };

  const states = shown.filter((source) => source.key !== "units").map((source) => judge(feeds.get(source.key), now, vowOf(source))).filter((one) => one !== "missing");
  const fresh: Freshness = !hasContact(now) ? (home ? "old" : "none") : states.length > 0 ? worst(states) : "missing";
  // What another's file says once a day is not old, but it is not live either.
  const state: Mood = scene.name === "training" && fresh === "live" ? "told" : fresh;
  const moments = shown.filter((source) => source.key !== "units").flatMap((source) => feeds.get(source.key)?.kept?.as_of ?? []);
  const as_of = moments.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
  const context = useMemo(() => ({ feeds, say, settings, elapsed_ms: 0 }), [feeds, say, settings]);
  context.elapsed_ms = now.at_ms - next.since_ms;

  useEffect(() => {
    document.documentElement.style.fontSize = size.mode === "stage" ? `${size.factor * 100}px` : "";
    document.documentElement.dataset.mode = size.mode;
  }, [size]);

  return (
    <WallContext value={{ ...context }}>
      <div className="wall" data-state={state} data-scene={format([scene])}>
        <Head state={state} paused={paused} onSetup={() => setOpen(true)} />
        <main key={place.current.key}><One scene={scene} outlines={outlines} drilled={drilled} onDrill={drill} /></main>
        <Line state={state} as_of={as_of} />
        <Foot as_of={as_of} at={next.at} of={scenes.length} />
      </div>
      {open && <Setup settings={settings} outlines={outlines} scenes={scenes} onClose={() => setOpen(false)} onSave={onSettings} onMap={onMap} />}
    </WallContext>
  );
}

function One({ scene, outlines, drilled, onDrill }: { scene: Scene; outlines: Outlines | null; drilled: string | null; onDrill: (id: string) => void }) {
  switch (scene.name) {
    case "now":
      return <Now campaign={scene.campaign} outlines={outlines} />;
    case "map":
      return <Drill campaign={scene.campaign} region={scene.region} at={drilled} onOpen={onDrill} outlines={outlines} />;
    case "ranks":
      return <Boards campaign={scene.campaign} />;
    case "coverage":
      return <Coverage />;
    case "pools":
      return <Pools />;
    case "goods":
      return <Goods />;
    case "training":
      return <Training />;
  }
}
