import { ask, fetchRaw } from "../../api/client";
import type { PhoneRecord } from "../../phone/lib/record";

/** The server's words for phones that record goods off line, and what waits of them. */
export type Phone = { id: string; name: string; enrolled_at: string; seen_at: string | null; offset_ms: number | null; seq_last: number; has_gaps: boolean; waiting: number; revoked_at: string | null };
export type Refused = {
  id: string; device_name: string; record: PhoneRecord; outcome: "pending" | "taken" | "known" | "refused" | "settled";
  refusal: { slug: string; title: string; detail: string } | null; device_at: string; reckoned_at: string; received_at: string; settled_words: string;
};
export type Photo = { id: string; device_name: string; taken_at: string; note: string; length: number | null; lot: string | null; code: string | null; dispatch: string | null };

const at = (unit: string): string => `/api/v1/goods/${unit}`;
export const phonesOf = (unit: string): Promise<Phone[]> => ask("GET", `${at(unit)}/devices`);
export const revoke = (phone: string): Promise<void> => ask("POST", `/api/v1/goods/devices/${phone}/revoke`);
export const recordsOf = (unit: string, shown: "waiting" | "settled"): Promise<Refused[]> => ask("GET", `${at(unit)}/records?shown=${shown}`);
export const redo = (record: string, reason: string): Promise<{ outcome: Refused["outcome"] }> => ask("POST", `/api/v1/goods/records/${record}/redo`, { reason });
export const settle = (record: string, words: string): Promise<void> => ask("POST", `/api/v1/goods/records/${record}/settle`, { words });
/** Of what photographs are wanted; of nothing named, of the whole unit. */
export type PhotosOf = { lot: string } | { dispatch: string };
export const photosOf = (unit: string, of?: PhotosOf): Promise<Photo[]> => ask("GET", `${at(unit)}/photos${of ? `?${new URLSearchParams(of).toString()}` : ""}`);
export const photoBytes = async (photo: string): Promise<Blob> => (await fetchRaw(`/api/v1/goods/photos/${photo}`)).blob();

/** Whole minutes by which a phone's clock is behind (above zero) or ahead. */
export const minutesOff = (offset_ms: number | null): number => (offset_ms === null ? 0 : Math.round(offset_ms / 60_000));
