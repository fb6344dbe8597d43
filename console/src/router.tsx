import type { QueryClient } from "@tanstack/react-query";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { asProblem } from "./api/problem";
import { SESSION, readSession } from "./api/session";
import { Failed, Loading, Lost } from "./shell/instead";

type Search = Record<string, string | undefined>;
/** Search parameters are words; whatever else an address holds is dropped. */
const words = <Key extends string>(...names: Key[]) => (raw: Record<string, unknown>): { [K in Key]?: string } => {
  const kept: Search = {};
  for (const name of names) {
    const value = raw[name];
    if (typeof value === "string" || typeof value === "number") kept[name] = String(value);
  }
  return kept as { [K in Key]?: string };
};

/** All addresses of the console; each screen is a file of its own that is loaded with its route. */
export function makeRouter(queries: QueryClient) {
  const root = createRootRoute({ notFoundComponent: Lost });
  const session = () => queries.fetchQuery({ queryKey: SESSION, queryFn: readSession, staleTime: Number.POSITIVE_INFINITY });

  const signIn = createRoute({
    getParentRoute: () => root, path: "/sign-in", validateSearch: words("back", "sso"),
    component: lazyRouteComponent(() => import("./screens/doors/SignIn"), "SignIn"),
  });
  // What is made of antd stands below a route that brings it; the sign-in page and the first screen of work do without, and
  // stand early.
  const dressed = lazyRouteComponent(() => import("./shell/Dress"), "Dressed");
  const doors = createRoute({ getParentRoute: () => root, id: "doors", component: dressed });
  const glass = createRoute({
    getParentRoute: () => doors, path: "/break-glass",
    component: lazyRouteComponent(() => import("./screens/doors/BreakGlass"), "BreakGlass"),
  });
  // Where a provider of identities sends the browser back to.
  const returned = createRoute({
    getParentRoute: () => doors, path: "/sso/$provider",
    component: lazyRouteComponent(() => import("./screens/doors/Returned"), "Returned"),
  });
  const welcome = createRoute({
    getParentRoute: () => doors, path: "/welcome",
    component: lazyRouteComponent(() => import("./screens/doors/Welcome"), "Welcome"),
  });
  // Whoever is not signed in is led to the sign-in page, whoever owes something first, there.
  const guarded = {
    beforeLoad: async ({ location }: { location: { href: string; pathname: string } }): Promise<void> => {
      const found = await session().catch((error: unknown) => {
        if (asProblem(error).status === 401) throw redirect({ to: "/sign-in", search: { back: location.href } });
        throw error;
      });
      if (found.must && location.pathname !== "/first") throw redirect({ to: "/first" });
    },
    pendingComponent: Loading, errorComponent: Failed,
  };
  const owing = createRoute({ getParentRoute: () => root, id: "owing", component: dressed, ...guarded });
  const first = createRoute({
    getParentRoute: () => owing, path: "/first",
    component: lazyRouteComponent(() => import("./screens/doors/Welcome"), "First"),
  });
  const known = createRoute({ getParentRoute: () => root, id: "known", component: lazyRouteComponent(() => import("./shell/Shell"), "Shell"), ...guarded });
  const work = createRoute({ getParentRoute: () => known, path: "/work", component: lazyRouteComponent(() => import("./screens/work/Work"), "Work") });
  const shell = createRoute({ getParentRoute: () => known, id: "shell", component: dressed });
  const at = { getParentRoute: () => shell };
  const start = createRoute({ getParentRoute: () => known, path: "/", beforeLoad: () => { throw redirect({ to: "/work" }); } });

  const screens = shell.addChildren([
    createRoute({ ...at, path: "/account", component: lazyRouteComponent(() => import("./screens/doors/Account"), "Account") }),
    createRoute({ ...at, path: "/approvals", validateSearch: words("case", "stage"), component: lazyRouteComponent(() => import("./screens/approvals/Mine"), "Mine") }),
    // The address in a message to a telephone.
    createRoute({ ...at, path: "/approvals/$case", component: lazyRouteComponent(() => import("./screens/approvals/Mine"), "FromMessage") }),
    createRoute({ ...at, path: "/cases", validateSearch: words("state", "kind", "owing", "sort", "case"), component: lazyRouteComponent(() => import("./screens/approvals/Cases"), "Cases") }),
    createRoute({ ...at, path: "/reports", validateSearch: words("form", "slot", "standing", "unit", "row"), component: lazyRouteComponent(() => import("./screens/duty/Reports"), "Reports") }),
    createRoute({ ...at, path: "/hand-in", validateSearch: words("slot", "unit"), component: lazyRouteComponent(() => import("./screens/duty/HandIn"), "HandIn") }),
    createRoute({ ...at, path: "/roster", validateSearch: words("unit", "from", "shift"), component: lazyRouteComponent(() => import("./screens/duty/Roster"), "Roster") }),
    createRoute({ ...at, path: "/documents", validateSearch: words("side", "state", "q", "document"), component: lazyRouteComponent(() => import("./screens/duty/Documents"), "Documents") }),
    createRoute({ ...at, path: "/policies", validateSearch: words("unit", "kind"), component: lazyRouteComponent(() => import("./screens/approvals/Policies"), "Policies") }),
    createRoute({
      ...at, path: "/gifts", validateSearch: words("project", "account", "channel", "from", "to", "standing", "sort", "gift"),
      component: lazyRouteComponent(() => import("./screens/gifts/Gifts"), "Gifts"),
    }),
    createRoute({ ...at, path: "/counter", component: lazyRouteComponent(() => import("./screens/counter/Counter"), "Counter") }),
    createRoute({ ...at, path: "/imports", validateSearch: words("job"), component: lazyRouteComponent(() => import("./screens/imports/Imports"), "Imports") }),
    createRoute({ ...at, path: "/refunds", validateSearch: words("state", "sort"), component: lazyRouteComponent(() => import("./screens/gifts/Refunds"), "Refunds") }),
    createRoute({ ...at, path: "/holds", validateSearch: words("state", "signal", "gift"), component: lazyRouteComponent(() => import("./screens/screening/Holds"), "Holds") }),
    createRoute({ ...at, path: "/events", validateSearch: words("sheet", "event"), component: lazyRouteComponent(() => import("./screens/together/Events"), "Events") }),
    createRoute({ ...at, path: "/teams", validateSearch: words("sheet", "state", "team"), component: lazyRouteComponent(() => import("./screens/together/Teams"), "Teams") }),
    createRoute({ ...at, path: "/campaigns", validateSearch: words("campaign"), component: lazyRouteComponent(() => import("./screens/raising/Campaigns"), "Campaigns") }),
    createRoute({ ...at, path: "/projects", validateSearch: words("campaign", "project"), component: lazyRouteComponent(() => import("./screens/raising/Projects"), "Projects") }),
    createRoute({ ...at, path: "/pools", validateSearch: words("pool"), component: lazyRouteComponent(() => import("./screens/pools/Pools"), "Pools") }),
    createRoute({ ...at, path: "/funds", validateSearch: words("fund"), component: lazyRouteComponent(() => import("./screens/raising/Funds"), "Funds") }),
    createRoute({ ...at, path: "/donors", validateSearch: words("from", "to", "kind", "sort", "donor"), component: lazyRouteComponent(() => import("./screens/gifts/Donors"), "Donors") }),
    createRoute({ ...at, path: "/mandates", validateSearch: words("state", "mandate"), component: lazyRouteComponent(() => import("./screens/gifts/Mandates"), "Mandates") }),
    createRoute({
      ...at, path: "/books", validateSearch: words("sheet", "unit", "from", "to", "account", "by"),
      component: lazyRouteComponent(() => import("./screens/books/Books"), "Books"),
    }),
    createRoute({ ...at, path: "/payouts", validateSearch: words("state", "sort", "payout"), component: lazyRouteComponent(() => import("./screens/books/Payouts"), "Payouts") }),
    createRoute({ ...at, path: "/calendar", component: lazyRouteComponent(() => import("./screens/system/Calendar"), "Calendar") }),
    createRoute({ ...at, path: "/stock", validateSearch: words("unit"), component: lazyRouteComponent(() => import("./screens/goods/Stock"), "Stock") }),
    createRoute({ ...at, path: "/goods-plans", validateSearch: words("unit", "plan"), component: lazyRouteComponent(() => import("./screens/goods/Plans"), "Plans") }),
    createRoute({ ...at, path: "/goods-needs", validateSearch: words("unit", "request"), component: lazyRouteComponent(() => import("./screens/goods/Needs"), "Needs") }),
    createRoute({ ...at, path: "/goods-lists", validateSearch: words("unit", "day"), component: lazyRouteComponent(() => import("./screens/goods/GoodsLists"), "GoodsLists") }),
    createRoute({ ...at, path: "/goods-straight", validateSearch: words("unit", "one"), component: lazyRouteComponent(() => import("./screens/goods/Straight"), "Straight") }),
    createRoute({ ...at, path: "/goods-catalogue", validateSearch: words("unit", "item"), component: lazyRouteComponent(() => import("./screens/goods/Catalogue"), "Catalogue") }),
    createRoute({ ...at, path: "/my-requests", validateSearch: words("unit"), component: lazyRouteComponent(() => import("./screens/goods/MyRequests"), "MyRequests") }),
    createRoute({ ...at, path: "/goods-requesters", validateSearch: words("unit"), component: lazyRouteComponent(() => import("./screens/goods/Requesters"), "Requesters") }),
    createRoute({ ...at, path: "/goods-texts", validateSearch: words("unit", "kind"), component: lazyRouteComponent(() => import("./screens/goods/Texts"), "Texts") }),
    createRoute({ ...at, path: "/dispatches", validateSearch: words("unit", "order"), component: lazyRouteComponent(() => import("./screens/goods/Dispatches"), "Dispatches") }),
    createRoute({ ...at, path: "/trucks", validateSearch: words("unit", "trip"), component: lazyRouteComponent(() => import("./screens/goods/Trucks"), "Trucks") }),
    createRoute({ ...at, path: "/boxes", validateSearch: words("unit"), component: lazyRouteComponent(() => import("./screens/goods/Boxes"), "Boxes") }),
    createRoute({ ...at, path: "/phones", validateSearch: words("unit", "sheet"), component: lazyRouteComponent(() => import("./screens/goods/Phones"), "Phones") }),
    createRoute({ ...at, path: "/calls", validateSearch: words("unit", "call"), component: lazyRouteComponent(() => import("./screens/goods/Calls"), "Calls") }),
    createRoute({ ...at, path: "/partnership", validateSearch: words("unit", "region", "agreement"), component: lazyRouteComponent(() => import("./screens/partners/Partnership"), "Partnership") }),
    createRoute({ ...at, path: "/partner-purchases", validateSearch: words("unit", "agreement", "purchase"), component: lazyRouteComponent(() => import("./screens/partners/Purchases"), "Purchases") }),
    createRoute({ ...at, path: "/partner-children", validateSearch: words("unit", "agreement", "list"), component: lazyRouteComponent(() => import("./screens/partners/Children"), "Children") }),
    createRoute({ ...at, path: "/points-shop", validateSearch: words("unit", "shop"), component: lazyRouteComponent(() => import("./screens/partners/PointsShop"), "PointsShop") }),
    createRoute({ ...at, path: "/matches", validateSearch: words("unit"), component: lazyRouteComponent(() => import("./screens/goods/Matches"), "Matches") }),
    createRoute({ ...at, path: "/messages", validateSearch: words("state"), component: lazyRouteComponent(() => import("./screens/public/Messages"), "Messages") }),
    createRoute({ ...at, path: "/notices", validateSearch: words("state", "unit", "notice"), component: lazyRouteComponent(() => import("./screens/public/Notices"), "Notices") }),
    createRoute({ ...at, path: "/platforms", validateSearch: words("platform", "sheet"), component: lazyRouteComponent(() => import("./screens/public/Platforms"), "Platforms") }),
    createRoute({ ...at, path: "/units", validateSearch: words("unit"), component: lazyRouteComponent(() => import("./screens/house/Units"), "Units") }),
    createRoute({ ...at, path: "/accounts", validateSearch: words("account"), component: lazyRouteComponent(() => import("./screens/house/Accounts"), "Accounts") }),
    createRoute({ ...at, path: "/users", validateSearch: words("user"), component: lazyRouteComponent(() => import("./screens/house/Users"), "Users") }),
    createRoute({ ...at, path: "/copies", component: lazyRouteComponent(() => import("./screens/house/Copies"), "Copies") }),
    createRoute({ ...at, path: "/erasures", component: lazyRouteComponent(() => import("./screens/house/Erasures"), "Erasures") }),
    createRoute({ ...at, path: "/powers", validateSearch: words("permission", "unit"), component: lazyRouteComponent(() => import("./screens/house/Powers"), "Powers") }),
    createRoute({ ...at, path: "/supervision", validateSearch: words("sheet", "state"), component: lazyRouteComponent(() => import("./screens/watch/Supervision"), "Supervision") }),
    createRoute({ ...at, path: "/trail", validateSearch: words("kind", "subject", "actor", "unit", "from", "to"), component: lazyRouteComponent(() => import("./screens/house/Trail"), "Trail") }),
    createRoute({ ...at, path: "/envelope", component: lazyRouteComponent(() => import("./screens/house/Envelope"), "Envelope") }),
    createRoute({ ...at, path: "/totals", component: lazyRouteComponent(() => import("./screens/books/Totals"), "Totals") }),
    createRoute({ ...at, path: "/parameters", validateSearch: words("day"), component: lazyRouteComponent(() => import("./screens/system/Parameters"), "Parameters") }),
    createRoute({ ...at, path: "/jobs", validateSearch: words("job"), component: lazyRouteComponent(() => import("./screens/system/Jobs"), "Jobs") }),
    createRoute({ ...at, path: "/single-sign-on", component: lazyRouteComponent(() => import("./screens/system/SingleSignOn"), "SingleSignOn") }),
    createRoute({ ...at, path: "/payments", component: lazyRouteComponent(() => import("./screens/system/Payments"), "Payments") }),
  ]);
  const tree = root.addChildren([signIn, doors.addChildren([glass, returned, welcome]), owing.addChildren([first]), known.addChildren([start, work, screens])]);
  return createRouter({
    routeTree: tree, basepath: "/console", defaultPreload: "intent", defaultPendingComponent: Loading,
    defaultErrorComponent: Failed, scrollRestoration: true,
    // Words stay words in the address: no JSON quotes around them.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const given = Object.entries(search as Search).filter((pair): pair is [string, string] => typeof pair[1] === "string" && pair[1] !== "");
      return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
    },
  });
}

/**
 * Asks for what the first screen needs while the words are still coming: the files of its routes and, behind the sign-in,
 * who is there. What fails here is asked for again, and told, where it is needed.
 */
export function askAhead(router: ReturnType<typeof makeRouter>, queries: QueryClient): void {
  const [routes] = router.getMatchedRoutes(router.latestLocation.pathname);
  for (const route of routes) void route.options.component?.preload?.()?.catch(() => undefined);
  if (routes.some((route) => route.id === "/known" || route.id === "/owing")) void queries.prefetchQuery({ queryKey: SESSION, queryFn: readSession, staleTime: Number.POSITIVE_INFINITY });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
