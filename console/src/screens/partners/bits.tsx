import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import type { Permission } from "../../api/client";
import { type Agreement, type Region, ofUnit, post } from "../../api/partnership";
import { useMay } from "../../api/session";
import { Act } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useProjects } from "../../ui/lists";
import { useSay } from "../../words";

const KEEP_MS = 60_000;

/** The agreements of a unit. */
export const useAgreements = (unit: string) => useQuery({ queryKey: ["partnership", unit, "agreements"], enabled: unit !== "", queryFn: () => ofUnit<Agreement>(unit, "agreements") });
/** The partner regions of a unit. */
export const useRegions = (unit: string) => useQuery({ queryKey: ["partnership", unit, "regions"], enabled: unit !== "", staleTime: KEEP_MS, queryFn: () => ofUnit<Region>(unit, "regions") });

/** Why something cannot be done by this person; nothing when it can. */
export function useWhy(): (permission: Permission) => string | null {
  const say = useSay();
  const may = useMay();
  return (permission) => (may(permission) ? null : say("may_not", { permission: say(`permission.${permission}`) }));
}

/** Choosing a unit, and an agreement of it. */
export function Choose(props: { unit: string; units: { value: string; label: string }[]; chooseUnit: (unit: string) => void; agreement?: string; agreements?: Agreement[]; choose?: (agreement: string) => void }) {
  const say = useSay();
  return (
    <div className="bar">
      <Select style={{ minWidth: 220 }} aria-label={say("unit")} value={props.unit} options={props.units} onChange={props.chooseUnit} />
      {props.agreements && props.choose && (
        <Select
          style={{ minWidth: 260 }} aria-label={say("partnership.agreement")} placeholder={say("partnership.agreement")} value={props.agreement ?? null}
          options={props.agreements.map((one) => ({ value: one.id, label: one.title }))} onChange={(chosen) => props.choose?.(chosen)}
        />
      )}
    </div>
  );
}

/** Out of which money: the fund of a project, and which money of it. */
export function useMoneyFields(): Field[] {
  const say = useSay();
  const projects = useProjects() ?? [];
  const funds = projects.map((project) => ({ value: project.fund, label: `${project.title} · ${project.code}` }));
  const fund: Field = funds.length > 0 ? { name: "fund", kind: "choice", label: say("slip.fund"), options: funds } : { name: "fund", label: say("slip.fund") };
  const money: Field = {
    name: "restriction", kind: "choice", label: say("partnership.money"),
    options: [{ value: "restricted", label: say("partnership.restricted") }, { value: "unrestricted", label: say("partnership.unrestricted") }],
  };
  return [fund, money];
}

const REASON_CHARS_MAX = 120;

/** A step back that asks for its reason: a small button, and one line once it is pressed. */
export function Back({ path, also, word, effect, why }: { path: string; also?: object; word: string; effect?: string; why: string | null }) {
  const say = useSay();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const after = () => {
    setOpen(false);
    void queries.invalidateQueries();
  };
  if (!open) return <Act size="small" why={why} onClick={() => setOpen(true)}>{word}</Act>;
  return (
    <QuickForm<{ reason: string }>
      fields={[{ name: "reason", label: say("reason"), chars: REASON_CHARS_MAX }]} {...(effect ? { effect } : {})} button={word} done={say("saved")}
      after={after} cancel={() => setOpen(false)} submit={(body) => post(path, { ...also, ...body })}
    />
  );
}
