import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { SESSION, accept, changePassword, readSession, useSession } from "../../api/session";
import { Empty } from "../../ui/basics";
import { useSay } from "../../words";
import { Door } from "./Door";
import { SecondFactor } from "./Factor";
import { PasswordForm } from "./Password";

function Steps({ at }: { at: number }) {
  return <div className="steps" aria-hidden>{[1, 2, 3].map((step) => <i key={step} className={step <= at ? "done" : ""} />)}</div>;
}

/** An invitation becomes an account: password, second factor, recovery codes. */
export function Welcome() {
  const say = useSay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  // Behind `#`, so that no server on the way ever saw it.
  const [secret] = useState(() => location.hash.slice(1));
  if (!secret) {
    return (
      <Door>
        <Empty title={say("welcome.no_secret")}>{say("welcome.no_secret_hint")}</Empty>
      </Door>
    );
  }
  const take = async (password: string) => {
    const session = await accept(secret, password);
    history.replaceState(null, "", location.pathname);
    queries.setQueryData(SESSION, session);
    await navigate({ to: session.must ? "/first" : "/work" });
  };
  return (
    <Door wide>
      <Steps at={1} />
      <h1>{say("welcome.title")}</h1>
      <p className="mute" style={{ marginBottom: 18 }}>{say("welcome.lead")}</p>
      <PasswordForm asksOld={false} button={say("welcome.on")} submit={take} />
    </Door>
  );
}

/** What an account must do before its first screen. */
export function First() {
  const say = useSay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { must } = useSession();
  const on = async () => {
    const session = await readSession();
    queries.setQueryData(SESSION, session);
    if (!session.must) await navigate({ to: "/work" });
  };
  return (
    <Door wide>
      <Steps at={2} />
      {must === "change_password" ? (
        <>
          <h1>{say("password.must")}</h1>
          <p className="mute" style={{ marginBottom: 18 }}>{say("password.must_lead")}</p>
          <PasswordForm asksOld button={say("password.change")} submit={async (fresh, old) => { await changePassword(old, fresh); await on(); }} />
        </>
      ) : (
        <SecondFactor done={() => void on()} />
      )}
    </Door>
  );
}
