import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { type Shape, api, fetchRaw } from "../../api/client";
import { type Closing, type Moving, closeUnit, moveUnit } from "../../api/network";
import { dayOf } from "../../lib/time";
import { Decide } from "../../ui/Decide";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { type Unit as Listed, useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";

type Unit = Shape["UnitDetailOut"];
type Change = { name: string; short_name: string };
type Reached = { address?: string; phone?: string; contact: string };
const STATUS = ["valid", "suspended", "revoked"] as const satisfies Shape["CertificateStatus"][];
const FORMS = ["name", "reach", "brand", "seal", "paper", "move", "close"] as const;
const REASON_CHARS = 500;

/** Whether a unit is another or stands below it. */
export function isBelow(all: readonly Pick<Listed, "id" | "parent">[], unit: string, above: string): boolean {
  let at: string | null | undefined = unit;
  for (let steps = 0; at && steps <= all.length; steps++) {
    if (at === above) return true;
    at = all.find((one) => one.id === at)?.parent;
  }
  return false;
}

/** What can be changed of a unit, each as a small form of its own. */
export function UnitForms({ unit }: { unit: Unit }) {
  const say = useSay();
  const name = useWord();
  const queries = useQueryClient();
  const units = useUnits();
  const [form, setForm] = useState<(typeof FORMS)[number] | null>(null);
  const at = { params: { path: { unit: unit.id } } };
  const seal = `/api/v1/units/${unit.id}/seal`;
  const cancel = () => setForm(null);
  const after = () => {
    void queries.invalidateQueries({ queryKey: ["units"] });
    cancel();
  };
  const change = { button: say("save"), done: say("saved"), after, cancel };
  const drawSeal = ({ file }: { file: File }) => fetchRaw(seal, { method: "PUT", body: file, headers: { "content-type": "application/octet-stream" } });
  const reason: Field = { name: "reason", kind: "area", label: say("reason"), hint: say("units.reason_hint"), chars: REASON_CHARS };
  const places = units.all.filter((one) => one.id !== unit.parent && !isBelow(units.all, one.id, unit.id)).map((one) => ({ value: one.id, label: one.name }));
  const color = (text: string) => (/^#[0-9a-f]{6}$/i.test(text) ? null : say("units.brand_wrong"));
  const forms: Record<(typeof FORMS)[number], () => ReactNode> = {
    name: () => <QuickForm<Change> {...change} fields={[{ name: "name", label: say("units.full_name") }, { name: "short_name", label: say("units.short_name") }]} initial={unit} effect={say("units.name_effect")} submit={(body) => api.PATCH("/api/v1/units/{unit}", { ...at, body })} />,
    reach: () => <QuickForm<Reached> {...change} fields={[{ name: "contact", label: say("units.contact"), kind: "area", hint: say("units.contact_hint") }, { name: "phone", label: say("units.phone"), optional: true }, { name: "address", label: say("units.address"), optional: true }]} initial={unit} submit={(body) => api.PATCH("/api/v1/units/{unit}", { ...at, body })} />,
    brand: () => <QuickForm<{ brand_color: string }> {...change} fields={[{ name: "brand_color", label: say("units.brand"), hint: say("units.brand_hint"), wrong: color }]} initial={{ brand_color: unit.brand_color }} effect={(entered) => <>{say("units.brand_effect")} <Swatch color={entered.brand_color ?? ""} /></>} submit={(body) => api.PATCH("/api/v1/units/{unit}", { ...at, body })} />,
    seal: () => (
      <>
        {unit.has_seal && <img src={seal} alt={say("units.seal")} style={{ width: 120, height: 120, objectFit: "contain" }} />}
        <QuickForm<{ file: File }> {...change} fields={[{ name: "file", kind: "file", label: say("units.seal_file"), hint: say("units.seal_hint") }]} effect={say("units.seal_effect")} submit={drawSeal} />
        {unit.has_seal && <Decide choices={[{ key: "remove", label: say("units.seal_remove"), look: "danger", done: say("saved"), run: () => api.DELETE("/api/v1/units/{unit}/seal", at) }]} after={after} />}
      </>
    ),
    paper: () => (
      <QuickForm<Shape["CertificateIo"]>
        {...change} initial={{ status: "valid", status_since: dayOf(new Date()) }} effect={say("units.paper_effect")}
        fields={[
          { name: "number", label: say("units.paper_number"), hint: say("units.paper_hint") }, { name: "issuer", label: say("units.paper_issuer") }, { name: "valid_from", kind: "day", label: say("units.paper_from") }, { name: "valid_to", kind: "day", label: say("units.paper_to") },
          { name: "status", kind: "choice", label: say("state"), options: STATUS.map((value) => ({ value, label: name("certificate_status", value) })) }, { name: "status_since", kind: "day", label: say("units.paper_since") },
        ]}
        submit={(body) => api.PUT("/api/v1/units/{unit}/certificate", { ...at, body })}
      />
    ),
    move: () => <QuickForm<Moving> {...change} button={say("unit_form.move")} done={say("units.move_done")} fields={[{ name: "parent", kind: "choice", label: say("units.parent"), options: places }, reason]} effect={say("units.move_effect")} submit={(body) => moveUnit(unit.id, body)} />,
    close: () => <QuickForm<Closing> {...change} button={say("unit_form.close")} done={say("units.close_done")} fields={[{ name: "day", kind: "day", label: say("units.close_day") }, reason]} initial={{ day: dayOf(new Date()) }} effect={say("units.close_effect")} submit={(body) => closeUnit(unit.id, body)} />,
  };
  if (form) return <>{forms[form]()}</>;
  // The society of the installation has nothing above it: it is neither moved nor closed.
  const offered = FORMS.filter((one) => unit.parent || (one !== "move" && one !== "close"));
  return <div className="buttons">{offered.map((one) => <Button key={one} onClick={() => setForm(one)}>{say(`unit_form.${one}`)}</Button>)}</div>;
}

/** The colour itself, beside its number. */
export const Swatch = ({ color }: { color: string }) => <i aria-hidden style={{ display: "inline-block", width: 14, height: 14, borderRadius: 3, verticalAlign: "-2px", background: /^#[0-9a-f]{6}$/i.test(color) ? color : "transparent", border: "1px solid var(--line)" }} />;
