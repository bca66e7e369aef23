/** A reason why nnlab cannot take over a part of a graph. */
export class Refusal extends Error {}

/** A value of a graph that there is no layer for, and why. */
export type Refused = { readonly refused: string }
