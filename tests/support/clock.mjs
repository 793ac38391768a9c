// Another clock for a process: libfaketime, preloaded.
import { spawnSync } from 'node:child_process';

/** The library to preload; undefined where it is not installed. */
export function clockLibrary() {
  const { stdout, status } = spawnSync('dpkg', ['-L', 'libfaketime'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n').find((name) => name.endsWith('/libfaketime.so.1')) : undefined;
}
