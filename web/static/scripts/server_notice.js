// What the server says of itself, where the page must say it too.
import { about } from './api.js';
import { byId } from './dom.js';

/** Shows the trial notice and the field for the key where they belong; resolves to what the server said. */
export async function showServer() {
  const server = await about();
  byId('trial-notice').hidden = server.trial !== true;
  byId('access-field').hidden = (server.authentication ?? 'none') === 'none';
  return server;
}
