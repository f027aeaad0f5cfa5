/** The single registry of hand-made editors: the only place of the canvas that may name a kind of step. */
export {};
