/** A queue from which the cheapest comes first; of equals, the one that came first. */
export class Heap {
  private readonly items: { value: number; cost: number; turn: number }[] = [];
  private turn = 0;

  push(value: number, cost: number): void {
    const { items } = this;
    let at = items.push({ value, cost, turn: (this.turn += 1) }) - 1;
    while (at > 0 && this.before(at, (at - 1) >> 1)) at = this.swap(at, (at - 1) >> 1);
  }

  pop(): number | undefined {
    const { items } = this;
    const [best, last] = [items[0], items.pop()];
    if (!best || !last || items.length === 0) return best?.value;
    items[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < items.length && this.before(child, least)) least = child;
      if (least === at) return best.value;
      at = this.swap(at, least);
    }
  }

  private before(a: number, b: number): boolean {
    const [one, other] = [this.items[a], this.items[b]];
    return one !== undefined && other !== undefined && (one.cost < other.cost || (one.cost === other.cost && one.turn < other.turn));
  }

  private swap(from: number, to: number): number {
    const { items } = this;
    [items[from], items[to]] = [items[to] as (typeof items)[number], items[from] as (typeof items)[number]];
    return to;
  }
}
