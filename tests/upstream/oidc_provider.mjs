// An OpenID provider that is not ours: `oidc-provider` (npm) with its own sign-in pages, where any name is good.
// Standard input: one line of JSON, {"clients": […], "claims": {name: {…}}, "configuration": {…}}; then it stays until the end.
// Standard output: `listening PORT`, once it answers at http://localhost:PORT.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const lines = createInterface({ input: process.stdin });
const given = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://localhost:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: given.clients,
  claims: {
    openid: ['sub'],
    profile: ['preferred_username', 'given_name', 'family_name', 'locale', 'groups', 'fhirUser'],
    email: ['email', 'email_verified'],
  },
  cookies: { keys: ['only for tests'] },
  features: { backchannelLogout: { enabled: true }, introspection: { enabled: true } },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, ...given.claims[id] }),
  }),
  // As it is, it asks nobody on this machine; here, everybody is.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  pkce: { required: () => true },
  ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  ...given.configuration,
});
server.on('request', provider.callback());
console.log(`listening ${server.address().port}`);

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
lines.on('close', () => process.exit(0));
