/** What was refused, as a person is told: the rule's ID, what happened, what to do. */
export interface Refusal {
  readonly rule: string;
  readonly message: string;
  readonly remedy: string;
}

/** A refusal on its way from the depth of a parser to the person. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.rule} ${refusal.message}`);
    this.refusal = refusal;
  }
}
