import { areEnough, type Fault, show } from "./fault.ts";
import type { Link } from "./item.ts";
import { type Linked, linkWords } from "./linked.ts";

/** Something that an item's record can be associated with. */
export interface LinkTarget {
	readonly id: string;
	readonly key: string;
}

/** What items may associate their records with, of one kind, found by id and by key. */
export class LinkTargets {
	readonly #linked: Linked;
	readonly #ids: Set<string>;
	readonly #byKey: Map<string, string>;

	constructor(linked: Linked, targets: readonly LinkTarget[]) {
		this.#linked = linked;
		this.#ids = new Set(targets.map((target) => target.id));
		this.#byKey = new Map(targets.map((target) => [target.key, target.id]));
	}

	/** @returns the ids of those that are known, each once */
	resolveAll(links: readonly Link[], faults: Fault[]): readonly string[] {
		const ids = new Set<string>();
		for (const link of links) {
			if (areEnough(faults)) break;
			const id = this.#resolve(link, faults);
			if (id !== null) ids.add(id);
		}
		return [...ids];
	}

	#resolve(link: Link, faults: Fault[]): string | null {
		if (link.id !== null && this.#ids.has(link.id)) return link.id;
		const byKey = link.key === null ? undefined : this.#byKey.get(link.key);
		if (byKey !== undefined) return byKey;
		const { one, addressKey, idKey, hint } = linkWords[this.#linked];
		faults.push({
			code: `${one}_not_found`,
			pointer: link.pointer,
			message: `No ${one} of this site has the ${link.key === null ? idKey : addressKey} ${show(link.shown)}.`,
			hint,
		});
		return null;
	}
}
