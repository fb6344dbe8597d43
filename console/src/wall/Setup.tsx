/** Setting up the wall, by keyboard and mouse at the screen itself. Nothing of it leaves this browser. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { type Outlines, Refused, read as readMap } from "./lib/geo";
import { type Scene, format, parse } from "./lib/playlist";
import { type Settings, ownPath, write } from "./lib/settings";
import type { CampaignInfo, Home } from "./shapes";
import { useWall } from "./ui";

export function Setup({ settings, outlines, scenes, onClose, onSave, onMap }: {
  settings: Settings; outlines: Outlines | null; scenes: Scene[];
  onClose: () => void; onSave: (settings: Settings) => void; onMap: (text: string | null) => void;
}) {
  const { feeds, say } = useWall();
  const box = useRef<HTMLDialogElement>(null);
  const [play, setPlay] = useState(format(settings.play).replaceAll(",", "\n"));
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => box.current?.showModal(), []);

  const campaigns = (feeds.get<Home>("home")?.kept?.value.campaigns ?? []).map((one) => ({ id: one.public_id, title: feeds.get<CampaignInfo>(`info:${one.public_id}`)?.kept?.value.plan.title ?? say("unnamed") }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const said = (name: string) => String(form.get(name) ?? "").trim();
    const { scenes: list, refused } = parse(play);
    if (refused.length > 0) return setFault(say("setup_refused", { item: refused[0] ?? "" }));
    for (const name of ["training", "map"]) if (said(name) && !ownPath(said(name))) return setFault(say("setup_path", { path: said(name) }));
    onSave({
      ...settings,
      play: list,
      language: said("language") === "en" ? "en" : "zh-Hans",
      theme: said("theme") === "light" ? "light" : "dark",
      pools: said("pools").split(/[,\s]+/).filter(Boolean),
      training: ownPath(said("training")),
      map: ownPath(said("map")),
      map_number: said("map_number"),
    });
    onClose();
  };
  const load = async (file: File | undefined) => {
    if (!file) return;
    try {
      const text = await file.text();
      readMap(text);
      onMap(text);
      setFault(null);
    } catch (wrong) {
      setFault(wrong instanceof Refused ? say(`map_fault.${wrong.fault}`) : say("map_fault.no_json"));
    }
  };
  return (
    <dialog ref={box} className="setup-box" onClose={onClose} aria-labelledby="setup-title">
      <form onSubmit={submit}>
        <h2 id="setup-title">{say("setup")}</h2>
        {fault && <p className="fault" role="alert">{fault}</p>}
        <label>{say("setup_play")}<textarea name="play" rows={6} value={play} onChange={(event) => setPlay(event.target.value)} placeholder={format(scenes).replaceAll(",", "\n")} spellCheck={false} /></label>
        <p className="hint">{say("setup_play_hint")}</p>
        {campaigns.length > 0 && <ul className="hint">{campaigns.map((one) => <li key={one.id}>{one.title} <button type="button" onClick={() => setPlay((text) => `${text.trimEnd()}\nnow@${one.id}:25\nranks@${one.id}:15`.trimStart())}>{say("setup_add")}</button></li>)}</ul>}
        <div className="pairs">
          <label>{say("setup_language")}<select name="language" defaultValue={settings.language}><option value="zh-Hans">{say("language.zh")}</option><option value="en">{say("language.en")}</option></select></label>
          <label>{say("setup_theme")}<select name="theme" defaultValue={settings.theme}><option value="dark">{say("theme.dark")}</option><option value="light">{say("theme.light")}</option></select></label>
        </div>
        <label>{say("setup_pools")}<input name="pools" defaultValue={settings.pools.join(", ")} spellCheck={false} /></label>
        <div className="pairs">
          <label>{say("setup_map_file")}<input type="file" accept=".json,.geojson,application/geo+json,application/json" onChange={(event) => void load(event.target.files?.[0])} /></label>
          <label>{say("setup_map_number")}<input name="map_number" defaultValue={settings.map_number} /></label>
        </div>
        <p className="hint">{outlines ? say("setup_map_loaded", { shapes: outlines.shapes.length }) : say("setup_map_none")} {outlines && <button type="button" onClick={() => onMap(null)}>{say("setup_map_drop")}</button>}</p>
        <div className="pairs">
          <label>{say("setup_map_path")}<input name="map" defaultValue={settings.map ?? ""} placeholder="/…/map.geojson" spellCheck={false} /></label>
          <label>{say("setup_training")}<input name="training" defaultValue={settings.training ?? ""} placeholder="/…/training.json" spellCheck={false} /></label>
        </div>
        <p className="hint address">{say("setup_address")} <code>{`${location.pathname}?${write(settings)}`}</code></p>
        <p className="buttons"><button type="submit" className="first">{say("setup_save")}</button><button type="button" onClick={onClose}>{say("setup_cancel")}</button></p>
        <p className="hint">{say("setup_keys")}</p>
      </form>
    </dialog>
  );
}
