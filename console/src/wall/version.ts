/** A wall stands for weeks: after an update of the server it takes the new page by itself. */
const EVERY_MS = 600_000;

/** The names of a page's scripts carry their content's hash, so they tell versions apart. */
export const scriptsOf = (page: string): string => (page.match(/assets\/[\w.-]+\.js/g) ?? []).toSorted().join(" ");

export function watchVersion(): void {
  let first: string | null = null;
  const look = async () => {
    try {
      const answer = await fetch(location.pathname, { cache: "no-cache", headers: { accept: "text/html" } });
      const scripts = answer.ok ? scriptsOf(await answer.text()) : "";
      if (scripts === "") return;
      if (first !== null && first !== scripts) location.reload();
      first = scripts;
    } catch {
      // The server is away; the next look finds out.
    }
  };
  void look();
  setInterval(() => void look(), EVERY_MS);
}
