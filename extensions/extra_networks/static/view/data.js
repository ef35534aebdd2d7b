/* The cards of one search, fetched by pages as the grid comes to need them. */

const { paintbox } = window;
const PAGE = 60;
const SETTLE_MS = 40;

export class Cards {
  /** `changed(kind)` is called with "all" when another list begins, and with "some" when cards have come. */
  constructor(type, changed, failed) {
    this.route = `paintbox/v1/networks/${encodeURIComponent(type)}/cards`;
    this.changed = changed;
    this.failed = failed;
    this.query = {};
    this.list = null; // { total, hidden, version, pages }
    this.round = 0;
    this.fetch = paintbox.debounce(SETTLE_MS, () => this.fetchMissing());
    this.span = [0, 0];
  }

  at(index) {
    return this.list?.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** The first list, which is there already. */
  begin(query, answer) {
    this.query = query;
    this.list = { ...answer, pages: new Map([[0, answer.cards]]) };
    this.changed("all");
  }

  /** Begin another list, or look whether this one is still true; resolves to whether the server's rows are the newest. */
  async look(query = this.query) {
    const round = (this.round += 1);
    const isOther = JSON.stringify(query) !== JSON.stringify(this.query) || !this.list;
    this.query = query;
    const answer = await this.page(0).catch((error) => {
      if (round === this.round) throw error;
    });
    if (round !== this.round) return true; // another question came after this one
    if (isOther || answer.version !== this.list.version || answer.total !== this.list.total || this.isOut) {
      this.isOut = false;
      this.list = { ...answer, pages: new Map([[0, answer.cards]]) };
      this.changed(isOther ? "all" : "anew");
    }
    return answer.is_fresh;
  }

  /** What is shown depends on something else that has changed: the next look brings it. */
  forget() {
    this.isOut = true;
  }

  page(number) {
    return paintbox.request("GET", `${this.route}?${new URLSearchParams({ ...this.query, offset: number * PAGE, limit: PAGE })}`);
  }

  /** The grid shows these: fetch what is not there, once the scrolling has come to rest for a moment. */
  need(from, to) {
    this.span = [from, to];
    for (let index = from; index < to; index += 1) if (!this.at(index)) return this.fetch();
  }

  async fetchMissing() {
    const [from, to] = this.span;
    const { list } = this;
    const numbers = [];
    for (let number = Math.floor(from / PAGE); number * PAGE < to; number += 1) if (!list.pages.has(number)) numbers.push(number);
    for (const number of numbers) list.pages.set(number, []); // asked for
    await Promise.all(
      numbers.map(async (number) => {
        try {
          list.pages.set(number, (await this.page(number)).cards);
        } catch (error) {
          list.pages.delete(number);
          this.failed(error);
        }
      }),
    );
    if (this.list === list && numbers.length) this.changed("some");
  }

  /** Another state of one card. */
  replace(card) {
    for (const page of this.list?.pages.values() ?? []) {
      const index = page.findIndex(({ name }) => name === card.name);
      if (index >= 0) page[index] = card;
    }
  }
}
