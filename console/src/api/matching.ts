import { ask, fetchRaw } from "./client";

export type Sponsor = { id: string; unit: string; name: string };

/** The sponsors of my units: a second pool of the same one names it, never makes it again. */
export const sponsors = (): Promise<Sponsor[]> => ask("GET", "/api/v1/match/sponsors");

/** Hands a signed agreement in, as it is; what comes back names it in a pool. */
export async function sendAgreement(unit: string, file: File): Promise<{ agreement: string }> {
  const address = `/api/v1/match/agreements?${new URLSearchParams({ unit })}`;
  const response = await fetchRaw(address, { method: "POST", body: file, headers: { "content-type": "application/octet-stream" } });
  return (await response.json()) as { agreement: string };
}
