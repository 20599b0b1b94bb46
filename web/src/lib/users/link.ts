/* link.ts - the address by which somebody chooses a password: its code is after the #, which no server and no log sees. */

export const linkOf = (code: string) => `${location.origin}/welcome#${code}`;
