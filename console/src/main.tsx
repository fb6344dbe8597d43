import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { whenSessionEnds } from "./api/client";
import { asProblem, worthAnotherTry } from "./api/problem";
import { SESSION } from "./api/session";
import { watchPerson } from "./lib/awake";
import { askAhead, makeRouter } from "./router";
import { Brand } from "./shell/brand";
import "./styles.css";
import { prepare } from "./words";

const TRIES_MAX = 2;
const queries = new QueryClient({
  defaultOptions: { queries: { retry: (tries, error) => tries < TRIES_MAX && worthAnotherTry(asProblem(error)), staleTime: 5_000 } },
});
const router = makeRouter(queries);

let isLeaving = false;
whenSessionEnds(() => {
  // Several answers may say it at once; the screen stays until the sign-in page is there.
  if (isLeaving || !queries.getQueryData(SESSION)) return;
  isLeaving = true;
  void router.navigate({ to: "/sign-in", search: { back: router.state.location.href } }).finally(() => {
    queries.clear();
    isLeaving = false;
  });
});

watchPerson(() => void queries.invalidateQueries());
askAhead(router, queries);
await prepare();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Brand />
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
