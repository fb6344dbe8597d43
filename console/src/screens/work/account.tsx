import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { changes, seeChange } from "../../api/changes";
import { whileHere } from "../../lib/awake";
import { At } from "../../ui/base";
import { useColleagueNames } from "../../ui/lists";
import { useSay } from "../../words";
import { pileOf } from "./money";
import type { Pile } from "./tasks";

/** Rare, and asked for everybody: less often than what waits for a decision. */
const EVERY_MS = 300_000;

/** What somebody else changed in how I sign in, until I have seen it. */
export function useAccountChanges(): Pile {
  const say = useSay();
  const read = useQuery({ queryKey: ["work", "account"], queryFn: changes, refetchInterval: whileHere(EVERY_MS) });
  const person = useColleagueNames((read.data?.items ?? []).map((one) => one.by));
  return pileOf("account", say("work.account"), read, (one) => ({
    key: one.change, what: say(`work.account_what.${one.what}`, { label: one.label }), since: one.at, effect: say("work.account_effect"),
    facts: [
      [say("work.account_provider"), one.label],
      [say("work.account_by"), person(one.by)],
      [say("work.account_at"), <At key="t" at={one.at} />],
      [say("account.title"), <Link key="l" to="/account">{say("sso.to_account")}</Link>],
    ],
    choices: [{ key: "seen", label: say("work.account_seen"), look: "primary", done: say("work.account_marked"), run: () => seeChange(one.change) }],
  }));
}
