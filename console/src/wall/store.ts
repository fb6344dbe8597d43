/** The operator's map in this browser: too large for the small storage. */
const NAME = "shanqiao-wall";
const ROOM = "maps";
const KEY = "own";

function open(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(ROOM);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function within<T>(mode: IDBTransactionMode, work: (room: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
  try {
    const base = await open();
    return await new Promise<T>((done, failed) => {
      const request = work(base.transaction(ROOM, mode).objectStore(ROOM));
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
  } catch {
    // A browser that keeps nothing shows tiles; the settings say that no map is loaded.
    return null;
  }
}

export const keepMap = (text: string) => within("readwrite", (room) => room.put(text, KEY));
export const keptMap = async (): Promise<string | null> => ((await within("readonly", (room) => room.get(KEY))) as string | undefined) ?? null;
export const dropMap = () => within("readwrite", (room) => room.delete(KEY));
