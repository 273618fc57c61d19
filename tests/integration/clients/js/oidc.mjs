// SPDX-License-Identifier: Apache-2.0
// An OpenID provider with its login and consent forms: node oidc.mjs HOME PORT REDIRECT_URI. Any user, any password.
import http from 'http';
import { pathToFileURL } from 'url';

const [home, port, redirect] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${home}/node_modules/oidc-provider/lib/index.js`));
const audience = 'https://sleipnir.example';
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: 'trino', client_secret: 'secret-of-trino', redirect_uris: [redirect], response_types: ['code'] }],
  scopes: ['openid'], conformIdTokenClaims: false, pkce: { required: () => false },
  cookies: { keys: ['k'] },
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true, defaultResource: () => audience, useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'openid', audience, accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt: { sign: { alg: 'RS256' } } }),
    },
  },
  formats: { customizers: { jwt: (context, token, parts) => { parts.header = { ...parts.header, typ: 'JWT' }; } } }, // Trino 476 refuses at+jwt
  findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});
http.createServer(provider.callback()).listen(+port, '127.0.0.1', () => console.log('ready'));
