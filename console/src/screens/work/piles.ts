import { useAccountChanges } from "./account";
import { useAlerts } from "./alerts";
import { useApprovals } from "./approvals";
import { useDocuments, useOwed } from "./duty";
import { useBreaches, useDifferences, useMatches, useMessages, usePapers, usePlans } from "./others";
import { useHeld, usePayouts, useRefunds, useWishes } from "./money";
import { useHolds, useTeams } from "./together";
import type { Pile } from "./tasks";

/** All that may wait for this person, what touches their own account on top, what is owed by the hour and approvals with their clock first, then money; kinds they have nothing to do with are left out. */
export function usePiles(): Pile[] {
  const all = [
    useAccountChanges(), useOwed(), useApprovals(), useAlerts(), useDocuments(), useRefunds(), usePayouts(), useHeld(), useHolds(), useMatches(), useWishes(), usePlans(), useBreaches(), useMessages(), useTeams(), useDifferences(), usePapers(),
  ];
  return all.filter((pile) => pile !== null);
}
