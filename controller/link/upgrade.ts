import { LINK_PROTOCOL } from '../../shared/frame.ts';

export const AGENT_PATH = '/agent';

export type Knock = Readonly<{ url: string; origin: string | undefined; protocol: string | undefined }>;
export type Refusal = Readonly<{ status: number; reason: string; retryAfterS: number | null }>;

/** Judges an HTTP upgrade before any WebSocket exists. Null: it may go on to admission. */
export function refuseUpgrade({ url, origin, protocol }: Knock): Refusal | null {
  const [path] = url.split('?');
  if (path !== AGENT_PATH) return { status: 404, reason: `agents connect to ${AGENT_PATH}`, retryAfterS: null };
  // Agents are no browsers. A page that a person has open must not reach this listener through that person's machine.
  if (origin !== undefined) return { status: 403, reason: 'no browser may connect here', retryAfterS: null };
  if (protocol?.trim() !== LINK_PROTOCOL) {
    return { status: 426, reason: `the subprotocol must be exactly ${LINK_PROTOCOL}`, retryAfterS: null };
  }
  return null;
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  426: 'Upgrade Required',
  503: 'Service Unavailable',
};

/** The refusal as the bytes of an HTTP answer. */
export function printRefusal({ status, reason, retryAfterS }: Refusal): string {
  const body = `${reason}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? 'Refused'}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    ...(status === 426 ? ['Upgrade: websocket', `Sec-WebSocket-Protocol: ${LINK_PROTOCOL}`] : []),
    ...(retryAfterS === null ? [] : [`Retry-After: ${retryAfterS}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
