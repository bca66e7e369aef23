/** A reason why nnlab cannot take over a part of a graph. */
export class Refusal extends Error {}
