// The OpenID provider that test_provider.py signs in by: `oidc-provider`, certified by the OpenID Foundation, as its
// authors wrote it. Arguments: the folder it is installed in, and its configuration as JSON. Says its address when ready.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [folder, text] = process.argv.slice(2);
const { port, clients, people, jwks, tool, audience } = JSON.parse(text);
const { Provider } = await import(pathToFileURL(`${folder}/node_modules/oidc-provider/lib/index.js`));

const server = createServer();
await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients,
  jwks,
  claims: { openid: ["sub"], profile: ["name", "tenant", "roles", "client"], email: ["email"] },
  cookies: { keys: ["only a test"] },
  findAccount: (_, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
  extraTokenClaims: (_, token) => people[token.accountId],
  pkce: { required: () => true },
  ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 600, Session: 3600 },
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_, client) => (client.clientId === tool ? audience : undefined),
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ audience, scope: "", accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } }),
    },
  },
  // Nobody is asked for consent: the console is the organisation's own.
  loadExistingGrant: async (ctx) => {
    const { client, session } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid profile email");
    grant.addResourceScope(audience, "");
    await grant.save();
    return grant;
  },
});
server.on("request", provider.callback());
console.log(issuer);
