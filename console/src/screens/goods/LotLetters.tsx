import { useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { Act } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

const KINDS = ["letter", "agreement"] as const satisfies Shape["GoodsLetterKind"][];

/** What a donor promises in writing about a gift of goods: the letter or the agreement, as a paper. */
export function LotLetters({ lot }: { lot: string }) {
  const say = useSay();
  const [open, setOpen] = useState(false);
  const [paper, setPaper] = useState<string | null>(null);
  const fields: Field[] = [
    { name: "kind", kind: "choice", label: say("letters.kind"), options: KINDS.map((value) => ({ value, label: say(`letters.${value}`) })) },
    { name: "contact", label: say("letters.contact"), hint: say("letters.hint") }, { name: "phone", label: say("letters.phone") },
  ];
  if (!open) {
    return (
      <section className="section">
        <Act onClick={() => setOpen(true)}>{say("letters.make")}</Act> {paper && <a href={paper} target="_blank" rel="noreferrer">{say("trucks.manifest_open")}</a>}
      </section>
    );
  }
  const submit = async (body: Shape["GoodsMakeLetter"]) => {
    const made = await take(api.POST("/api/v1/goods/lots/{lot}/letters", { params: { path: { lot } }, body }));
    setPaper(made.address);
  };
  return <section className="section"><QuickForm<Shape["GoodsMakeLetter"]> fields={fields} initial={{ kind: "letter" }} button={say("letters.make")} done={say("saved")} submit={submit} after={() => setOpen(false)} cancel={() => setOpen(false)} /></section>;
}
