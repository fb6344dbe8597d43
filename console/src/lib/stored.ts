/** What this browser keeps: drafts, columns, views. A full or forbidden storage loses a comfort, never work on the server. */
const PREFIX = "qiao.";

export function load<T>(name: string): T | null {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

export function save(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Storage is full or switched off: the page works on without it.
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // As above.
  }
}

/** At sign-out nothing of a person's work stays for the next one at this desk. */
export function forgetDrafts(): void {
  const drafts = `${PREFIX}draft.`;
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(drafts)) localStorage.removeItem(key);
  } catch {
    // As above.
  }
}
