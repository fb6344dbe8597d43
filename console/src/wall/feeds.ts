/** What the wall knows: streams and questions to the server's public addresses, kept with the moment they speak of. */
import { type Feed, type Kept, type Now, STREAM, type Vow, backoff, hasContact, polled } from "./lib/freshness";
import { type Checkpoint, Cutter, checkpoint } from "./lib/sse";
import { load, save } from "../lib/stored";

export type Source =
  | { key: string; kind: "stream"; path: string }
  | { key: string; kind: "poll"; every_ms: number; /** Where the figures are slower than the asking. */ age_ms_max?: number; ask: (get: Get) => Promise<Kept<unknown>> };

/** Reads one address as JSON, with the server's moment of the answer. */
export type Get = (path: string) => Promise<{ body: unknown; at: string }>;

/** Somebody answered, but there is no such thing for the public. */
export class Missing extends Error {}

/** Asked so often for a sign of life: the newest checkpoint of the public log, a small static file. */
const PULSE_MS = 4_000;
const PATIENCE_MS = 4_000;
/** Tables of a whole province take longer than a sign of life. */
const ANSWER_MS_MAX = 20_000;
/** What is not there now may be there later: a board that somebody opens. */
const MISSING_MS = 60_000;
const KEPT = "wall.kept";
const KEEP_MS = 5_000;
const KEPT_MAX = 16;

type Runner = { source: Source; stop: AbortController; wake: (() => void) | null; wanted_ms: number };

/** A source is let go this long after nobody shows it any more. */
const LINGER_MS = 3_000;

export class Feeds {
  readonly #feeds = new Map<string, Feed>();
  readonly #runners = new Map<string, Runner>();
  readonly #listeners = new Set<() => void>();
  #contact_ms = Number.NEGATIVE_INFINITY;
  #failed = 0;
  /** Server's clock less the running clock. */
  #ahead_ms: number | null = null;
  #mark: Feed<Checkpoint> = { kept: null, link: "connecting", heard_ms: Number.NEGATIVE_INFINITY, lost_ms: 0 };
  #noted = 0;

  constructor() {
    // Figures of before the restart: shown as old until the server speaks.
    for (const [key, kept] of Object.entries(load<Record<string, Kept<unknown>>>(KEPT) ?? {})) {
      this.#feeds.set(key, { kept, link: "connecting", heard_ms: Number.NEGATIVE_INFINITY, lost_ms: Number.NEGATIVE_INFINITY });
    }
    void this.#pulse();
  }

  get<T>(key: string): Feed<T> | undefined {
    return this.#feeds.get(key) as Feed<T> | undefined;
  }

  get mark(): Feed<Checkpoint> {
    return this.#mark;
  }

  now(): Now {
    const at_ms = performance.now();
    return { at_ms, server_ms: this.#ahead_ms === null ? Date.now() : at_ms + this.#ahead_ms, contact_ms: this.#contact_ms, failed: this.#failed };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says what is needed now; what is no longer named is closed a little later. */
  want(sources: Source[]): void {
    const at_ms = performance.now();
    for (const source of sources) {
      const known = this.#runners.get(source.key);
      if (known) known.wanted_ms = at_ms;
      else this.#start(source, at_ms);
    }
    for (const [key, runner] of this.#runners) {
      if (at_ms - runner.wanted_ms <= LINGER_MS) continue;
      runner.stop.abort();
      this.#runners.delete(key);
      const feed = this.#feeds.get(key);
      if (feed) this.#feeds.set(key, { ...feed, link: "connecting", lost_ms: Number.NEGATIVE_INFINITY });
    }
  }

  #start(source: Source, wanted_ms: number): void {
    const runner: Runner = { source, stop: new AbortController(), wake: null, wanted_ms };
    this.#runners.set(source.key, runner);
    if (!this.#feeds.has(source.key)) {
      this.#feeds.set(source.key, { kept: null, link: "connecting", heard_ms: Number.NEGATIVE_INFINITY, lost_ms: Number.NEGATIVE_INFINITY });
    }
    void this.#run(runner);
  }

  async #run(runner: Runner): Promise<void> {
    const { source, stop } = runner;
    for (let tries = 0; !stop.signal.aborted; ) {
      const began_ms = performance.now();
      let wait_ms = source.kind === "poll" ? source.every_ms : 0;
      try {
        if (source.kind === "stream") await this.#follow(source.key, source.path, stop.signal);
        else this.#put(source.key, { kept: await source.ask((path) => this.#json(path, stop.signal)), link: "open" });
        tries = 0;
      } catch (fault) {
        if (stop.signal.aborted) return;
        if (fault instanceof Missing) {
          this.#put(source.key, { link: "missing" });
          wait_ms = MISSING_MS;
        } else {
          this.#lose(source.key);
          // A line that held a while broke anew: begin with short waits again.
          tries = performance.now() - began_ms > 30_000 ? 1 : tries + 1;
          wait_ms = backoff(tries, Math.random());
        }
      }
      await this.#sleep(runner, wait_ms);
    }
  }

