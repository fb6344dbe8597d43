import { type ChangeEvent, useMemo, useRef, useState } from "react";
import { freshKey } from "../../lib/key";
import { SignaturePad } from "../../ui/Signature";
import { type Along, type Found, asked, itemOf, itemWords, likely, look } from "../lib/along";
import * as db from "../lib/db";
import { fingerprint } from "../lib/keys";
import { drawnAnew } from "../lib/photo";
import { type Kept, before } from "../lib/queue";
import { type Came, type Draft, ITEM_CHARS_MAX, type Kind, oneLine } from "../lib/record";
import type { Say } from "../words";
import { Camera } from "./Camera";

type Props = { kind: Kind; say: Say; along: Along; kept: Kept[]; place: string; onAdded: () => void; onBack: () => void };
/** The server's limit. */
const QUANTITY_MAX = 1_000_000_000_000;
/** Steps that are said of many boxes one after the other: a scanned full box is recorded at once. */
const AT_ONCE: Kind[] = ["arrived", "inspected", "stocked", "picked", "received"];

const whole = (text: string): number | undefined => (/^\d{1,13}$/.test(text.trim()) && Number(text) <= QUANTITY_MAX ? Number(text) : undefined);
/** A short buzz, where the phone has one. */
const buzz = () => void navigator.vibrate?.(60);

