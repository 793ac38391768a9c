// Both stores, on a PostgreSQL started for it: node bench/store.mjs [cases]. Build store_bench first.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { postgresOrReason } from '../tests/support/postgres.mjs';
import { repository, temporaryFolder } from '../tests/support/server.mjs';

const { postgres, reason } = await postgresOrReason();
if (!postgres) console.error(`${reason}: only the embedded store is measured`);
const folder = temporaryFolder('osler-store-bench');
const program = path.join(repository, 'build/release/bench/store_bench');
const { status } = spawnSync(program, [folder, postgres?.createDatabase().url ?? '', process.argv[2] ?? '100000'], { stdio: 'inherit' });
fs.rmSync(folder, { recursive: true, force: true });
await postgres?.stop();
process.exitCode = status ?? 1;
