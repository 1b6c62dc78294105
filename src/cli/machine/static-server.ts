import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';

/** A server that listens on this machine only. */
export interface LocalServer {
  /** `http://127.0.0.1:PORT`, without a slash at its end. Browsers take it for a secure context. */
  readonly url: string;
  /** Ends the server and every connection to it. */
  close(): Promise<void>;
}

/** Takes the requests of one path, whatever their method. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Serves the files of a folder, and nothing outside it, on 127.0.0.1 at a free port.
 *
 * @param folder A path ending in `/` means the `index.html` there.
 * @param handlers Paths (as in `/result`) that are answered by a function instead of a file.
 */
export async function serveFolder(
  folder: string,
  handlers: Readonly<Record<string, RequestHandler>> = {},
): Promise<LocalServer> {
  const root = await realpath(folder);
  return serve((request, response) => {
    const path = pathOf(request);
    const handler = path !== undefined && Object.hasOwn(handlers, path) ? handlers[path] : undefined;
    if (handler !== undefined) handler(request, response);
    else void sendFile(root, path, request, response);
  });
}

/** A server on 127.0.0.1 at a free port whose requests all go to one function. */
export function serve(listener: RequestListener): Promise<LocalServer> {
  const server = createServer(listener);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

const mimeTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** The decoded path of a request; `undefined` if it is not a proper one. */
function pathOf(request: IncomingMessage): string | undefined {
  try {
    return decodeURIComponent((request.url ?? '/').replace(/[?#].*$/s, ''));
  } catch {
    return undefined;
  }
}

async function sendFile(
  root: string,
  path: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('Cache-Control', 'no-store');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  const file = path === undefined ? undefined : await fileInside(root, path);
  if (file === undefined) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('not found\n');
    return;
  }
  const type = mimeTypes[extname(file.path).toLowerCase()] ?? 'application/octet-stream';
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': file.size });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(file.path)
      .on('error', () => response.destroy())
      .pipe(response);
}

/** The file that a path names, if it lies inside the folder also after its links are followed. */
async function fileInside(root: string, path: string): Promise<{ path: string; size: number } | undefined> {
  try {
    const real = await realpath(join(root, path.endsWith('/') ? `${path}index.html` : path));
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    const { size } = await stat(real).then((found) => (found.isFile() ? found : Promise.reject(new Error(real))));
    return { path: real, size };
  } catch {
    return undefined;
  }
}
