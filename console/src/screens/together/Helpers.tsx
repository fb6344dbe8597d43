import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { freshKey } from "../../lib/key";
import { Trouble } from "../../ui/basics";
import { QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

type Entered = Omit<Shape["RegisterSolicitor"], "key">;

/** Who asks for gifts at an event. Names and telephones are read only when somebody wants to reach them. */
export function Helpers({ event }: { event: string }) {
  const say = useSay();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState(false);
  const [key, setKey] = useState<string | null>(null);
  const at = { params: { path: { event } } };
  const read = useQuery({ queryKey: ["event", event, "helpers"], enabled: wanted, queryFn: () => takeList(api.GET("/api/v1/events/{event}/solicitors", at)) });
  const after = () => {
    setKey(null);
    setWanted(true);
    void queries.invalidateQueries({ queryKey: ["event", event] });
  };
  return (
    <section className="section">
      <h3>{say("helpers.title")}</h3>
      {read.error && <Trouble error={read.error} />}
      {read.data?.items.length === 0 && <p className="mute">{say("helpers.none")}</p>}
      <ul style={{ display: "grid", gap: 4 }}>
        {read.data?.items.map((one) => (
          <li key={`${one.name} ${one.phone}`}>
            {one.name} · <span className="number">{one.phone}</span> {one.minor && <Tag>{say("helpers.minor", { guardian: one.guardian ?? "", day: one.consented_on ?? "" })}</Tag>}
          </li>
        ))}
      </ul>
      {key ? (
        <QuickForm<Entered>
          fields={[
            { name: "name", label: say("helpers.name") }, { name: "phone", label: say("units.phone"), hint: say("helpers.phone_hint") }, { name: "age_years", kind: "count", label: say("helpers.age") },
            { name: "guardian", label: say("helpers.guardian"), optional: true, hint: say("helpers.guardian_hint") }, { name: "consented_on", kind: "day", label: say("helpers.consented_on"), optional: true },
            { name: "handles_cash", kind: "check", label: say("helpers.cash"), hint: say("helpers.cash_hint") },
          ]}
          button={say("helpers.register")} done={say("saved")} after={after} cancel={() => setKey(null)}
          submit={(entered) => api.POST("/api/v1/events/{event}/solicitors", { ...at, body: { ...entered, handles_cash: entered.handles_cash ?? false, key } })}
        />
      ) : (
        <div className="buttons" style={{ marginTop: 6 }}>
          {!wanted && <Button size="small" onClick={() => setWanted(true)}>{say("helpers.show")}</Button>}
          <Button size="small" onClick={() => setKey(freshKey("helper"))}>{say("helpers.new")}</Button>
        </div>
      )}
    </section>
  );
}
