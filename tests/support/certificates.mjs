// Certificates and API keys for tests that do without trial mode.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Makes in `folder` a certificate for localhost that is its own authority, and a file of API keys {name: {role, key}}.
 * Returns {ca (PEM), certificate, privateKey, both (paths), settings}: what a server beyond trial mode is started with.
 */
export function makeCredentials(folder, keys) {
  const at = (name) => path.join(folder, name);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('key.pem'), '-out', at('cert.pem'), '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
  fs.chmodSync(at('key.pem'), 0o600);
  fs.writeFileSync(at('both.pem'), fs.readFileSync(at('cert.pem'), 'utf8') + fs.readFileSync(at('key.pem'), 'utf8'), { mode: 0o600 });
  const digest = (text) => createHash('sha256').update(text).digest('hex');
  fs.writeFileSync(at('api_keys'), Object.entries(keys).map(([name, { role, key }]) => `${name}:${role}:${digest(key)}\n`).join(''));
  return {
    ca: fs.readFileSync(at('cert.pem')), certificate: at('cert.pem'), privateKey: at('key.pem'), both: at('both.pem'),
    settings: { OSLER_TRIAL: '0', ENCRYPTION_KEY: 'c3'.repeat(32), TLS_CERTIFICATE: at('cert.pem'), TLS_PRIVATE_KEY: at('key.pem'), API_KEYS_FILE: at('api_keys') },
  };
}
