import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { Empty, Screen, Trouble, Waiting } from "../ui/base";
import { useSay } from "../words";

/** What stands where a screen is not there yet, could not be made, or does not exist. */
export const Loading = () => <main className="screen"><Waiting rows={6} /></main>;

export function Failed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return <main className="screen"><Trouble error={error} again={again} /></main>;
}

export function Lost() {
  const say = useSay();
  return <Screen title={say("lost")}><Empty title={say("lost")}><Link to="/work">{say("work.title")}</Link></Empty></Screen>;
}
