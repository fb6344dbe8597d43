import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { api } from "../../api/client";
import { Trouble } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { type Say, useSay } from "../../words";
import type { Request } from "./requests";

const DAYS_MAX = 365;

/** How often a request comes again, in words; nothing where it does not. */
export const repeatWords = (row: Request, say: Say): string | null =>
  (row.every_days && row.until ? say("needs.repeats", { days: row.every_days, until: row.until }) : null);

/** Lets a request come again every so many days, or no more. */
export function Repeat({ row }: { row: Request }) {
  const say = useSay();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const at = { params: { path: { request: row.id } } };
  const after = () => {
    setOpen(false);
    void queries.invalidateQueries();
  };
  const stop = async () => {
    setFault(null);
    try {
      await api.PUT("/api/v1/goods/requests/{request}/repeat", { ...at, body: {} });
      after();
    } catch (error) {
      setFault(error);
    }
  };
  const fields: Field[] = [
    { name: "every_days", label: say("needs.repeat_days"), kind: "count", max: DAYS_MAX },
    { name: "until", label: say("needs.repeat_until"), kind: "day" },
  ];
  if (open) {
    return (
      <QuickForm<{ every_days: number; until: string }>
        fields={fields} effect={say("needs.repeat_effect")} button={say("needs.repeat")} done={say("saved")} cancel={() => setOpen(false)} after={after}
        submit={(body) => api.PUT("/api/v1/goods/requests/{request}/repeat", { ...at, body })}
      />
    );
  }
  return (
    <>
      {fault != null && <Trouble error={fault} />}
      <div className="buttons" style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
        <Button size="small" onClick={() => setOpen(true)}>{say("needs.repeat")}</Button>
        {row.every_days != null && <Button size="small" onClick={() => void stop()}>{say("needs.repeat_stop")}</Button>}
      </div>
    </>
  );
}
