import { type ImportFormat, importFormats } from "@muster/client/contract";
import { show } from "../../domain/fault.ts";
import { ProblemError } from "../problem-error.ts";

/** The format of a file by its Content-Type. @throws ProblemError unsupported_media_type */
export function formatOf(contentType: string | undefined): ImportFormat {
	const [mediaType = "", ...parameters] = (contentType ?? "")
		.split(";")
		.map((part) => part.trim().toLowerCase());
	const formats = Object.entries(importFormats) as [ImportFormat, string][];
	const found = formats.find(([, type]) => type === mediaType);
	const charset = parameters.find((parameter) => parameter.startsWith("charset="));
	if (found === undefined) {
		throw new ProblemError(
			"unsupported_media_type",
			`The Content-Type is ${contentType === undefined ? "missing" : show(contentType)}; ${formats.map(([, type]) => type).join(" and ")} are allowed. Nothing was saved.`,
		);
	}
	if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
		throw new ProblemError(
			"unsupported_media_type",
			`The Content-Type says ${show(charset)}; only UTF-8 is read. Nothing was saved; convert the file, such as with iconv.`,
		);
	}
	return found[0];
}
