import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Suspense, lazy, memo, useCallback, useDeferredValue, useEffect, useState } from "react";
import { signOut, useGlass, useMay, useSession } from "../api/session";
import { forgetDrafts } from "../lib/stored";
import { moment } from "../lib/time";
import { useDecisionCount, useLiveLine } from "../screens/approvals/live";
import { useWorkCount } from "../screens/work/count";
import { LanguageSwitch } from "../screens/doors/Door";
import { PlainButton } from "../ui/base";
import { useKeys } from "../ui/keys";
import { useUnits } from "../ui/units";
import { useSay } from "../words";
import { GROUPS } from "./places";

const Help = lazy(() => import("./Help").then((all) => ({ default: all.Help })));
const SEARCH = "[data-search] input, input[data-search]";

/** The frame of every screen: the rail on the left, on a phone behind one button. */
export function Shell() {
  const say = useSay();
  const [open, setOpen] = useState(false);
  const [help, setHelp] = useState<"never" | "open" | "closed">("never");
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => setOpen(false), [path]);
  const showHelp = useCallback(() => setHelp("open"), []);
  useLiveLine();
  const decisions = useDecisionCount();
  const house = say("house");
  useEffect(() => void (document.title = decisions > 0 ? `(${decisions}) ${house}` : house), [decisions, house]);
  useKeys({
    "?": () => setHelp("open"),
    "/": () => document.querySelector<HTMLInputElement>(SEARCH)?.focus(),
  });
  return (
    <div className="shell">
      <a className="skip" href="#content">{say("skip")}</a>
      <div className="topbar">
        <House />
        {decisions > 0 && <Link to="/approvals" className="calls" aria-label={say("approvals.waiting_count", { count: decisions })}>{say("approvals.short")} {decisions}</Link>}
        <PlainButton className="text" aria-expanded={open} aria-label={say("menu")} onClick={() => setOpen(!open)}>
          <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden><path d={open ? "M3 3l10 10M13 3L3 13" : "M2 4h12M2 8h12M2 12h12"} /></svg>
        </PlainButton>
      </div>
      <Glass />
      <Rail open={open} help={showHelp} />
      <Outlet />
      {help !== "never" && <Suspense><Help open={help === "open"} close={() => setHelp("closed")} /></Suspense>}
    </div>
  );
}

/** On every screen while somebody works with the code of the sealed envelope. */
function Glass() {
  const say = useSay();
  const broken = useGlass();
  return broken && <div className="glass" role="alert">{say("glass.now", { since: moment(broken.since), until: moment(broken.until) })}</div>;
}

function House() {
  const say = useSay();
  const units = useUnits();
  const session = useSession();
  const home = session.user.roles[0];
  const name = (home && units.find(home.unit)?.name) ?? units.root?.name ?? say("house");
  return <Link to="/work" className="house"><img src="/console/mark.svg" alt="" /><span>{name}</span></Link>;
}

/** What waits, asked for after the frame stands, and counted where nothing else is drawn anew with it. */
function WorkCount() {
  const stands = useDeferredValue(true, false);
  return stands && <CountOf use={useWorkCount} />;
}
function CountOf({ use }: { use: () => number }) {
  const count = use();
  return count > 0 && <span className="count">{count}</span>;
}

const Rail = memo(function Rail({ open, help }: { open: boolean; help: () => void }) {
  const say = useSay();
  const may = useMay();
  const { user } = useSession();
  const groups = GROUPS.map((group) => ({ ...group, places: group.places.filter((place) => (!place.may || place.may.some(may)) && (!place.besides || may(place.besides)) && !(place.unless && may(place.unless))) }));
  return (
    <aside className={open ? "rail open" : "rail"}>
      <House />
      <nav aria-label={say("menu")}>
        {groups.filter((group) => group.places.length > 0).map((group) => (
          <section key={group.word}>
            {group.word !== "group.work" && <h2>{say(group.word)}</h2>}
            {group.places.map((place) => (
              <Link key={place.to} to={place.to} activeProps={{ className: "here" }}>
                {say(place.word)}
                {place.to === "/work" && <WorkCount />}
                {place.to === "/approvals" && <CountOf use={useDecisionCount} />}
              </Link>
            ))}
          </section>
        ))}
      </nav>
      <footer>
        <div className="who"><b>{user.name}</b><Link to="/account">{say("account.title")}</Link></div>
        <div style={{ display: "flex" }}>
          <LanguageSwitch />
          <PlainButton className="text small" onClick={help}>{say("help.title")}</PlainButton>
          <Leave />
        </div>
      </footer>
    </aside>
  );
});

function Leave() {
  const say = useSay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    // Also when the server cannot be reached: whoever leaves the desk leaves it.
    await signOut().catch(() => undefined);
    forgetDrafts();
    await navigate({ to: "/sign-in" });
    queries.clear();
  };
  return <PlainButton className="text small" onClick={() => void leave()}>{say("signout")}</PlainButton>;
}
