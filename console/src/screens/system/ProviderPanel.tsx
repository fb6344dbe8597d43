import { useQueryClient } from "@tanstack/react-query";
import { type NewProvider, type Provider, type ProviderWay, type Trust, putProvider } from "../../api/sso";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

type Kind = ProviderWay["kind"];
/** What the form holds; the names are the server's, so that a refusal finds its field. */
type Entered = {
  provider: string;
  label: string;
  way: { kind: Kind; issuer?: string; client_id?: string; scopes?: string; levels?: string; corp_id?: string; agent_id?: string; api_url?: string; login_url?: string };
  secret?: string;
  trust: Trust;
  is_on: boolean;
};

const CODE = /^[a-z0-9][a-z0-9-]{1,19}$/;
const KINDS: Kind[] = ["oidc", "wecom"];
const TRUSTS: Trust[] = ["never", "stated"];
const SECRET_CHARS = 500;
const LABEL_CHARS = 40;
/** Asked of a new OpenID Connect provider: without it no name comes along. */
const USUAL_SCOPES = "profile";

const listed = (text: string | undefined): string[] => (text ?? "").split(/\s+/).filter(Boolean);
const orNull = (text: string | undefined): string | null => text?.trim() || null;

function asked({ way, label, secret, trust, is_on }: Entered): NewProvider {
  const place: ProviderWay = way.kind === "oidc"
    ? { kind: "oidc", issuer: (way.issuer ?? "").trim(), client_id: (way.client_id ?? "").trim(), scopes: listed(way.scopes), levels: listed(way.levels) }
    : { kind: "wecom", corp_id: (way.corp_id ?? "").trim(), agent_id: (way.agent_id ?? "").trim(), api_url: orNull(way.api_url), login_url: orNull(way.login_url) };
  return { label: label.trim(), way: place, trust, is_on: Boolean(is_on), ...(secret?.trim() ? { secret: secret.trim() } : {}) };
}

function shown(of: Provider): Partial<Entered> {
  const { way } = of;
  const place: Entered["way"] = way.kind === "oidc"
    ? { kind: "oidc", issuer: way.issuer, client_id: way.client_id, scopes: way.scopes.join(" "), levels: way.levels.join(" ") }
    : { kind: "wecom", corp_id: way.corp_id, agent_id: way.agent_id, ...(way.api_url ? { api_url: way.api_url } : {}), ...(way.login_url ? { login_url: way.login_url } : {}) };
  return { provider: of.provider, label: of.label, way: place, trust: of.trust, is_on: of.is_on };
}

/** Setting a provider up, or changing it; its secret goes in and is never shown again. */
export function ProviderPanel({ of, close }: { of: Provider | null; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const fields = ({ way }: Partial<Entered>): Field[] => {
    const code: Field[] = of ? [] : [{ name: "provider", label: say("sso.code"), hint: say("sso.code_extra"), chars: 20, wrong: (text) => (CODE.test(text) ? null : say("sso.code_wrong")) }];
    const kind: Field = { name: ["way", "kind"], kind: "choice", label: say("sso.kind"), options: KINDS.map((value) => ({ value, label: say(`sso.kind.${value}`) })) };
    const place: Field[] = way?.kind === "wecom"
      ? [
          { name: ["way", "corp_id"], label: say("sso.corp_id") }, { name: ["way", "agent_id"], label: say("sso.agent_id"), chars: 20 },
          { name: ["way", "api_url"], label: say("sso.api_url"), optional: true, hint: say("sso.url_hint"), chars: 300 },
          { name: ["way", "login_url"], label: say("sso.login_url"), optional: true, hint: say("sso.url_hint"), chars: 300 },
        ]
      : [
          { name: ["way", "issuer"], label: say("sso.issuer"), hint: say("sso.issuer_hint"), chars: 300 }, { name: ["way", "client_id"], label: say("sso.client_id") },
          { name: ["way", "scopes"], label: say("sso.scopes"), optional: true, hint: say("sso.words_hint") },
          { name: ["way", "levels"], label: say("sso.levels"), optional: true, hint: say("sso.words_hint") },
        ];
    return [
      ...code,
      { name: "label", label: say("sso.label"), chars: LABEL_CHARS },
      kind, ...place,
      { name: "secret", label: say("sso.secret"), optional: Boolean(of), hint: say(of ? "sso.secret_kept" : "sso.secret_hint"), chars: SECRET_CHARS },
      { name: "trust", kind: "choice", label: say("sso.trust"), options: TRUSTS.map((value) => ({ value, label: say(`sso.trust.${value}`) })) },
      { name: "is_on", kind: "check", label: say("sso.is_on"), hint: say("sso.return_later") },
    ];
  };
  const submit = async (entered: Entered) => {
    await putProvider(of?.provider ?? entered.provider.trim(), asked(entered));
    await queries.invalidateQueries({ queryKey: ["identity-providers"] });
    await queries.invalidateQueries({ queryKey: ["sso-ways"] });
  };
  const initial: Partial<Entered> = of ? shown(of) : { way: { kind: "oidc", scopes: USUAL_SCOPES }, trust: "never", is_on: true };
  return (
    <Panel title={of ? `${say("sso.edit")}: ${of.label}` : say("sso.new")} close={close}>
      <QuickForm<Entered> fields={fields} initial={initial} effect={say("sso.effect")} button={say("sso.save")} done={say("sso.saved")} submit={submit} after={close} cancel={close} />
    </Panel>
  );
}
