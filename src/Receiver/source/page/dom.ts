import type { Refusal } from "../refusal.ts";

/** An element of page.html, which has it by this id. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`page.html has no ${id}`);
  return found as T;
}

/** Writes only what changed: a screen reader says again what is written again. */
export function write(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** What happened, what to do, and the rule's ID, each in its paragraph. */
export function showRefusal(box: HTMLElement, { rule, message, remedy }: Refusal): void {
  for (const [part, text] of [["what", message], ["remedy", remedy], ["rule", rule]])
    write(box.querySelector(`.${part}`)!, text);
}

export function made(tag: string, text: string): HTMLElement {
  const result = document.createElement(tag);
  result.textContent = text;
  return result;
}
