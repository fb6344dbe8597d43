import { useQueries, useQuery } from "@tanstack/react-query";
import { APPROVALS, type Case, type Policy, type PolicyOut, policies, readCase } from "../../api/approvals";
import { useMay, useSession } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { useLanguage, useSay, useWord } from "../../words";
import { useWaiting } from "./live";
import type { Reader } from "./may";
import { type Telling, titled } from "./tell";

/** Policies change rarely, and a running case keeps its own. */
const KEEP_MS = 60_000;
/** A case that is open on a screen is read again at this pace: the live line tells deciders of what is theirs alone. */
const CASE_MS = 8_000;

const inForce = (unit: string) => ({ queryKey: [...APPROVALS, "policies", unit], queryFn: () => policies(unit), staleTime: KEEP_MS, retry: false });

/** The policies in force in a unit, for who may read there. */
export function usePolicies(unit: string | undefined) {
  const mine = useMay()("approval_read");
  return useQuery({ ...inForce(unit ?? ""), enabled: mine && Boolean(unit) });
}

/** The policy of a kind of thing in a unit. */
export function usePolicyOf(unit: string | undefined, kind: string): Policy | null {
  return usePolicies(unit).data?.items.find((one) => one.subject_kind === kind)?.policy ?? null;
}

/** The units in which I hold a role. */
export const useHomes = (): string[] => [...new Set(useSession().user.roles.map((role) => role.unit))];

/** A case, read again while it is looked at. */
export function useCase(id: string) {
  return useQuery<Case>({ queryKey: [...APPROVALS, "case", id], queryFn: () => readCase(id), refetchInterval: whileHere(CASE_MS) });
}

/** Who looks at a case. */
export function useReader(id: string): Reader {
  const me = useSession().user.id;
  const awaited = (useWaiting().data?.items ?? []).filter((one) => one.id === id).map((one) => one.stage);
  return { me, awaited };
}

/** What policies need to be told in words. */
export function useTelling(): Telling {
  return { say: useSay(), name: useWord(), language: useLanguage() };
}

/** Names of kinds of things, from the policies of these units; the server's word where nobody says more. */
export function useNames(units: readonly string[]) {
  const name = useWord();
  const language = useLanguage();
  const mine = useMay()("approval_read");
  const read = useQueries({ queries: [...new Set(units)].map((unit) => ({ ...inForce(unit), enabled: mine })) });
  const all = read.flatMap((one): PolicyOut[] => one.data?.items ?? []);
  const policyOf = (kind: string) => all.find((one) => one.subject_kind === kind)?.policy ?? null;
  return {
    /** All kinds that a policy decides about. */
    kinds: [...new Set(all.map((one) => one.subject_kind))],
    kind: (kind: string): string => {
      const known = name("approvals.kind", kind);
      const policy = policyOf(kind);
      return known === kind && policy ? titled(policy, language) : known;
    },
  };
}
