// Looks at a store and an audit log from outside, with tools that are not Osler's.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { runOsler } from './server.mjs';

const databaseOf = (dataDir) => path.join(dataDir, 'osler.sqlite');

/** Runs SQL with the sqlite3 command; the server may be running. */
export function query(dataDir, sql, { write = false } = {}) {
  const how = write ? ['-cmd', '.timeout 5000'] : ['-readonly'];
  return execFileSync('sqlite3', [...how, databaseOf(dataDir), sql], { encoding: 'utf8', maxBuffer: 1 << 28 }).trim();
}

/** Request ids of all records, as a set. */
export function recordedIds(dataDir) {
  return new Set(query(dataDir, 'SELECT request_id FROM records').split('\n').filter(Boolean));
}

/** All files of a folder and below: [{path, bytes}]. */
export function filesBelow(folder) {
  const found = [];
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(full));
    else if (entry.isFile()) found.push({ path: full, bytes: fs.readFileSync(full) });
  }
  return found;
}

/** Request ids named in the audit files, as a set. */
export function auditedIds(dataDir) {
  const ids = new Set();
  for (const { bytes } of filesBelow(path.join(dataDir, 'audit')))
    for (const [, id] of bytes.toString('latin1').matchAll(/"request_id":"([0-9a-f-]{36})"/g)) ids.add(id);
  return ids;
}

/** `osler audit verify --json` on this data: {code, stdout, stderr}. The server must not be running. */
export function verifyAudit(dataDir, env = {}) {
  return runOsler(['audit', 'verify', '--json'], { dataDir, env });
}

/** `PRAGMA integrity_check` says "ok" for a sound database. */
export const integrityOf = (dataDir) => query(dataDir, 'PRAGMA integrity_check');
