/** A queue from which the cheapest comes first; of equals, the one with the lower number. */
export class Heap {
  private readonly values: number[] = [];
  private readonly costs: number[] = [];

  push(value: number, cost: number): void {
    let at = this.values.length;
    for (let above = (at - 1) >> 1; at > 0 && this.before(value, cost, above); above = (at - 1) >> 1) {
      this.move(above, at);
      at = above;
    }
    this.values[at] = value;
    this.costs[at] = cost;
  }

  pop(): number | undefined {
    const best = this.values[0];
    const [value, cost] = [this.values.pop(), this.costs.pop()];
    const count = this.values.length;
    if (value === undefined || cost === undefined || count === 0) return best;
    let at = 0;
    for (let child = 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && this.before(this.values[child + 1] as number, this.costs[child + 1] as number, child)) child += 1;
      if (this.before(value, cost, child)) break;
      this.move(child, at);
      at = child;
    }
    this.values[at] = value;
    this.costs[at] = cost;
    return best;
  }

  private before(value: number, cost: number, other: number): boolean {
    const of = this.costs[other] as number;
    return cost < of || (cost === of && value < (this.values[other] as number));
  }

  private move(from: number, to: number): void {
    this.values[to] = this.values[from] as number;
    this.costs[to] = this.costs[from] as number;
  }
}
