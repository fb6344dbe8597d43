/** What the phone keeps, in IndexedDB: its profile with the key, the queue, photographs, what it took along. */
import { type Along, NOTHING } from "./along";
import { type Kept, toSend } from "./queue";
import type { Draft, PhoneRecord } from "./record";

const NAME = "shanqiao-phone";
const VERSION = 1;

export type Profile = {
  unit: string;
  device: string;
  name: string;
  /** The private half cannot be read out of the browser. */
  key: CryptoKey;
  seq: number;
  /** Where the holder works: asked once. */
  place: string;
  /** Server's clock less this one, when last heard. */
  offset_ms: number;
};
export type Photo = { sha256: string; bytes: ArrayBuffer };

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const ended = (tx: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error);
    tx.onerror = () => reject(tx.error);
  });

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("one");
      request.result.createObjectStore("records", { keyPath: "seq" });
      request.result.createObjectStore("photos", { keyPath: "sha256" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function one<T>(key: string): Promise<T | undefined> {
  const db = await open();
  return done(db.transaction("one").objectStore("one").get(key)) as Promise<T | undefined>;
}

async function putOne(key: string, value: unknown): Promise<void> {
  const tx = (await open()).transaction("one", "readwrite", { durability: "strict" });
  tx.objectStore("one").put(value, key);
  await ended(tx);
}

export const profile = (): Promise<Profile | undefined> => one<Profile>("profile");
export const keepProfile = (value: Profile): Promise<void> => putOne("profile", value);
/** What an older app took along may lack a list. */
export const along = async (): Promise<Along> => ({ ...NOTHING, ...(await one<Along>("along")) });
export const keepAlong = (value: Along): Promise<void> => putOne("along", value);

/** Changes some of the profile, and nothing of what another tab changed meanwhile. */
export async function changeProfile(change: Partial<Omit<Profile, "seq" | "key">>): Promise<void> {
  const tx = (await open()).transaction("one", "readwrite");
  const store = tx.objectStore("one");
  const known = (await done(store.get("profile"))) as Profile | undefined;
  if (known) store.put({ ...known, ...change }, "profile");
  await ended(tx);
}

export async function records(): Promise<Kept[]> {
  return done((await open()).transaction("records").objectStore("records").getAll()) as Promise<Kept[]>;
}

/** Takes the next number and keeps the record under it, in one transaction: a number without its record never is. */
export async function add(draft: Draft, about: { at_ms: number; key: string; shown: string }, photo?: Photo): Promise<Kept> {
  const tx = (await open()).transaction(["one", "records", "photos"], "readwrite", { durability: "strict" });
  const known = (await done(tx.objectStore("one").get("profile"))) as Profile | undefined;
  if (!known) throw new Error("this phone is not enrolled");
  const seq = known.seq + 1;
  const record: PhoneRecord = { ...draft, device: known.device, device_at_ms: about.at_ms, key: about.key, seq };
  const kept: Kept = { seq, record, signature: "", state: "waiting", shown: about.shown };
  tx.objectStore("one").put({ ...known, seq }, "profile");
  tx.objectStore("records").add(kept);
  if (photo) tx.objectStore("photos").put(photo);
  await ended(tx);
  return kept;
}

export async function keepRecords(changed: Kept[]): Promise<void> {
  const tx = (await open()).transaction("records", "readwrite");
  for (const one of changed) tx.objectStore("records").put(one);
  await ended(tx);
}

export async function dropRecords(seqs: number[]): Promise<void> {
  const tx = (await open()).transaction("records", "readwrite");
  for (const seq of seqs) tx.objectStore("records").delete(seq);
  await ended(tx);
}

export async function photo(sha256: string): Promise<Photo | undefined> {
  return done((await open()).transaction("photos").objectStore("photos").get(sha256)) as Promise<Photo | undefined>;
}

export async function photoNames(): Promise<string[]> {
  return (await done((await open()).transaction("photos").objectStore("photos").getAllKeys())).map(String);
}

export async function dropPhoto(sha256: string): Promise<void> {
  const tx = (await open()).transaction("photos", "readwrite");
  tx.objectStore("photos").delete(sha256);
  await ended(tx);
}

/** Takes the profile away, so that the phone can be enrolled anew; says whether it did: not while something waits. */
export async function leave(): Promise<boolean> {
  const tx = (await open()).transaction(["one", "records"], "readwrite");
  const kept = (await done(tx.objectStore("records").getAll())) as Kept[];
  const isEmpty = toSend(kept).length === 0;
  if (isEmpty) tx.objectStore("one").delete("profile");
  await ended(tx);
  return isEmpty;
}

/** The profile, and all that belongs to it: after the phone was enrolled anew. Only ever called with an empty queue. */
export async function startAnew(value: Profile): Promise<void> {
  const tx = (await open()).transaction(["one", "records", "photos"], "readwrite", { durability: "strict" });
  tx.objectStore("records").clear();
  tx.objectStore("photos").clear();
  tx.objectStore("one").put(value, "profile");
  await ended(tx);
}
