import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";

type Provider = "wechat" | "alipay";
type Mode = "public_key" | "certificate";
/** What the form holds; the names of keys are the server's, so that a refusal finds its field. */
type Entered = {
  unit: string;
  provider: Provider;
  merchant: string;
  app: string;
  serial: string;
  private_key: string;
  api_key: string;
  app_secret?: string;
  platform_key?: { id?: string; key?: string };
  seller_id: string;
  mode: Mode;
  trust: { alipay_public_keys?: string; app_cert?: string; alipay_certs?: string; alipay_root_cert?: string };
};

const PEM_CHARS = 60_000;
const API_KEY_CHARS = 32;

/** The keys or certificates of a text that holds several, one after the other with an empty line between. */
function several(text: string): string[] {
  return text.split(/\n\s*\n/).map((one) => one.trim()).filter(Boolean);
}

async function send(entered: Entered): Promise<Shape["GatewayOut"]> {
  const params = { path: { unit: entered.unit } };
  if (entered.provider === "wechat") {
    const { merchant, app, serial, private_key, api_key, app_secret = "", platform_key } = entered;
    const key = platform_key?.id && platform_key.key ? { platform_key: { id: platform_key.id, key: platform_key.key } } : {};
    return take(api.PUT("/api/v1/payments/gateways/{unit}/wechat", { params, body: { merchant, app, serial, private_key, api_key, app_secret, ...key } }));
  }
  const { trust } = entered;
  const believed: Shape["AlipayTrust"] = entered.mode === "public_key"
    ? { mode: "public_key", alipay_public_keys: several(trust.alipay_public_keys ?? "") }
    : { mode: "certificate", app_cert: trust.app_cert ?? "", alipay_certs: [trust.alipay_certs ?? ""].filter(Boolean), alipay_root_cert: trust.alipay_root_cert ?? "" };
  return take(api.PUT("/api/v1/payments/gateways/{unit}/alipay", { params, body: { app: entered.app, seller: entered.seller_id, private_key: entered.private_key, trust: believed } }));
}

/** Connecting a unit with a payment provider, or changing its keys: they go in and are never shown again. */
export function Connect({ close }: { close: () => void }) {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const queries = useQueryClient();
  const [first] = useState(() => units.all.find((unit) => unit.books === "own")?.id ?? units.all[0]?.id ?? "");
  const exactly = (text: string) => (text.length === API_KEY_CHARS ? null : say("connect.api_key_wrong"));
  const pem = (field: string, label: string, optional = false): Field => ({ name: field.split("."), kind: "area", label, optional, chars: PEM_CHARS });
  const fields = (entered: Partial<Entered>): Field[] => {
    const head: Field[] = [
      { name: "unit", kind: "choice", label: say("unit"), options: units.all.map((unit) => ({ value: unit.id, label: unit.name })) },
      { name: "provider", kind: "choice", label: say("payments.provider"), options: (["wechat", "alipay"] as const).map((value) => ({ value, label: name("channel", value) })) },
    ];
    if (entered.provider === "alipay") {
      const trusted: Field[] = entered.mode === "certificate"
        ? [pem("trust.app_cert", say("connect.app_cert")), pem("trust.alipay_certs", say("connect.alipay_cert")), pem("trust.alipay_root_cert", say("connect.root_cert"))]
        : [{ ...pem("trust.alipay_public_keys", say("connect.alipay_key")), hint: say("connect.alipay_key_hint") }];
      return [
        ...head,
        { name: "app", label: say("connect.alipay_app") }, { name: "seller_id", label: say("connect.seller") },
        pem("private_key", say("connect.app_key")),
        { name: "mode", kind: "choice", label: say("connect.mode"), options: (["public_key", "certificate"] as const).map((value) => ({ value, label: say(`connect.mode.${value}`) })) },
        ...trusted,
      ];
    }
    return [
      ...head,
      { name: "merchant", label: say("connect.merchant") }, { name: "app", label: say("connect.wechat_app") }, { name: "serial", label: say("connect.serial") },
      { ...pem("private_key", say("connect.merchant_key")), hint: say("connect.merchant_key_hint") },
      { name: "api_key", label: say("connect.api_key"), wrong: exactly },
      { name: "app_secret", label: say("connect.app_secret"), optional: true, hint: say("connect.app_secret_hint") },
      { name: ["platform_key", "id"], label: say("connect.platform_key_id"), optional: true, group: say("connect.platform_key"), hint: say("connect.platform_key_hint") },
      pem("platform_key.key", say("connect.platform_key_pem"), true),
    ];
  };
  const submit = async (entered: Entered) => {
    await send(entered);
    await queries.invalidateQueries();
  };
  return (
    <Panel title={say("connect.title")} close={close}>
      <QuickForm<Entered> fields={fields} initial={{ unit: first, provider: "wechat", mode: "public_key" }} effect={say("connect.effect")} button={say("connect.send")} done={say("connect.done")} submit={submit} after={close} cancel={close} />
    </Panel>
  );
}
