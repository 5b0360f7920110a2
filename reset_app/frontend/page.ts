/** What every module needs of its page. */

/** The element of this id; a page without it is a fault of ours, and says so at once. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`no ${kind.name} #${id}`);
  return found;
}

/** An RFC 9457 problem document of ours. */
export interface Problem {
  code: string;
  title: string;
  remedy?: string;
  wait_s?: number;
  next_allowed_at?: string;
}

/** A refusal by the server, fit to be shown. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }

  get words(): string {
    const { title, remedy, code } = this.problem;
    return [title, remedy ?? "", `(${code})`].join(" ").trim();
  }
}

/** Sends and reads JSON; a refusal of the server is thrown as a `Refusal`. */
export async function ask<T>(address: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(address, {
    ...init,
    headers: { Accept: "application/json" },
    cache: "no-store",
    credentials: "same-origin",
    redirect: "error",
  });
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Refusal(body as Problem);
  return body as T;
}
