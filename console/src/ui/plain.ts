import { type ReactElement, type ReactNode, isValidElement } from "react";
import { yuan } from "../lib/money";
import { moment } from "../lib/time";
import { At, FactKind, Money, State } from "./basics";

/** What a cell says without its look: in words for a file, and by what it is put in order. */
export type Plain = { text: string; rank: string | number | bigint; amount?: true };

type Name = (group: string, word: string) => string;
type Props = { fen?: number | bigint; at?: string; word?: string; group?: string; kind?: string; children?: ReactNode };

/** The words of what is drawn: sums, moments and states as their own components tell them, of others what stands inside. */
export function plainOf(node: ReactNode, name: Name): Plain {
  if (typeof node === "number" || typeof node === "bigint") return { text: String(node), rank: node };
  if (typeof node === "string") return { text: node, rank: node };
  if (Array.isArray(node)) return joined(node as ReactNode[], name);
  if (!isValidElement(node)) return { text: "", rank: "" };
  const { type, props } = node as ReactElement<Props>;
  if (type === Money && props.fen !== undefined) return { text: yuan(props.fen), rank: props.fen, amount: true };
  if (type === At && props.at) return { text: moment(props.at), rank: props.at };
  if (type === State && props.word) return plainOf(name(props.group ?? "state", props.word), name);
  if (type === FactKind && props.kind) return factOf(props.kind, name("fact", props.kind));
  return plainOf(props.children, name);
}

/** A file has no pointer under which the code would show: it stands beside the words. */
const factOf = (kind: string, words: string): Plain => ({ text: words === kind ? kind : `${words} ${kind}`, rank: words });

function joined(nodes: ReactNode[], name: Name): Plain {
  const parts = nodes.map((node) => plainOf(node, name)).filter((part) => part.text.trim() !== "");
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const text = parts.map((part) => part.text.trim()).join(" ");
  return { text, rank: text };
}

/** The order of two cells: numbers by size, texts as the language sorts them; empty ones last. */
export function byRank(one: Plain["rank"], other: Plain["rank"]): number {
  if (one === "" || other === "") return one === other ? 0 : one === "" ? 1 : -1;
  if (typeof one === "string" || typeof other === "string") return String(one).localeCompare(String(other), "zh-Hans-CN", { numeric: true });
  return one < other ? -1 : one > other ? 1 : 0;
}
