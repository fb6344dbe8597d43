/** Whether a figure may be called live. Nothing here guesses: what cannot be shown to be fresh is old, and says of when it is. */

/** Where a source stands. */
export type Link = "connecting" | "open" | "lost" | "missing";

/** A value as it was received. */
export type Kept<T> = {
  value: T;
  /** The server's own moment of the figures. */
  as_of: string;
};

export type Feed<T = unknown> = {
  kept: Kept<T> | null;
  link: Link;
  /** When anything was heard of this source last, a heartbeat too; on the page's own running clock. */
  heard_ms: number;
  /** When the line broke, on the same clock. */
  lost_ms: number;
};

/** What a kind of source promises. */
export type Vow = {
  /** Longest silence of a healthy line. */
  silent_ms_max: number;
  /** Oldest figures of a healthy server. */
  age_ms_max: number;
};

/** What the page knows of time and of the server. */
export type Now = {
  /** The page's own running clock, which no one sets. */
  at_ms: number;
  /** The server's clock. */
  server_ms: number;
  /** When anything at all was heard of the server, on the running clock. */
  contact_ms: number;
  /** Tries to reach it that failed since then. */
  failed: number;
};

export type Freshness = "none" | "missing" | "live" | "old";

/** The server is asked every four seconds and given four to answer: after nine without a word there is no contact. */
export const CONTACT_MS_MAX = 9_000;
/** A line that is taken up again within this time was not away: a network or a proxy drops one now and then. */
export const GRACE_MS = 3_000;
/** The server beats every 15 s and sends at least every minute. */
export const STREAM: Vow = { silent_ms_max: 35_000, age_ms_max: 90_000 };

/** What is promised of a source that is asked every so often: three times that, and the figures no older. */
export const polled = (every_ms: number): Vow => ({ silent_ms_max: 3 * every_ms + 5_000, age_ms_max: 3 * every_ms + 30_000 });

/** One try may be lost on the way; a second that fails with nothing heard in between is no accident. */
const FAILED_MAX = 1;

export const hasContact = (now: Pick<Now, "at_ms" | "contact_ms" | "failed">): boolean => now.at_ms - now.contact_ms <= CONTACT_MS_MAX && now.failed <= FAILED_MAX;

export function judge(feed: Feed | undefined, now: Now, promised: Vow): Freshness {
  if (feed?.link === "missing") return "missing";
  if (!feed?.kept) return "none";
  const age_ms = now.server_ms - Date.parse(feed.kept.as_of);
  if (!(age_ms <= promised.age_ms_max) || !hasContact(now)) return "old";
  if (now.at_ms - feed.heard_ms > promised.silent_ms_max) return "old";
  if (feed.link === "open") return "live";
  return now.at_ms - feed.lost_ms <= GRACE_MS ? "live" : "old";
}

/** The worst of several, as the whole screen must say it. */
export function worst(all: Freshness[]): Freshness {
  for (const one of ["old", "none", "live"] as const) if (all.includes(one)) return one;
  return all.length > 0 ? "missing" : "none";
}

/** Waits before the next try: doubling up to fifteen seconds, spread so that many walls do not knock together. */
export function backoff(tries: number, chance: number): number {
  const whole = Math.min(15_000, 500 * 2 ** Math.min(tries, 10));
  return Math.round(whole * (0.8 + 0.4 * chance));
}
