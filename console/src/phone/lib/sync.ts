/** Handing in: signs what is not signed, sends batches until nothing waits, then photographs, then takes the news along. */
import * as db from "./db";
import { sign } from "./keys";
import { BATCH_MAX, type Kept, answered, batch, pause, spent, toAskAgain, toSend, wanted } from "./queue";
import { bare, signedText } from "./record";
import * as server from "./server";

export type Standing =
  | { is: "idle" | "sending" | "offline" | "sign_in" | "duties" }
  | { is: "refused"; title: string; detail: string };

/** One tab at a time hands in. */
const LOCK = "shanqiao-phone-queue";
/** More rounds than any queue needs: a server that answers nothing sensible is not asked for ever. */
const ROUNDS_MAX = 400;
/** What the phone took along is asked anew this often. */
const NEWS_MS = 120_000;

export class Sync {
  standing: Standing = { is: "idle" };
  gaps: { from: number; to: number }[] = [];
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running = false;
  #again = false;
  #failed = 0;
  #news_ms = 0;

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(standing: Standing = this.standing): void {
    this.standing = standing;
    for (const listener of this.#listeners) listener();
  }

  /** Hands in now; while it does, the next wish waits for it. */
  async now(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    if (this.#timer) clearTimeout(this.#timer);
    try {
      do {
        this.#again = false;
        await this.#exclusively(() => this.#all());
      } while (this.#again);
      this.#failed = 0;
    } catch (fault) {
      this.#failed++;
      this.#stumble(fault);
    } finally {
      this.#running = false;
      this.#timer = setTimeout(() => void this.now(), pause(this.#failed));
    }
  }

  async #exclusively(work: () => Promise<void>): Promise<void> {
    if (!navigator.locks) return work();
    await navigator.locks.request(LOCK, work);
  }

  #stumble(fault: unknown): void {
    if (!(fault instanceof server.Refused)) {
      this.#tell({ is: "refused", title: fault instanceof Error ? fault.name : "", detail: fault instanceof Error ? fault.message : "" });
    } else if (fault.status === 401) this.#tell({ is: "sign_in" });
    else if (fault.status === 0 || fault.status >= 500 || fault.status === 429) this.#tell({ is: "offline" });
    else this.#tell({ is: "refused", title: fault.title || fault.slug, detail: fault.detail });
  }

  async #all(): Promise<void> {
    const profile = await db.profile();
    if (!profile) return;
    const open = toSend(await db.records()).length > 0 || (await db.photoNames()).length > 0;
    const stale = Date.now() - this.#news_ms > NEWS_MS;
    if (!open && !stale) {
      if (this.standing.is === "sending") this.#tell({ is: "idle" });
      return;
    }
    if (open) this.#tell({ is: "sending" });
    const session = await server.session();
    if (session.must) {
      this.#tell({ is: "duties" });
      return;
    }
    await this.#records(profile);
    await this.#askAgain(profile);
    await this.#photos(profile);
    await db.keepAlong(await server.takeAlong(profile.unit));
    this.#news_ms = Date.now();
    await db.dropRecords(spent(await db.records()));
    this.#tell({ is: "idle" });
  }

  async #records(profile: db.Profile): Promise<void> {
    const tried = new Set<number>();
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const kept = await db.records();
      // What the server could not finish is tried once each time, not for ever.
      const next = batch(kept.filter((one) => !tried.has(one.seq)));
      if (next.length === 0) return;
      const signed = await Promise.all(next.map(async (one) => (one.signature ? one : { ...one, signature: await sign(profile.key, signedText(one.record)) })));
      await db.keepRecords(signed);
      await this.#handIn(profile, signed);
      for (const one of signed) tried.add(one.seq);
    }
  }

  /** Hands signed records in and keeps what is said of them. */
  async #handIn(profile: db.Profile, signed: Kept[]): Promise<void> {
    const said = await server.handIn(profile.unit, {
      device: profile.device, sent_at_ms: Date.now(), records: signed.map((one) => ({ record: bare(one.record), signature: one.signature })),
    });
    await db.keepRecords(answered(signed, said.records));
    await db.changeProfile({ offset_ms: said.offset_ms });
    this.gaps = said.gaps;
    // A photograph whose record the server refused is kept with it for the officer: its bytes are not wanted.
    const still = new Set(wanted(signed, said.records));
    for (const one of signed) {
      const { sha256 } = one.record;
      const answer = said.records.find((told) => told.key === one.record.key);
      if (sha256 && answer && !still.has(sha256) && ["taken", "known", "settled"].includes(answer.outcome)) await db.dropPhoto(sha256);
    }
    this.#tell();
  }

  /** What was refused stays so here until it is asked for again, unchanged: an officer may have said what its words mean. */
  async #askAgain(profile: db.Profile): Promise<void> {
    const again = toAskAgain(await db.records(), new Set(await db.photoNames()));
    for (let from = 0; from < again.length; from += BATCH_MAX) await this.#handIn(profile, again.slice(from, from + BATCH_MAX));
  }

  async #photos(profile: db.Profile): Promise<void> {
    const kept = await db.records();
    const ready = new Set(kept.filter((one) => one.state === "taken" || one.state === "known").map((one) => one.record.sha256));
    for (const name of await db.photoNames()) {
      if (!ready.has(name)) continue;
      const photo = await db.photo(name);
      if (!photo) continue;
      await server.sendPhoto(profile.device, name, photo.bytes);
      await db.dropPhoto(name);
      this.#tell();
    }
  }
}