/** One record: scanned or typed, completed, kept on the phone. */
export function Entry({ kind, say, along, kept, place: home, onAdded, onBack }: Props) {
  const [text, setText] = useState("");
  const [isScanning, setScanning] = useState(false);
  const [into, setInto] = useState("");
  const [scanInto, setScanInto] = useState(false);
  const [lot, setLot] = useState("");
  const [place, setPlace] = useState(home || (along.places.length === 1 ? along.places[0]?.id ?? "" : ""));
  const [item, setItem] = useState("");
  const [unitWord, setUnitWord] = useState("");
  const [donor, setDonor] = useState("");
  const [expires, setExpires] = useState("");
  const [isCertified, setCertified] = useState(false);
  const [quantity, setQuantity] = useState("");
  const [note, setNote] = useState("");
  const [signer, setSigner] = useState("");
  const [drawn, setDrawn] = useState("");
  const [takerCode, setTakerCode] = useState("");
  const [pad, setPad] = useState(0);
  const [came, setCame] = useState<Record<number, string>>({});
  const [photo, setPhoto] = useState<ArrayBuffer | null>(null);
  const [told, setTold] = useState("");
  const [trouble, setTrouble] = useState("");
  const isBusy = useRef(false);
  const found = useMemo(() => look(along, text), [along, text]);
  const wants = asked(kind, found);
  const named = itemOf(along, item);
  const inOrder = found.what === "order" && kind === "distributed" ? found.lines.map((line) => line.lot) : null;
  const lots = inOrder ? along.lots.filter((one) => inOrder.includes(one.id)) : along.lots;
  const names = inOrder && found.what === "order" ? found.lines.map((line) => ({ id: line.lot, words: `${line.item} · ${line.quantity} ${line.unit_word}` })) : lots.map((one) => ({ id: one.id, words: [one.item, one.grade, one.unit_word, one.expires_on ?? ""].filter(Boolean).join(" · ") }));
  const unitOf = (id: string): string => along.lots.find((one) => one.id === id)?.unit_word ?? along.lines.find((one) => one.lot === id)?.unit_word ?? "";

  const missing = (draft: Draft, of: Found): string => {
    const must = asked(kind, of);
    if (must.code === "must" && !draft.code) return say("missing.code");
    if (must.item && !draft.item) return say("missing.item");
    if (!must.item && (must.lot || (!draft.code && must.code !== "must")) && !draft.lot && !draft.code) return say("missing.what");
    if (must.lot && !draft.lot) return say("missing.lot");
    if (must.place && !draft.place) return say("missing.place");
    if (must.quantity && draft.quantity === undefined) return say("missing.quantity");
    if (draft.quantity === 0 && kind !== "counted") return say("missing.quantity");
    if (must.item && !draft.unit_word) return say("missing.unit");
    if (must.note === "must" && !draft.note) return say("missing.note");
    if (must.signer && !draft.signer && !draft.taker_code) return say("missing.signer");
    if (must.came && (draft.came?.length ?? 0) > 0 && !draft.note) return say("missing.note");
    return "";
  };

  const clear = () => {
    setText("");
    setInto("");
    setItem("");
    setUnitWord("");
    setDonor("");
    setExpires("");
    setCertified(false);
    setQuantity("");
    setNote("");
    setSigner("");
    setDrawn("");
    setTakerCode("");
    setPad(pad + 1);
    setCame({});
    setPhoto(null);
  };

  /** Keeps the record on the phone; the queue does the rest. */
  const keep = async (of: Found) => {
    if (isBusy.current) return;
    const must = asked(kind, of);
    const code = of.what === "nothing" ? "" : of.code;
    const shown = of.what === "code" ? of.label : of.what === "order" ? of.number : code;
    const changed: Came[] = must.came && of.what === "order" ? of.lines.flatMap((line) => {
      const said = whole(came[line.n] ?? "");
      return said === undefined || said === line.quantity ? [] : [{ n: line.n, quantity: said }];
    }) : [];
    const draft: Draft = { kind };
    if (must.code !== "none" && code) draft.code = code;
    if (must.into && into) draft.into = look(along, into).what === "code" ? (look(along, into) as { code: string }).code : into.trim();
    if (must.lot && lot) draft.lot = lot;
    if (must.place && place) draft.place = place;
    if (must.quantity) draft.quantity = whole(quantity);
    if (draft.lot && draft.quantity !== undefined) draft.unit_word = unitOf(draft.lot);
    if (must.item) {
      if (item.trim()) draft.item = named?.id ?? oneLine(item, ITEM_CHARS_MAX);
      const unit = oneLine(unitWord || (named?.units[0] ?? ""));
      if (unit) draft.unit_word = unit;
      if (donor) draft.donor = oneLine(donor);
      if (expires) draft.expires_on = expires;
      if (isCertified) draft.certificate = true;
    }
    if (note) draft.note = oneLine(note);
    if (must.signer && signer) draft.signer = oneLine(signer);
    if (must.signer && drawn) draft.drawn = drawn;
    if (must.signer && takerCode) draft.taker_code = oneLine(takerCode);
    if (changed.length > 0) draft.came = changed;
    const lacks = missing(draft, of) || (must.photo === "must" && !photo ? say("missing.photo") : "");
    setTold("");
    setTrouble(lacks);
    if (lacks) return;
    const again = before(kept, kind, draft.code ?? "");
    if (again) {
      setTrouble(say("again", { code: shown, n: again.seq }));
      setText("");
      return;
    }
    isBusy.current = true;
    try {
      const bytes = must.photo !== "none" && photo ? { sha256: await fingerprint(photo), bytes: photo } : undefined;
      if (bytes) draft.sha256 = bytes.sha256;
      const one = await db.add(draft, { at_ms: Date.now(), key: freshKey("p"), shown }, bytes);
      if (draft.place) await db.changeProfile({ place: draft.place });
      buzz();
      setTold(say("kept", { what: shown || say(`kind.${kind}`), n: one.seq }));
      clear();
      onAdded();
    } catch (fault) {
      setTrouble(say("not_kept", { why: fault instanceof Error ? fault.message : "" }));
    } finally {
      isBusy.current = false;
    }
  };

  const scanned = (read: string) => {
    if (scanInto) {
      setInto(read);
      setScanInto(false);
      setScanning(false);
      return;
    }
    setText(read);
    const of = look(along, read);
    // A full box, with nothing else to say, is recorded where it is seen; the camera stays open for the next.
    if (AT_ONCE.includes(kind) && of.what === "code" && of.of.lot && (place || !asked(kind, of).place)) void keep(of);
    else setScanning(false);
  };

  const pick = async (event: ChangeEvent<HTMLInputElement>) => {
    const [file] = event.target.files ?? [];
    setTrouble("");
    try {
      setPhoto(file ? await drawnAnew(file) : null);
    } catch {
      setPhoto(null);
      setTrouble(say("photo_unfit"));
    }
  };

  const chosen = along.lots.find((one) => one.id === lot);
  const guess = likely(kind, chosen);
  return (
    <form className="entry" onSubmit={(event) => { event.preventDefault(); void keep(found); }}>
      <h1>{say(`kind.${kind}`)}</h1>
      {isScanning && <Camera say={say} onCode={scanned} onClose={() => { setScanning(false); setScanInto(false); }} />}
      {wants.place && (
        <label>{say("place")}<select value={place} onChange={(event) => setPlace(event.target.value)}><option value="">{say("choose")}</option>{along.places.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</select></label>
      )}
      {wants.code !== "none" && (
        <div className="scan">
          {!isScanning && <button type="button" className="main" onClick={() => { setTold(""); setScanning(true); }}>{say("scan")}</button>}
          <label>{say("code")}<input name="code" value={text} autoCapitalize="characters" autoComplete="off" enterKeyHint="done" placeholder={say("code_hint")} onChange={(event) => setText(event.target.value)} /></label>
          <Meaning say={say} along={along} found={found} kind={kind} />
        </div>
      )}
      {wants.into && (
        <div className="scan">
          <button type="button" onClick={() => { setScanInto(true); setScanning(true); }}>{say("scan_into")}</button>
          <label>{say("into")}<input name="into" value={into} autoComplete="off" placeholder={say("into_hint")} onChange={(event) => setInto(event.target.value)} /></label>
        </div>
      )}
      {wants.lot && (
        <label>{say("lot")}<select name="lot" value={lot} onChange={(event) => setLot(event.target.value)}><option value="">{say("choose")}</option>{names.map((one) => <option key={one.id} value={one.id}>{one.words}</option>)}</select></label>
      )}
      {wants.item && (
        <label>{say("item")}<input name="item" list="items" value={item} autoComplete="off" maxLength={ITEM_CHARS_MAX} placeholder={say("item_hint")} onChange={(event) => { setItem(event.target.value); setUnitWord(""); }} />
          <datalist id="items">{along.items.map((one) => <option key={one.id} value={itemWords(one)} />)}</datalist>
          {item.trim() !== "" && !named && <span className="mute">{say("item_unknown")}</span>}
        </label>
      )}
      {wants.quantity && (
        <label>{say("quantity", { unit: wants.item ? "" : lot ? unitOf(lot) : found.what === "code" && found.lot ? found.lot.unit_word : "" })}
          <input name="quantity" inputMode="numeric" pattern="\d*" value={quantity} placeholder={guess === null ? "" : String(guess)} onChange={(event) => setQuantity(event.target.value)} />
        </label>
      )}
      {wants.item && (named ? (
        <label>{say("unit_word")}<select name="unit_word" value={unitWord || (named.units[0] ?? "")} onChange={(event) => setUnitWord(event.target.value)}>{named.units.map((one) => <option key={one} value={one}>{one}</option>)}</select></label>
      ) : (
        <label>{say("unit_word")}<input name="unit_word" value={unitWord} autoComplete="off" maxLength={8} onChange={(event) => setUnitWord(event.target.value)} /></label>
      ))}
      {wants.item && (
        <>
          <label>{say("donor")}<input name="donor" value={donor} autoComplete="off" maxLength={60} onChange={(event) => setDonor(event.target.value)} /></label>
          <label>{say("expires_on")}<input name="expires_on" type="date" value={expires} onChange={(event) => setExpires(event.target.value)} /></label>
          <label className="check"><input name="certificate" type="checkbox" checked={isCertified} onChange={(event) => setCertified(event.target.checked)} /> {say("certificate")}</label>
        </>
      )}
      {wants.came && found.what === "order" && (
        <fieldset><legend>{say("came")}</legend>
          {found.lines.map((line) => (
            <label key={line.n}>{line.item} · {line.quantity} {line.unit_word}<input name={`came-${line.n}`} inputMode="numeric" value={came[line.n] ?? ""} placeholder={String(line.quantity)} onChange={(event) => setCame({ ...came, [line.n]: event.target.value })} /></label>
          ))}
        </fieldset>
      )}
      {wants.signer && <label>{say("signer")}<input name="signer" value={signer} autoComplete="off" maxLength={60} onChange={(event) => setSigner(event.target.value)} /></label>}
      {wants.signer && <label>{say("taker_code")}<input name="taker_code" inputMode="numeric" value={takerCode} autoComplete="off" maxLength={6} onChange={(event) => setTakerCode(event.target.value)} /><span className="mute">{say("taker_code_hint")}</span></label>}
      {wants.signer && (
        <fieldset><legend>{say("draw")}</legend>
          <SignaturePad key={pad} words={{ pad: say("draw"), undo: say("draw_undo"), clear: say("draw_clear") }} onChange={setDrawn} button={(label, press, isIdle) => <button type="button" disabled={isIdle} onClick={press}>{label}</button>} />
          <p className="mute">{say("draw_hint")}</p>
        </fieldset>
      )}
      {wants.photo !== "none" && <label className="file">{say("photo")}<input name="photo" type="file" accept="image/*" capture="environment" onChange={(event) => void pick(event)} /></label>}
      {photo && <p className="mute">{say("photo_ready", { kb: Math.round(photo.byteLength / 1024) })}</p>}
      {wants.note !== "none" && <label>{say(wants.note === "must" ? "note_must" : "note")}<input name="note" value={note} maxLength={120} onChange={(event) => setNote(event.target.value)} /></label>}
      {trouble && <p className="warn" role="alert">{trouble}</p>}
      {told && <p className="good" role="status">{told}</p>}
      <button type="submit" className="main">{say("keep")}</button>
      <button type="button" onClick={onBack}>{say("back")}</button>
    </form>
  );
}

/** What the phone knows of the code by what it took along. */
function Meaning({ say, along, found, kind }: { say: Say; along: Along; found: Found; kind: Kind }) {
  if (found.what === "nothing") return null;
  if (found.what === "unknown") return <p className="mute">{say(along.as_of ? "code_unknown" : "along_none")}</p>;
  if (found.what === "order") return <p className="good">{say("order_is", { number: found.number, receiver: found.receiver })} {found.lines.map((line) => `${line.item} ${line.quantity} ${line.unit_word}`).join(" · ")}</p>;
  const takesEmpty = kind === "filled" || kind === "unannounced";
  if (found.of.kind !== "box") return <p className="good">{found.label}</p>;
  if (found.of.lot === null) return <p className={takesEmpty ? "good" : "warn"}>{say(takesEmpty ? "box_empty" : "box_empty_first", { label: found.label })}</p>;
  return <p className="good">{say("box_is", { label: found.label, item: found.lot?.item ?? "", quantity: found.of.quantity ?? 0, unit: found.lot?.unit_word ?? "" })}</p>;
}
