const form = new Intl.NumberFormat();

export function count(value: number): string {
	return form.format(value);
}

/** "1 item", "2 items", "2 entries". */
export function counted(value: number, one: string): string {
	return `${count(value)} ${value === 1 ? one : one.replace(/y$/, "ie").concat("s")}`;
}