  #sleep(runner: Runner, wait_ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, wait_ms);
      runner.wake = () => {
        clearTimeout(timer);
        done();
      };
      runner.stop.signal.addEventListener("abort", () => runner.wake?.(), { once: true });
    });
  }

  /** Reads a stream until it ends, which is always a loss. */
  async #follow(key: string, path: string, ended: AbortSignal): Promise<never> {
    const stop = new AbortController();
    ended.addEventListener("abort", () => stop.abort(), { once: true });
    let heard_ms = performance.now();
    const watch = setInterval(() => {
      const limit_ms = this.#contact(performance.now()) ? STREAM.silent_ms_max : PATIENCE_MS;
      if (performance.now() - heard_ms > limit_ms) stop.abort();
    }, 1_000);
    try {
      const answer = await this.#reach(path, { headers: { accept: "text/event-stream" }, signal: stop.signal });
      this.#answered(answer);
      if (!answer.ok || !answer.body) throw new Error(`status ${answer.status}`);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const cutter = new Cutter();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the stream ended");
        heard_ms = performance.now();
        this.#heard();
        const last = cutter.take(value).at(-1);
        if (last === undefined) this.#put(key, {});
        else {
          const figures = JSON.parse(last) as { as_of: string };
          this.#put(key, { kept: { value: figures, as_of: figures.as_of }, link: "open" });
        }
      }
    } finally {
      clearInterval(watch);
      stop.abort();
    }
  }

  #contact = (at_ms: number): boolean => hasContact({ at_ms, contact_ms: this.#contact_ms, failed: this.#failed });

  async #json(path: string, ended: AbortSignal): Promise<{ body: unknown; at: string }> {
    const answer = await this.#reach(path, { headers: { accept: "application/json" }, signal: AbortSignal.any([ended, AbortSignal.timeout(ANSWER_MS_MAX)]) });
    this.#answered(answer);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const said = Date.parse(answer.headers.get("date") ?? "");
    return { body: await answer.json(), at: new Date(Number.isNaN(said) ? this.now().server_ms : said).toISOString() };
  }

  /** An answer is a sign of life and tells the server's time; a proxy that speaks for a dead server is neither. */
  #answered(answer: Response): void {
    if (answer.status === 404) {
      this.#heard();
      throw new Missing();
    }
    if (answer.status >= 500) return;
    this.#heard();
    const said = Date.parse(answer.headers.get("date") ?? "");
    // The header has whole seconds: its middle is the best guess.
    if (!Number.isNaN(said)) this.#ahead_ms = said + 500 - performance.now();
  }

  #heard(): void {
    this.#contact_ms = performance.now();
    this.#failed = 0;
  }

  /** Asks the server; a try that reaches nobody is counted. */
  async #reach(path: string, how: RequestInit): Promise<Response> {
    try {
      return await fetch(path, { cache: "no-store", ...how });
    } catch (fault) {
      // What we broke off ourselves because nobody needs it any more says nothing of the server.
      if ((fault as Error).name !== "AbortError") this.#failed += 1;
      throw fault;
    }
  }

  async #pulse(): Promise<void> {
    for (;;) {
      const had = this.#contact(performance.now());
      try {
        const answer = await this.#reach("/log/checkpoint", { signal: AbortSignal.timeout(PATIENCE_MS) });
        this.#answered(answer);
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        const read = checkpoint(await answer.text());
        if (read) this.#mark = { ...this.#mark, kept: { value: read, as_of: new Date(this.now().server_ms).toISOString() }, link: "open", heard_ms: performance.now() };
        else throw new Missing();
      } catch (fault) {
        const gone = fault instanceof Missing ? "missing" : "lost";
        this.#mark = { ...this.#mark, link: gone, lost_ms: this.#mark.link === "open" ? performance.now() : this.#mark.lost_ms };
      }
      // The server is back: nobody waits for the end of a long pause.
      if (!had && this.#contact(performance.now())) for (const runner of this.#runners.values()) runner.wake?.();
      this.#tell();
      await new Promise((done) => setTimeout(done, PULSE_MS));
    }
  }

  #put(key: string, change: Partial<Feed>): void {
    const before = this.#feeds.get(key);
    if (!before) return;
    this.#feeds.set(key, { ...before, heard_ms: performance.now(), ...change });
    if (change.kept) this.#note();
    this.#tell();
  }

  #lose(key: string): void {
    const before = this.#feeds.get(key);
    if (!before) return;
    // The first loss counts: further tries that fail do not make the figures younger.
    this.#feeds.set(key, { ...before, link: "lost", lost_ms: before.link === "open" ? performance.now() : before.lost_ms });
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Keeps the newest figures for a restart, without the names of the latest gifts. */
  #note(): void {
    const at_ms = performance.now();
    if (at_ms - this.#noted < KEEP_MS) return;
    this.#noted = at_ms;
    const all = [...this.#feeds].filter(([, feed]) => feed.kept !== null).slice(-KEPT_MAX);
    save(KEPT, Object.fromEntries(all.map(([key, { kept }]) => [key, kept && { ...kept, value: withoutNames(kept.value) }])));
  }
}

/** Latest gifts may be taken back or hidden later; a kept copy would not know. */
export function withoutNames(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const { latest: _latest, came: _came, went: _went, ...rest } = value as Record<string, unknown>;
  return rest;
}

export const vowOf = (source: Source): Vow => (source.kind === "stream" ? STREAM : { ...polled(source.every_ms), ...(source.age_ms_max === undefined ? {} : { age_ms_max: source.age_ms_max }) });
