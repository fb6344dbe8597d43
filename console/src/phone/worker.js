// Keeps the phone app for when there is no line. Its files carry their hash in their names and never change; the page itself
// is asked for first, and taken from what is kept where nobody answers. The interface is never kept: what it says is not ours.
// scripts/worker.mjs puts the list of files and its hash into the built worker.
const FILES = ["__FILES__"];
const KEPT = "shanqiao-phone-__VERSION__";
const PAGE = "/app/";
const ANSWER_MS_MAX = 4_000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const kept = await caches.open(KEPT);
    await kept.addAll([PAGE, ...FILES].map((file) => new Request(file, { cache: "reload" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("shanqiao-phone-") && name !== KEPT) await caches.delete(name);
    await self.clients.claim();
  })());
});

/** @param {Request} request */
async function page(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    // A page of a newer build needs files that are not kept: it is kept by the next worker, with them.
    if (answer.ok) return answer;
  } catch {
    // No line: what is kept.
  }
  return (await kept.match(PAGE)) ?? Response.error();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (address.pathname.startsWith("/app")) event.respondWith(page(request));
    return;
  }
  if (!FILES.includes(address.pathname)) return;
  event.respondWith((async () => (await (await caches.open(KEPT)).match(address.pathname)) ?? fetch(request))());
});
