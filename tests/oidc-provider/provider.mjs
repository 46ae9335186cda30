// Identity providers for the tests: three of OpenID Connect's certified implementation, on one
// loopback port, below /google, /main and /other.
//
//     node provider.mjs PORT
//
// Nobody types a password: who signs in stands in `login_hint`, as JSON in base64url, with the
// claims that the provider shall know of them. `"deny": true` is somebody who says no.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
// Where the servers under test say that they are.
const home = 'http://crm.localhost';

const providers = {
  // As Google: who they are stands in the ID token.
  google: {
    settings: { conformIdTokenClaims: false },
    clients: [
      client('google-web', { token_endpoint_auth_method: 'none' }, `${home}/`),
      client('google-app', { token_endpoint_auth_method: 'none' }, `${home}/`),
      client('somebody-else', { token_endpoint_auth_method: 'none' }, `${home}/`),
    ],
  },
  // As the standard has it: with a code, one must ask for it.
  main: {
    settings: {},
    clients: [
      client('crm', { client_secret: 'main secret+/%' }, `${home}/api/auth/oidc/main/callback/`),
    ],
  },
  // Without a secret, and with the claims in the ID token.
  other: {
    settings: { conformIdTokenClaims: false },
    clients: [
      client('crm', { token_endpoint_auth_method: 'none' }, `${home}/api/auth/oidc/other/callback/`),
    ],
  },
};

function client(client_id, more, redirect_uri) {
  return { client_id, redirect_uris: [redirect_uri], grant_types: ['authorization_code'], ...more };
}

function described(hint) {
  return JSON.parse(Buffer.from(hint, 'base64url'));
}

function make(name, { settings, clients }) {
  const issuer = `http://127.0.0.1:${port}/${name}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
  const provider = new Provider(issuer, {
    ...settings,
    clients,
    jwks: { keys: [key] },
    cookies: { keys: [randomUUID()] },
    claims: {
      openid: ['sub', 'hd'],
      email: ['email', 'email_verified'],
      profile: ['name', 'given_name', 'family_name'],
      groups: ['groups'],
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `${issuer}/interaction/${uid}` },
    // An account is what was said of it: tests at the same time have each their own.
    findAccount: (_, hint) => ({ accountId: hint, claims: () => described(hint) }),
    // Everybody agrees to everything.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope('openid email profile groups');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  return async (request, response) => {
    request.originalUrl = request.url;
    request.url = request.url.slice(name.length + 1);
    if (!request.url.startsWith('/interaction/')) {
      return answer(request, response);
    }
    const { params } = await provider.interactionDetails(request, response);
    const { deny } = described(params.login_hint);
    const result = deny ? { error: 'access_denied' } : { login: { accountId: params.login_hint } };
    return provider.interactionFinished(request, response, result);
  };
}

const answers = new Map(Object.entries(providers).map(([name, one]) => [name, make(name, one)]));

createServer(async (request, response) => {
  const answer = answers.get(request.url.split('/')[1]);
  try {
    if (!answer) throw new Error(`no provider at ${request.url}`);
    await answer(request, response);
  } catch (error) {
    console.error(error);
    if (!response.headersSent) response.writeHead(500);
    response.end(String(error));
  }
}).listen(port, '127.0.0.1', () => console.log('ready'));
