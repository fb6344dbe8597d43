import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useState } from "react";
import { type Shape, api } from "../../api/client";
import { type Helper, helpers, revealHelper } from "../../api/reveal";
import { freshKey } from "../../lib/key";
import { Trouble } from "../../ui/basics";
import { QuickForm } from "../../ui/QuickForm";
import { Reveal } from "../../ui/Reveal";
import { useSay } from "../../words";

type Entered = Omit<Shape["RegisterSolicitor"], "key">;

function Who({ one }: { one: Helper }) {
  const say = useSay();
  return (
    <>
      {one.name} · <span className="number">{one.phone}</span> {one.minor && <Tag>{say("helpers.minor", { guardian: one.guardian ?? "", day: one.consented_on ?? "" })}</Tag>}
    </>
  );
}

/** Who asks for gifts at an event: masked, and opened one by one for a reason. */
export function Helpers({ event }: { event: string }) {
  const say = useSay();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState(false);
  const [key, setKey] = useState<string | null>(null);
  const at = { params: { path: { event } } };
  const read = useQuery({ queryKey: ["event", event, "helpers"], enabled: wanted, queryFn: () => helpers(event) });
  const after = () => {
    setKey(null);
    setWanted(true);
    void queries.invalidateQueries({ queryKey: ["event", event] });
  };
  return (
    <section className="section">
      <h3>{say("helpers.title")}</h3>
      {read.error && <Trouble error={read.error} />}
      {read.data?.length === 0 && <p className="mute">{say("helpers.none")}</p>}
      <ul style={{ display: "grid", gap: 4 }}>
        {read.data?.map((one) => (
          <li key={one.solicitor}><Reveal masked={<Who one={one} />} run={(reason) => revealHelper(event, one.solicitor, reason)} shown={(open) => <Who one={open} />} /></li>
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
