import type { Shape } from "../../api/client";
import { instant } from "../../lib/time";

/** What the officer typed. */
export type Entry = {
  key: string;
  amount_fen?: number;
  account: string;
  project: string;
  name?: string;
  phone?: string;
  on_behalf_of?: string;
  memo?: string;
  bank_no?: string;
  day?: string;
  time?: string;
  anonymous?: boolean;
  receipt?: Shape["ReceiptWish"];
};

const NOON = "12:00";
const text = (value: string | undefined): string | undefined => value?.trim() || undefined;
const given = <T extends object>(all: T): Partial<T> =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The entry as the server takes it: empty fields left out, a day without a time at noon in Beijing. */
export function bodyOf(entry: Entry & { amount_fen: number }): Shape["EnterGift"] {
  const payer = given({
    name: text(entry.name), phone: text(entry.phone), on_behalf_of: text(entry.on_behalf_of), memo: text(entry.memo),
  });
  return {
    key: entry.key, amount_fen: entry.amount_fen, account: entry.account, project: entry.project,
    // openapi.json says no more of a payer than that it is an object.
    payer: payer as NonNullable<Shape["EnterGift"]["payer"]>,
    anonymous: entry.anonymous ?? false,
    ...given({
      bank_no: text(entry.bank_no), receipt: entry.receipt,
      paid_at: entry.day ? instant(entry.day, text(entry.time) ?? NOON) : undefined,
    }),
  };
}
