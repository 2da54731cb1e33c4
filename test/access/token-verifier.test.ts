import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { createTokenVerifier } from '../../src/access/token-verifier.js';

const TENANT = '01a20400-81fb-71e0-b762-c83cb12b80b7';

test('tokens are verified with the keys that the issuer publishes', async () => {
  const own = await generateKeyPair('ES256');
  const other = await generateKeyPair('ES256');
  const jwks = { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'ES256' }] };
  const issuer = createServer((_request, response) => response.end(JSON.stringify(jwks)));
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  const jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;
  const sign = (key: typeof own.privateKey, kid: string) =>
    new SignJWT({ tenant: TENANT, role: 'MARKETER' })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setExpirationTime('1h')
      .setIssuer('https://id.example')
      .sign(key);
  try {
    const verify = createTokenVerifier({ jwksUrl, issuer: 'https://id.example' });
    expect(await verify(await sign(own.privateKey, 'one'))).toMatchObject({
      tenantId: TENANT,
      role: 'MARKETER',
      name: 'token',
    });
    expect(await verify(await sign(other.privateKey, 'one'))).toBeNull();
    expect(await verify(await sign(own.privateKey, 'two'))).toBeNull();
    const elsewhere = createTokenVerifier({ jwksUrl, issuer: 'https://other.example' });
    expect(await elsewhere(await sign(own.privateKey, 'one'))).toBeNull();
    // A symmetric signature made with the public key as its secret.
    const forged = await new SignJWT({ tenant: TENANT, role: 'ADMIN' })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(JSON.stringify(jwks.keys[0])));
    expect(await verify(forged)).toBeNull();
  } finally {
    issuer.closeAllConnections();
    await new Promise((resolve) => issuer.close(resolve));
  }
});

test('keys that cannot be fetched are no fault of the token', async () => {
  const verify = createTokenVerifier({ jwksUrl: 'http://127.0.0.1:1/keys' });
  const { privateKey } = await generateKeyPair('ES256');
  const token = await new SignJWT({ tenant: TENANT, role: 'ADMIN' })
    .setProtectedHeader({ alg: 'ES256' })
    .setExpirationTime('1h')
    .sign(privateKey);
  await expect(verify(token)).rejects.toThrow();
});
