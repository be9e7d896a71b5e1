/** The parameters of a statement that is put together: each value gets its number, and no value ever stands in the text. */
export class Parameters {
	readonly values: unknown[];

	constructor(...first: readonly unknown[]) {
		this.values = [...first];
	}

	/** @returns how the statement names the value, such as "$3::text" */
	add(value: unknown, type: string): string {
		this.values.push(value);
		return `$${this.values.length}::${type}`;
	}
}
