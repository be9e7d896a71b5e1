import { type EmulationOptions, type FaultName, faultNames } from "../domain/emulation.ts";
import { emulatedSettings } from "../domain/first-site.ts";
import { UserError } from "./user-error.ts";

/** Flags of `muster serve` that say how the real service is emulated, as commander gives them. */
export interface EmulationFlags {
	readonly emulate?: true;
	readonly faults?: string;
	readonly seed?: string;
	readonly slow?: string;
	readonly timeout?: string;
}

const seedUsual = 1;
const slowSecondsUsual = 5;
/** What the real service gives a task, by its reference: half an hour. */
const timeoutSecondsUsual = 1_800;

/** @returns undefined where nothing is emulated. @throws UserError that names the flag, the value seen and what is allowed */
export function readEmulation(flags: EmulationFlags): EmulationOptions | undefined {
	const { emulate, faults, seed, slow, timeout } = flags;
	if (emulate === undefined) {
		const [stray] = Object.entries({ faults, seed, slow, timeout }).filter(([, text]) => text !== undefined);
		if (stray === undefined) return undefined;
		throw new UserError(`--${stray[0]} belongs to --emulate; say \`muster serve --emulate\` with it.`);
	}
	return {
		rates: faults === undefined ? {} : readRates(faults),
		seed: whole("seed", seed, 0) ?? seedUsual,
		slowSeconds: whole("slow", slow, 1) ?? slowSecondsUsual,
		timeoutSeconds: whole("timeout", timeout, 1) ?? timeoutSecondsUsual,
	};
}

/** What the greeting says of an emulation. */
export function describeEmulation({ rates, seed, slowSeconds, timeoutSeconds }: EmulationOptions): string {
	const settings = Object.entries(emulatedSettings).map(([name, value]) => `${name}=${value}`);
	const chances = Object.entries(rates).map(([name, rate]) => `${name}=${rate}`);
	const faults = chances.length === 0 ? "none by chance" : `${chances.join(",")} by seed ${seed}`;
	return [
		`  emulated  the real service: ${settings.join(" ")}`,
		`  faults    ${faults}; slow is ${slowSeconds} s, a task times out after ${timeoutSeconds} s`,
	].join("\n");
}

/** `429=0.1,lost=0.02`: together they come to 1 at most for an answer, and for a task. */
function readRates(text: string): EmulationOptions["rates"] {
	const rates: Partial<Record<FaultName, number>> = {};
	for (const part of text.split(",")) {
		const [name, rate = "", ...rest] = part.trim().split("=");
		const fault = faultNames.find((known) => known === name);
		const isRate = /^(0?\.\d{1,9}|0|1)$/.test(rate) && rest.length === 0;
		if (fault === undefined || !isRate || rates[fault] !== undefined) throw wrongRates(text, part);
		rates[fault] = Number(rate);
	}
	const { "429": tooMany = 0, "503": down = 0, lost = 0, slow = 0, failed = 0, stuck = 0 } = rates;
	if (tooMany + down + lost > 1 || slow + failed + stuck > 1) {
		throw new UserError(
			`--faults is ${JSON.stringify(text)}; 429, 503 and lost may come to 1 together, and so may slow, failed and stuck.`,
		);
	}
	return rates;
}

function wrongRates(text: string, part: string): UserError {
	return new UserError(
		`--faults is ${JSON.stringify(text)}, and ${JSON.stringify(part)} is no fault with its probability. Expected is 429=0.1,lost=0.02 with faults of ${faultNames.join(", ")}, each once, and probabilities from 0 to 1.`,
	);
}

function whole(flag: string, text: string | undefined, minimum: number): number | undefined {
	if (text === undefined) return undefined;
	if (/^\d{1,9}$/.test(text) && Number(text) >= minimum) return Number(text);
	throw new UserError(
		`--${flag} is ${JSON.stringify(text)}; a whole number from ${minimum} to 999999999 is expected.`,
	);
}
