import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey } from "../../lib/key";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { type Askable, type Entered, PRIORITIES, handIn } from "./requests";

type Props = {
  unit: string;
  items: Askable[];
  /** For whom: one's own receiver, or one of those to choose from. */
  receiver: { own: string } | { choose: { value: string; label: string }[] };
  effect: string;
  button: string;
  close: () => void;
};

/** A request for goods or money, by the receiver itself or for it by telephone. */
export function RequestForm({ unit, items, receiver, effect, button, close }: Props) {
  const say = useSay();
  const name = useWord();
  const queries = useQueryClient();
  const [key] = useState(() => freshKey("ask"));
  const after = () => {
    close();
    void queries.invalidateQueries();
  };
  const fields = (entered: Partial<Entered>): Field[] => {
    const units = items.find((one) => one.id === entered.item)?.units ?? [];
    const goods: Field[] = [
      { name: "item", label: say("stock.item"), kind: "choice", options: items.map((one) => ({ value: one.id, label: [one.name, one.grade].filter(Boolean).join(" · ") })) },
      { name: "quantity", label: say("stock.quantity"), kind: "count" },
      { name: "unit_word", label: say("lots.unit_word"), kind: "choice", options: units.map((value) => ({ value, label: value })) },
    ];
    const money: Field[] = [{ name: "amount_fen", label: say("needs.amount"), kind: "money" }];
    return [
      ...("choose" in receiver ? [{ name: "receiver", label: say("dispatches.receiver"), kind: "choice" as const, options: receiver.choose }] : []),
      { name: "what", label: say("needs.what"), kind: "choice", options: [{ value: "goods", label: say("needs.goods") }, { value: "money", label: say("needs.money") }] },
      ...(entered.what === "money" ? money : goods),
      { name: "priority", label: say("needs.priority"), kind: "choice", options: PRIORITIES.map((value) => ({ value, label: name("needs.priority", value) })) },
      { name: "basis", label: say("needs.basis"), chars: 120, hint: say("needs.basis_hint") },
      { name: "needed_by", label: say("needs.needed_by"), kind: "day", optional: true },
    ];
  };
  return (
    <QuickForm<Entered>
      fields={fields} initial={{ what: "goods", priority: "normal" }} effect={effect} button={button} done={say("saved")} cancel={close} after={after}
      submit={(entered) => handIn(unit, key, "own" in receiver ? receiver.own : entered.receiver ?? "", entered)}
    />
  );
}
