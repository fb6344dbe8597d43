// A real OpenID Connect server on this machine (npm `oidc-provider`) with made-up people, for signing in through it.
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { freePort } from "./house.mjs";

export const CLIENT = { id: "shanqiao-console", secret: "made-up-secret-of-the-tests-0000" };

/**
 * The page where somebody says who she is: one link a person, and one to go away.
 * @param {Record<string, string>} people @param {string} path
 */
const asking = (people, path) => `<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>统一身份</title><h1>统一身份</h1>
${Object.entries(people).map(([subject, name]) => `<p><a data-as="${subject}" href="${path}?as=${subject}">${name}</a></p>`).join("\n")}
<p><a data-cancel href="${path}?cancel=1">取消</a></p></html>`;

/**
 * Starts it. Its name is localhost, so that to a browser it is another site than the house at 127.0.0.1.
 * @param {{redirects: string[], people: Record<string, string>, amr?: string[]}} wanted subjects and their names
 */
export async function startIdentities({ redirects, people, amr = ["pwd"] }) {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: redirects, response_types: ["code"], grant_types: ["authorization_code"] }],
    claims: { openid: ["sub"], profile: ["name"] },
    cookies: { keys: ["made-up-key-of-the-tests"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (/** @type {unknown} */ _, /** @type {{uid: string}} */ { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    findAccount: (/** @type {unknown} */ _, /** @type {string} */ id) => ({ accountId: id, claims: () => ({ sub: id, name: people[id] }) }),
  });
  /** @type {import("node:http").RequestListener} */
  const interact = async (request, response) => {
    const url = new URL(request.url ?? "/", issuer);
    const { params } = await provider.interactionDetails(request, response);
    const subject = url.searchParams.get("as");
    if (subject !== null && subject in people) {
      const grant = new provider.Grant({ accountId: subject, clientId: params.client_id });
      grant.addOIDCScope(String(params.scope));
      const result = { login: { accountId: subject, amr, remember: false }, consent: { grantId: await grant.save() } };
      return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    }
    if (url.searchParams.has("cancel")) {
      return provider.interactionFinished(request, response, { error: "access_denied", error_description: "cancelled by the person" }, { mergeWithLastSubmission: false });
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(asking(people, url.pathname));
  };
  const handle = provider.callback();
  /** @type {string[]} */
  const faults = [];
  const server = createServer((request, response) => {
    if (!request.url?.startsWith("/interaction/")) return handle(request, response);
    Promise.resolve(interact(request, response)).catch((error) => {
      faults.push(String(error));
      response.statusCode = 500;
      response.end();
    });
  });
  server.listen(port, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const stop = () => new Promise((closed) => {
    server.closeAllConnections();
    server.close(closed);
  });
  return { issuer, faults, stop };
}
