const form = new Intl.NumberFormat();

export function count(value: number): string {
	return form.format(value);
}

/** "1 item", "2 items". */
export function counted(value: number, one: string, many: string = `${one}s`): string {
	return `${count(value)} ${value === 1 ? one : many}`;
}
